package facts

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Holder finds who has a port open on this machine: the process's name and id, or
// nothing where the system does not say, or not to this user. network is tcp or
// udp.
func Holder(network string, port uint16) (name string, pid int) {
	inodes := map[string]bool{}
	for _, family := range []string{"", "6"} {
		raw, err := os.ReadFile("/proc/net/" + network + family)
		if err != nil {
			continue
		}
		for _, inode := range portInodes(string(raw), port, network == "tcp") {
			inodes["socket:["+inode+"]"] = true
		}
	}
	if len(inodes) == 0 {
		return "", 0
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !inodes[target] {
			continue
		}
		process := strings.Split(link, "/")[2]
		raw, err := os.ReadFile("/proc/" + process + "/comm")
		pid, numeric := strconv.Atoi(process)
		if err == nil && numeric == nil {
			return strings.TrimSpace(string(raw)), pid
		}
	}
	return "", 0
}

// listening is a TCP socket's state in /proc/net/tcp.
const listening = "0A"

// portInodes are the inodes of the sockets on a port, from a table of /proc/net.
func portInodes(table string, port uint16, listeningOnly bool) []string {
	var inodes []string
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 10 {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		n, err := strconv.ParseUint(hex, 16, 16)
		if err == nil && uint16(n) == port && (!listeningOnly || fields[3] == listening) {
			inodes = append(inodes, fields[9])
		}
	}
	return inodes
}
