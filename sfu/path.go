package sfu

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// Times of a path.
const (
	roamAfter    = 200 * time.Millisecond  // of quiet, media from elsewhere are followed
	trustFor     = 6 * time.Second         // to an address that only media vouch for
	nominatedFor = time.Second             // a nomination holds against one of lower priority
	uncheckedFor = 3500 * time.Millisecond // a pair may be, and still be the client's
	lostAfter    = 3 * time.Second         // of silence, after media: they come every 20 to 400 ms
	goneAfter    = 8 * time.Second         // of silence, where nothing but ICE checks is due: every 2.5 s or so
	backWithin   = 500 * time.Millisecond  // how fresh a sign of life must be
)

// path is where a peer is, and whether it is heard. Where a peer is, ICE decides:
// the client checks a pair and nominates it. But a NAT that forgets gives the
// client another address without a word to anybody, and browsers check a good pair
// only every 2.5 s. Meanwhile media come from the new address. They are never
// dropped for that: they are authentic by their keys. And when the old address has
// been quiet for roamAfter, they are followed, as WireGuard and QUIC follow their
// peers. Who copies a packet to us from elsewhere gains nothing while the true one
// arrives as well, for the old address is not quiet, and the copy is a replay. Who
// can hold the true ones back as well could already cut the connection; more than
// that, to aim the stream at somebody, lasts until the client is heard from where
// it is, and for trustFor at most: an address that ICE has not proven by then is
// given up and not followed again. Owned by the shard, but for checked.
type path struct {
	at      netip.AddrPort // where packets go
	heardAt time.Time      // the last authentic packet from there
	proven  netip.AddrPort // where ICE said last
	until   time.Time      // when an unproven at is given up; zero for a proven one
	barred  netip.AddrPort // that was given up

	connected bool
	silent    bool         // its owner was told that nothing is heard
	checked   atomic.Int64 // when ICE was last heard, in Unix nanoseconds
}

// moved sends everything to where ICE has chosen from now on.
func (t *transport) moved(to netip.AddrPort) {
	if t.closed {
		return
	}
	t.path.barred = netip.AddrPort{}
	t.proved(to)
	t.sendTo(to)
	// What either side sent into a silence is lost. Firefox takes two seconds to
	// find out that it needs a keyframe.
	if t.path.connected && t.shard.now.Sub(t.meter.heardAt) > silentAfter {
		t.refresh()
	}
}

func (t *transport) proved(a netip.AddrPort) {
	p := &t.path
	if !p.until.IsZero() {
		delete(t.shard.roamers, p.at)
	}
	p.proven, p.until = a, time.Time{}
}

func (t *transport) sendTo(a netip.AddrPort) {
	t.path.at, t.path.heardAt = a, t.shard.now
	t.dest = t.shard.conn.Dest(a)
}

// arrived notes an authentic packet, and follows it when it is time to.
func (t *transport) arrived(from netip.AddrPort) {
	now := t.shard.now
	t.meter.heardAt = now
	p := &t.path
	if from == p.at {
		p.heardAt = now
		return
	}
	if t.dest == nil || now.Sub(p.heardAt) < roamAfter || from == p.barred {
		return
	}
	t.proved(p.proven)
	if t.shard.mux.owns(t, from) {
		t.proved(from)
	} else {
		p.until = now.Add(trustFor)
		t.shard.roamers[from] = t
	}
	t.sendTo(from)
}

// watch gives up an address that ICE did not prove, and tells the owner when
// nothing is heard of the peer any more, and when it is again.
func (t *transport) watch() {
	now, p := t.shard.now, &t.path
	switch {
	case p.until.IsZero():
	case t.shard.mux.owns(t, p.at):
		t.proved(p.at)
	case now.After(p.until):
		p.barred = p.at
		t.proved(p.proven)
		t.sendTo(p.proven)
	}
	if !p.connected {
		return
	}
	heard := time.Unix(0, p.checked.Load())
	if heard.Before(t.meter.heardAt) {
		heard = t.meter.heardAt
	}
	quiet := now.Sub(heard)
	switch {
	case p.silent && quiet < backWithin:
		p.silent = false
		t.stage.deliver(Connected{Peer: t.id})
		t.refresh()
	case !p.silent && quiet > t.patience(heard):
		p.silent = true
		t.stage.deliver(Disconnected{Peer: t.id})
	}
}

// patience is how long silence may last that began at a moment: not long if media
// flowed then.
func (t *transport) patience(since time.Time) time.Duration {
	for l := range t.layers() {
		if since.Sub(l.heardAt) < silentAfter {
			return lostAfter
		}
	}
	return goneAfter
}

// refresh asks for the keyframes that everybody needs after a silence: those who
// watch the peer, and the peer of whom it watches. To wait for their requests
// would cost a round trip.
func (t *transport) refresh() {
	for l := range t.layers() {
		if l.needed() {
			l.needKeyframe()
		}
	}
	for _, d := range t.downs {
		if d.from != nil {
			d.from.needKeyframe()
		}
	}
}

// connectedNow takes the news that ICE and DTLS are through. It comes again after
// a restart; whether the peer was lost in between, watch knows.
func (t *transport) connectedNow() {
	if t.path.connected {
		return
	}
	t.path.connected = true
	t.meter.heardAt = t.shard.now
	t.stage.deliver(Connected{Peer: t.id})
}

// byStream finds whose packet comes from an address that ICE knows nothing of: of
// who is followed there, or else of who sends with its SSRC. Whether it is authentic
// its keys will tell.
func (s *shard) byStream(b []byte, from netip.AddrPort) *transport {
	if t := s.roamers[from]; t != nil {
		return t
	}
	ssrc := b[8:]
	if b[1] >= 192 && b[1] <= 223 {
		ssrc = b[4:]
	}
	t := s.publishers[binary.BigEndian.Uint32(ssrc)]
	if t == nil || t.closed {
		return nil
	}
	return t
}

// publishes notes whose stream an SSRC is. The first to claim it keeps it.
func (s *shard) publishes(ssrc uint32, t *transport) {
	if s.publishers[ssrc] == nil {
		s.publishers[ssrc] = t
	}
}

// unpublish forgets where a transport is followed, and its streams.
func (s *shard) unpublish(t *transport) {
	t.proved(t.path.proven)
	for ssrc := range t.streams {
		if s.publishers[ssrc] == t {
			delete(s.publishers, ssrc)
		}
	}
}

// chooser decides which authenticated checks select a path. It belongs to the
// peer's ICE agent.
type chooser struct {
	username  string // of the checks so far: a restart brings another
	at        netip.AddrPort
	priority  uint32
	nominated time.Time // last
	checked   time.Time // its pair, last
}

// chooses reports whether a check selects its pair: the first of all, and the
// first after a restart, for media may flow at once; then whatever the client
// nominates. Browsers nominate the pair they use. One that nominates every pair it
// has, while it begins, means the best of them; so a nomination of lower priority
// has to wait until there is no other. And one that only checks, without nominating
// again, is where its checks come from when those of the pair it nominated ceased.
func (c *chooser) chooses(m *stun.Message, remote ice.Candidate, now time.Time) bool {
	var name stun.Username
	if name.GetFrom(m) != nil {
		return false
	}
	addr, err := netip.ParseAddr(remote.Address())
	if err != nil {
		return false
	}
	at := netip.AddrPortFrom(addr.Unmap(), uint16(remote.Port()))
	nominates := m.Contains(stun.AttrUseCandidate)
	begins := name.String() != c.username
	switch {
	case begins:
		c.username, c.nominated = name.String(), time.Time{}
	case at == c.at:
		c.checked = now
		if nominates {
			c.nominated = now
		}
		return false
	case !nominates && now.Sub(c.checked) < uncheckedFor:
		return false
	case nominates && remote.Priority() < c.priority && now.Sub(c.nominated) < nominatedFor:
		return false
	}
	c.at, c.priority, c.checked = at, remote.Priority(), now
	if nominates {
		c.nominated = now
	}
	return true
}
