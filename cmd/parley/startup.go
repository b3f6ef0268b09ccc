package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"parley/internal/doctor"
)

// lookupTimeout bounds what the name service may delay a start.
const lookupTimeout = 2 * time.Second

// checkAddress refuses to start where nobody could be heard: see doctor.
func (s *server) checkAddress(ctx context.Context) error {
	if s.demo {
		return nil
	}
	host, _ := publicHost(s.url)
	return s.heed("media.announce", doctor.CheckAddress(doctor.Address{
		Host: host, Resolved: resolve(ctx, s.resolver, host), Announced: s.announced, Chosen: len(s.cfg.Media.Announce) > 0,
	}))
}

// resolve asks the name service for a host's addresses. Without an answer there
// are none, and nothing is asked about the machine itself.
func resolve(ctx context.Context, r *net.Resolver, host string) []netip.Addr {
	if isLocalHost(host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, _ := r.LookupNetIP(ctx, "ip", host)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found
}

// heed makes an error of what cannot work, and a warning of what may not.
func (s *server) heed(field string, f doctor.Finding) error {
	switch f.Level {
	case doctor.Fail:
		return refusal(field, f)
	case doctor.Warn:
		s.warn(f)
	}
	return nil
}

func (s *server) warn(f doctor.Finding) {
	if f.Command != "" {
		s.log.Warn(f.Message, "check", f.Check, "fix", f.Fix, "command", f.Command)
		return
	}
	s.log.Warn(f.Message, "check", f.Check, "fix", f.Fix)
}

// checkMachine warns of what the machine is short of.
func (s *server) checkMachine(ctx context.Context) error {
	if s.demo {
		return nil
	}
	doctor.Examine(ctx, machineChecks(s.cfg.Data, 0), func(f doctor.Finding) {
		if f.Level == doctor.Warn || f.Level == doctor.Fail {
			s.warn(f)
		}
	})
	return nil
}

// refusal is a finding as an error.
func refusal(field string, f doctor.Finding) error {
	return &configError{field: field, message: f.Message + "; " + f.Fix}
}

// ports are those that have to be open for people elsewhere.
type ports struct {
	tcp     []string
	udp, to int // the first and the last
}

func (s *server) ports() ports {
	return portsOf(s.listener.Addr().String(), s.cfg.HTTP.Redirect, s.engine.Addrs())
}

func portsOf(listen, redirect string, media []netip.AddrPort) ports {
	var p ports
	for _, text := range []string{listen, redirect} {
		host, port, err := net.SplitHostPort(text)
		if a, parse := netip.ParseAddr(host); err == nil && (parse != nil || !a.IsLoopback()) && host != "localhost" {
			p.tcp = append(p.tcp, port)
		}
	}
	for _, a := range media {
		if n := int(a.Port()); p.udp == 0 || n < p.udp {
			p.udp = n
		}
		p.to = max(p.to, int(a.Port()))
	}
	return p
}

// String names the ports: TCP 443, UDP 3478-3479.
func (p ports) String() string {
	var parts []string
	if len(p.tcp) > 0 {
		parts = append(parts, "TCP "+strings.Join(p.tcp, " and "))
	}
	return strings.Join(append(parts, "UDP "+p.span("-")), ", ")
}

func (p ports) span(dash string) string {
	if p.udp == p.to {
		return strconv.Itoa(p.udp)
	}
	return strconv.Itoa(p.udp) + dash + strconv.Itoa(p.to)
}

// command opens the ports with the firewall that the machine has; has says
// whether it has a program. Without one it is plain words.
func (p ports) command(has func(program string) bool) string {
	var steps []string
	step := func(format string, args ...any) { steps = append(steps, fmt.Sprintf(format, args...)) }
	switch {
	case has("ufw"):
		for _, t := range p.tcp {
			step("sudo ufw allow %s/tcp", t)
		}
		step("sudo ufw allow %s/udp", p.span(":"))
	case has("firewall-cmd"):
		for _, t := range p.tcp {
			step("sudo firewall-cmd --permanent --add-port=%s/tcp", t)
		}
		step("sudo firewall-cmd --permanent --add-port=%s/udp", p.span("-"))
		step("sudo firewall-cmd --reload")
	case has("nft"):
		if len(p.tcp) > 0 {
			step("sudo nft add rule inet filter input tcp dport '{ %s }' accept", strings.Join(p.tcp, ", "))
		}
		step("sudo nft add rule inet filter input udp dport %s accept", p.span("-"))
	default:
		return "let them through the firewall in front of this machine, if there is one"
	}
	return strings.Join(steps, " && ")
}

func hasProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
