package doctor

import (
	"fmt"
	"strings"
	"time"
)

// CheckData judges the data directory. problem says why it cannot be used, in a
// clause that follows its name; empty: it can.
func CheckData(dir, problem string) Finding {
	const check = "data"
	if problem == "" {
		return ok(check, dir+" can be written")
	}
	return fail(check, dir+" "+problem, "make it a directory that Parley's user may write, or name another one in data").
		by("sudo install -d -m 700 -o parley " + quote(dir))
}

// Limits of free disk.
const (
	littleDisk = 1 << 30
	noDisk     = 100 << 20
)

// CheckDisk judges how many bytes are free where the data directory is.
func CheckDisk(dir string, free uint64) Finding {
	const check = "disk"
	message := fmt.Sprintf("%s free at %s", size(free), dir)
	const fix = "make room there, or name a directory on another disk in data"
	command := "df -h " + quote(dir)
	switch {
	case free < noDisk:
		return fail(check, message+": the database cannot grow", fix).by(command)
	case free < littleDisk:
		return warn(check, message, fix).by(command)
	}
	return ok(check, message)
}

// Recordings is where recordings are kept.
type Recordings struct {
	Dir     string
	Problem string // why it cannot be used, in a clause that follows its name
	Free    uint64 // bytes; 0: the system does not say
}

// leastForRecordings is a few hours of two people who send 1.5 Mbit/s each.
const leastForRecordings = 5 << 30

// CheckRecordings judges whether interviews can be recorded.
func CheckRecordings(r Recordings) Finding {
	const check = "recordings"
	switch {
	case r.Problem != "":
		return fail(check, r.Dir+" "+r.Problem, "make it a directory that Parley's user may write, or name another one in recording.dir").
			by("sudo install -d -m 700 -o parley " + quote(r.Dir))
	case r.Free > 0 && r.Free < leastForRecordings:
		return warn(check, fmt.Sprintf("%s free at %s", size(r.Free), r.Dir), "make room there, name a directory on another disk in recording.dir, or keep recordings for a shorter time with recording.keep").
			by("df -h " + quote(r.Dir))
	}
	return ok(check, r.Dir+" can be written")
}

func size(n uint64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%d GB", n>>30)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// Buffers are how much the system lets a socket hold, in bytes; 0: it does not
// say.
type Buffers struct{ Read, Write, Wanted int }

// CheckBuffers judges the system's limits of socket buffers: a media socket that
// may hold little loses packets whenever the machine is busy for a moment.
func CheckBuffers(b Buffers) Finding {
	const check = "buffers"
	switch {
	case b.Read == 0 || b.Write == 0:
		return NotTried(check, "this system does not say how large they may be")
	case b.Read >= b.Wanted && b.Write >= b.Wanted:
		return ok(check, fmt.Sprintf("UDP sockets may hold %s", size(uint64(min(b.Read, b.Write)))))
	}
	return warn(check,
		fmt.Sprintf("UDP sockets may hold %d kB for reading and %d kB for writing, and media want %d kB: a moment's load loses packets", b.Read>>10, b.Write>>10, b.Wanted>>10),
		fmt.Sprintf("set net.core.rmem_max and net.core.wmem_max to %d, and start Parley again", b.Wanted)).
		by(fmt.Sprintf(`printf 'net.core.rmem_max=%d\nnet.core.wmem_max=%d\n' | sudo tee /etc/sysctl.d/60-parley.conf && sudo sysctl --system`, b.Wanted, b.Wanted))
}

// Limits of open files. Every person needs one, and one more over a relay.
const (
	fewFiles    = 4096
	tooFewFiles = 256
	enoughFiles = 65536
)

// CheckFiles judges how many files, which sockets are too, a process may have
// open. pid is the running server's; 0: there is none, and limit is this
// process's own.
func CheckFiles(limit uint64, pid int) Finding {
	const check = "files"
	message := fmt.Sprintf("%d files and sockets may be open", limit)
	if limit >= fewFiles {
		return ok(check, message)
	}
	fix := fmt.Sprintf("write LimitNOFILE=%d into the [Service] section of Parley's systemd unit, or start its container with --ulimit nofile=%d", enoughFiles, enoughFiles)
	f := warn(check, fmt.Sprintf("%s, and every person takes one or two: about %d people", message, limit*2/5), fix)
	if limit < tooFewFiles {
		f.Level = Fail
	}
	if pid > 0 {
		return f.by(fmt.Sprintf("sudo prlimit --pid %d --nofile=%d:%d", pid, enoughFiles, enoughFiles))
	}
	return f.by(fmt.Sprintf("ulimit -n %d", enoughFiles))
}

// Limits of a clock's error. The date of an answer is in whole seconds, and some
// seconds old.
const (
	slowClock  = 5 * time.Second
	wrongClock = time.Minute
)

// CheckClock judges this machine's clock, which is ahead of other's by ahead.
func CheckClock(ahead time.Duration, other string) Finding {
	const check = "clock"
	off := ahead.Abs().Round(time.Second)
	if off <= slowClock {
		return ok(check, "it agrees with "+other)
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	f := warn(check, fmt.Sprintf("it is %s %s %s", off, way, other), "let a time service set the clocks of both machines").
		by("sudo timedatectl set-ntp true && timedatectl timesync-status")
	if off > wrongClock {
		f.Level = Fail
		f.Message += ": signatures and certificates are taken for too old or too new"
	}
	return f
}

// Port is one that Parley listens on.
type Port struct {
	Network string // TCP, UDP
	Addr    string
	Setting string // that chooses it
	Taken   bool   // by somebody who is not Parley
	Holder  string // who that is, and its process id; empty: unknown
	PID     int    // of the holder; 0: unknown
	Denied  bool   // this user may not listen on it
	NotHere bool   // it is at an address of another machine
}

// CheckPorts judges whether Parley can listen where it is told to.
func CheckPorts(ports []Port) []Finding {
	const check = "ports"
	var found []Finding
	var free []string
	for _, p := range ports {
		name := p.Network + " " + p.Addr
		switch {
		case p.Denied:
			found = append(found, fail(check, name+" may not be listened on: ports below 1024 need more rights",
				"give Parley the right to, or choose another port in "+p.Setting).by(`sudo setcap cap_net_bind_service=+ep "$(command -v parley)"`))
		case p.NotHere:
			found = append(found, fail(check, name+" is no address of this machine", "choose one of its addresses in "+p.Setting+", or none for all of them").by("ip -brief address"))
		case p.Taken:
			holder, command := "another program", "sudo ss -lnp 'sport = :"+p.Addr[strings.LastIndex(p.Addr, ":")+1:]+"'"
			if p.Holder != "" {
				holder = p.Holder
			}
			if p.PID > 0 {
				command = fmt.Sprintf("ps -fp %d", p.PID)
			}
			found = append(found, fail(check, name+" is taken by "+holder, "stop it, or choose another port in "+p.Setting).by(command))
		default:
			free = append(free, name)
		}
	}
	if len(found) == 0 {
		found = append(found, ok(check, strings.Join(free, ", ")+": free"))
	}
	return found
}

// CheckFFmpeg judges whether films can be made of recordings; problem says why not.
func CheckFFmpeg(problem error) Finding {
	const check = "ffmpeg"
	if problem == nil {
		return ok(check, "it makes films of recordings")
	}
	return warn(check, problem.Error(), "install it, name it in recording.ffmpeg, or write recording.film: off").
		by("sudo apt-get install -y ffmpeg")
}

// quote makes one word of a path for a shell.
func quote(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
