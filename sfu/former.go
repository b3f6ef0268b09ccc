package sfu

import (
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/stun/v4"
)

// How long checks under former credentials may stay away until they are forgotten
// at the next restart, and how many there may be.
const (
	formerFor = 30 * time.Second // browsers check a pair in use every 2.5 to 6 s
	formerAll = 4
)

// credentials are those of an ICE agent of ours: what a client's checks name, and
// are authenticated with.
type credentials struct {
	ufrag, pwd string
}

// former is what an agent was called before a restart. Browsers go on checking the
// pair in use under it until another has won (RFC 8445 §9), and Pion's agent knows
// it no more. Without answers Chromium gives the pair up after five seconds,
// whether it has another or not.
type former struct {
	credentials

	transport *transport
	heardAt   time.Time
}

// named notes under which credentials a peer was answered, and keeps those before.
func (m *mux) named(t *transport, c credentials, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := &t.names
	if n.gone || n.now == c {
		return
	}
	if n.now != (credentials{}) {
		n.formers = slices.DeleteFunc(n.formers, func(f *former) bool { return m.drop(f, now.Sub(f.heardAt) > formerFor) })
		if len(n.formers) == formerAll {
			m.drop(n.formers[0], true)
			n.formers = n.formers[1:]
		}
		f := &former{credentials: n.now, transport: t, heardAt: now}
		n.formers = append(n.formers, f)
		m.formers[f.ufrag] = f
	}
	n.now = c
}

// drop forgets a former name, if it is to be. The caller holds mu.
func (m *mux) drop(f *former, really bool) bool {
	if really {
		delete(m.formers, f.ufrag)
	}
	return really
}

// answerFormer answers a check under a former name, and reports whether it was
// one. It has to come from an address that ICE has authenticated: such a name
// opens no path.
func (m *mux) answerFormer(b []byte, from netip.AddrPort, now time.Time) bool {
	ufrag := stunReceiver(b)
	m.mu.RLock()
	f := m.formers[string(ufrag)]
	m.mu.RUnlock()
	if ufrag == nil || f == nil || !m.owns(f.transport, from) {
		return false
	}
	integrity := stun.NewShortTermIntegrity(f.pwd)
	check := &stun.Message{Raw: slices.Clone(b)}
	if check.Decode() != nil || integrity.Check(check) != nil {
		return false
	}
	mapped := &stun.XORMappedAddress{IP: net.IP(from.Addr().AsSlice()), Port: int(from.Port())}
	answer, err := stun.Build(stun.NewTransactionIDSetter(check.TransactionID), stun.BindingSuccess, mapped, integrity, stun.Fingerprint)
	if err != nil {
		return false
	}
	m.mu.Lock()
	f.heardAt = now
	m.mu.Unlock()
	f.transport.path.checked.Store(now.UnixNano())
	_ = m.conn.WriteTo(answer.Raw, from) // lost like any other; it is asked again
	return true
}
