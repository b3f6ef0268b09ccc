package signaling

import (
	"net/http"
	"net/netip"
	"slices"

	"github.com/gorilla/websocket"

	"parley/signaling/wire"
)

// refuse answers a request that cannot become a session's socket, and reports
// whether it did.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case !websocket.IsWebSocketUpgrade(r):
		s.refuseFor(w, upgradeNoWebSocket)
	case !s.mayConnect(r):
		s.refuseFor(w, upgradeOrigin)
	case !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol):
		s.refuseFor(w, upgradeSubprotocol)
	default:
		return false
	}
	return true
}

func (s *Server) refuseFor(w http.ResponseWriter, reason string) {
	switch reason {
	case upgradeNoWebSocket:
		w.Header().Set("Upgrade", "websocket") // RFC 9110 §15.5.22
		s.turnAway(w, reason, http.StatusUpgradeRequired, "This address speaks WebSocket only.")
	case upgradeOrigin:
		s.turnAway(w, reason, http.StatusForbidden, "Pages of this origin may not connect.")
	case upgradeSubprotocol:
		s.turnAway(w, reason, http.StatusBadRequest, "The WebSocket subprotocol must be "+wire.Subprotocol+".")
	case upgradeTooMany:
		w.Header().Set("Retry-After", "5")
		s.turnAway(w, reason, http.StatusTooManyRequests, "Too many connections of this address have not said hello.")
	case upgradeClosing:
		w.Header().Set("Retry-After", "1")
		s.turnAway(w, reason, http.StatusServiceUnavailable, "The server is stopping.")
	}
}

func (s *Server) turnAway(w http.ResponseWriter, reason string, status int, sentence string) {
	s.stats.upgrades.add(reason)
	http.Error(w, sentence, status)
}

func remoteAddr(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // zero for what is no IP connection
	return from.Addr()
}

// network returns what one party can be expected to hold: one IPv4 address or
// one IPv6 subnet.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // zero for the zero address
	return p
}
