package doctor

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Reached is what came of asking a media address over UDP who one is (RFC 8489).
type Reached struct {
	Addr netip.AddrPort
	Err  error
}

// CheckUDP judges whether media gets to the addresses that browsers are told.
// open says how to open the ports, as a command.
func CheckUDP(asked []Reached, open string) Finding {
	const check = "udp"
	var answered, silent []string
	for _, r := range asked {
		if r.Err == nil {
			answered = append(answered, r.Addr.String())
		} else {
			silent = append(silent, r.Addr.String())
		}
	}
	switch {
	case len(asked) == 0:
		return NotTried(check, "there is no public address to ask")
	case len(silent) == 0:
		return ok(check, strings.Join(answered, ", ")+" answers")
	case len(answered) > 0:
		return warn(check, fmt.Sprintf("%s answers, and %s does not", strings.Join(answered, ", "), strings.Join(silent, ", ")),
			fmt.Sprintf("name only addresses that people reach: media.announce: [%s]", hosts(answered))).by(open)
	}
	return fail(check, strings.Join(silent, ", ")+" does not answer: media goes by detours, or not at all",
		"let UDP through to that port and those after it, one per shard; behind NAT, forward them unchanged; and write the address that people reach in media.announce"+elsewhere).by(open)
}

func hosts(addrs []string) string {
	var out []string
	for _, a := range addrs {
		out = append(out, netip.MustParseAddrPort(a).Addr().String())
	}
	return strings.Join(out, ", ")
}

// Path is one of the ways media can go.
type Path string

// The paths, in the order in which browsers prefer them.
const (
	PathUDP     Path = "call-udp"
	PathTURNUDP Path = "call-turn-udp"
	PathTURNTCP Path = "call-turn-tcp"
	PathTURNTLS Path = "call-turn-tls"
)

// Paths returns all of them in that order.
func Paths() []Path { return []Path{PathUDP, PathTURNUDP, PathTURNTCP, PathTURNTLS} }

func (p Path) words() string {
	return map[Path]string{PathUDP: "UDP", PathTURNUDP: "TURN over UDP", PathTURNTCP: "TURN over TCP", PathTURNTLS: "TURN over TLS"}[p]
}

// Call is what came of a call between two people over one path.
type Call struct {
	Path Path
	URL  string // of the relay; empty when media went straight
	// Ports are the media ports that people were sent to, where media went straight.
	Ports []uint16
	Took  time.Duration
	Err   error
	Open  string // the command that opens the ports
}

// CheckCall judges whether two people hear each other over one path.
func CheckCall(c Call) Finding {
	check, over := string(c.Path), c.Path.words()
	if c.URL != "" {
		over += " at " + c.URL
	} else if c.Err == nil && len(c.Ports) > 0 {
		over += " port " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(c.Ports)), ", "), "[]")
	}
	if c.Err == nil {
		return ok(check, fmt.Sprintf("two people heard each other over %s after %s", over, c.Took.Round(10*time.Millisecond)))
	}
	message := fmt.Sprintf("two people did not hear each other over %s: %v", over, c.Err)
	switch c.Path {
	case PathTURNTCP:
		return fail(check, message, "let plain TCP through to Parley's own port, or name another way to it in turn.urls").by(c.Open)
	case PathTURNTLS:
		return fail(check, message, "let TLS through to Parley unread by an HTTP proxy, with a certificate for that name: name a TLS terminator that passes plain TCP to http.listen in turn.urls, or take an entry out that is not in use").
			by("openssl s_client -alpn stun.turn -connect " + hostPort(c.URL))
	}
	return fail(check, message, "let UDP through to media.port and those after it, one per shard, both ways; behind NAT, forward them unchanged").by(c.Open)
}

// hostPort is where a relay's address leads: host:port.
func hostPort(turnURL string) string {
	_, rest, _ := strings.Cut(turnURL, ":")
	rest, _, _ = strings.Cut(rest, "?")
	return rest
}

// NoPath is the finding of a path that the server offers nobody. relay says that
// it relays at all, secure that it is opened with https.
func NoPath(p Path, relay, secure bool) Finding {
	switch {
	case p != PathTURNUDP && !relay:
		return NotTried(string(p), "turn.enabled is off")
	case p == PathTURNTLS && !secure:
		return NotTried(string(p), "there is no https here, so there is no TURN over TLS")
	case p == PathTURNUDP:
		return warn(string(p), "no relay is offered over UDP", "write turn.enabled: on")
	}
	return warn(string(p), "no relay is offered over "+strings.TrimPrefix(p.words(), "TURN over ")+": who is behind a firewall that lets nothing but web pages through cannot join",
		"let a TLS terminator that does not look inside pass another name on to http.listen, and write it in turn.urls: [turns:relay.example.com:443?transport=tcp]")
}
