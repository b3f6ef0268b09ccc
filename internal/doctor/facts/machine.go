package facts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Directory says why files cannot be made in dir, in a clause that follows its
// name, or nothing. What is missing of the path is judged by what there is of it.
func Directory(dir string) (problem string) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		above := filepath.Dir(dir)
		if above == dir {
			return "is not there"
		}
		if problem := Directory(above); problem != "" {
			return "is not there, and " + above + " " + problem
		}
		return ""
	case errors.Is(err, fs.ErrPermission):
		return "may not be read"
	case err != nil:
		return "cannot be read: " + cause(err)
	case !info.IsDir():
		return "is no directory"
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return "cannot be written: " + cause(err)
	}
	return errorText(errors.Join(f.Close(), os.Remove(f.Name())))
}

func cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return "cannot be written: " + err.Error()
}

// Existing is dir, or the nearest directory above it that is there.
func Existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// NetLimit is a limit of the system's network core, such as rmem_max; 0 where it
// does not say.
func NetLimit(name string) int {
	raw, err := os.ReadFile(filepath.Join("/proc/sys/net/core", name))
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
	return n
}

// OpenFiles is how many files a process may have open; ok is false where the
// system does not say. pid 0 stands for this process. A Go program raises its own
// limit to the hard one, which is what counts.
func OpenFiles(pid int) (limit uint64, ok bool) {
	process := "self"
	if pid > 0 {
		process = strconv.Itoa(pid)
	}
	raw, err := os.ReadFile(filepath.Join("/proc", process, "limits"))
	if err != nil {
		return 0, false
	}
	return parseLimits(string(raw))
}

func parseLimits(text string) (limit uint64, ok bool) {
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, "Max open files")
		if !found {
			continue
		}
		if fields := strings.Fields(rest); len(fields) >= 2 { // soft, hard
			limit, err := strconv.ParseUint(fields[1], 10, 64)
			return limit, err == nil
		}
	}
	return 0, false
}

// Owner is the process id that the lock file of a data directory holds, while
// that process lives; 0: none does.
func Owner(lock string) int {
	raw, err := os.ReadFile(lock)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid <= 0 {
		return 0
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err != nil {
		return 0
	}
	return pid
}
