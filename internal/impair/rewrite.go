package impair

import (
	"net/netip"
	"strconv"
	"strings"
)

// Rewrite puts an address in the place of every UDP candidate's in an answer.
// Lines end as they did; everything else stays.
func Rewrite(answer string, relay netip.AddrPort) string {
	lines := strings.SplitAfter(answer, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "a=candidate:") {
			continue
		}
		fields := strings.Split(line, " ") // RFC 8839 §5.1: foundation component transport priority address port …
		if len(fields) < 8 || !strings.EqualFold(fields[2], "udp") {
			continue
		}
		fields[4], fields[5] = relay.Addr().String(), strconv.Itoa(int(relay.Port()))
		lines[i] = strings.Join(fields, " ")
	}
	return strings.Join(lines, "")
}
