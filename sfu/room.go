package sfu

import (
	"sync"

	"parley/sfu/floor"
)

// Room is the peers that may be shown to each other, all on one shard. It knows
// nothing of who they are or what they may do; its owner decides that. Methods
// may be called from any goroutine but the shard's (never from deliver).
type Room struct {
	engine *Engine
	shard  *shard
	stage  *stage

	mu     sync.Mutex
	peers  map[*Peer]struct{}
	closed bool
}

// stage is the shard's side of a room.
type stage struct {
	deliver func(Event)
	voices  map[PeerID]*floor.Voice
	floor   floor.Floor[PeerID]
	taps    map[Tap]*tapped
}

func newRoom(e *Engine, s *shard, deliver func(Event)) *Room {
	r := &Room{
		engine: e,
		shard:  s,
		stage:  &stage{deliver: deliver, voices: map[PeerID]*floor.Voice{}, taps: map[Tap]*tapped{}},
		peers:  map[*Peer]struct{}{},
	}
	s.do(func() { s.stages[r.stage] = struct{}{} })
	return r
}

// NewPeer makes the server's end of one participant's connection. It waits for
// that client's offer. Ids are unique among the room's open peers.
func (r *Room) NewPeer(id PeerID, o PeerOptions) (*Peer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	p, err := newPeer(r, id, o)
	if err != nil {
		return nil, err
	}
	r.peers[p] = struct{}{}
	return p, nil
}

func (r *Room) forget(p *Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.peers, p)
}

// Close closes the peers and waits for them. No event comes after it. It may be
// called more than once.
func (r *Room) Close() {
	r.mu.Lock()
	r.closed = true
	peers := make([]*Peer, 0, len(r.peers))
	for p := range r.peers {
		peers = append(peers, p)
	}
	r.mu.Unlock()
	var closing sync.WaitGroup
	for _, p := range peers {
		closing.Go(p.Close)
	}
	closing.Wait()
	r.shard.wait(func() { delete(r.shard.stages, r.stage) })
	r.engine.forget(r)
}
