package sfu

import (
	"slices"
	"time"
)

// upTrack is a published source: its gate, its layers, and who is given it. Owned
// by the shard.
type upTrack struct {
	transport *transport
	source    Source
	rate      uint32
	open      bool         // the gate: closed, nothing passes
	layers    []*layer     // small to large; one where the source is not offered in layers
	seats     []*downTrack // where it is shown, or would be
	taps      []*tapped    // who is given it without a seat
	encodes   []Codec      // with which its client can send it as one stream of several layers

	wanted  layerSet  // as last told to the publisher
	codec   Codec     // and: that its layers are to be in one stream of this one
	better  time.Time // since when another codec, or none, would serve better
	asked   time.Time // since when it does not come
	told    bool      // wanted has been told
	shrinks time.Time // when fewer layers were first wanted than told
}

// layerSet is a set of a track's layers, by their place in it.
type layerSet uint8

func (s layerSet) has(i int) bool { return s&(1<<i) != 0 }

func newUpTrack(t *transport, source Source) *upTrack {
	u := &upTrack{transport: t, source: source, rate: rateOf(source.Video())}
	u.layers = []*layer{{track: u}}
	return u
}

// offered sets up the layers that the offer names, small to large. It is done
// once, by the first offer.
func (u *upTrack) offered(rids []string) {
	if len(rids) == 0 || u.layers[0].rid != "" {
		return
	}
	only := u.layers[0]
	u.layers = nil
	for _, rid := range rids {
		u.layers = append(u.layers, &layer{track: u, rid: rid})
	}
	for _, d := range slices.Clone(only.viewers) {
		d.take(nil)
		d.choose()
	}
	for _, l := range u.taps {
		l.want, l.from = nil, nil
		l.choose()
	}
}

// layer returns the one with a RID; without one the only one there is.
func (u *upTrack) layer(rid []byte) *layer {
	for _, l := range u.layers {
		if l.rid == string(rid) {
			return l
		}
	}
	return nil
}

// nearest returns the layer to send where target is wished for: that one if it
// arrives, or else the next smaller, or the next larger. When nothing arrives it
// is the target, to be waited for. One stream that holds all layers is for everybody.
func (u *upTrack) nearest(target int) *layer {
	if l := u.svc(); l != nil {
		return l
	}
	now := u.transport.shard.now
	target = min(max(target, 0), len(u.layers)-1)
	for i := target; i >= 0; i-- {
		if u.layers[i].live(now) {
			return u.layers[i]
		}
	}
	for _, l := range u.layers[target:] {
		if l.live(now) {
			return l
		}
	}
	return u.layers[target]
}

// gate opens or closes the track.
func (u *upTrack) gate(open bool) {
	if u.open == open {
		return
	}
	u.open = open
	if !open {
		for _, l := range u.layers {
			l.interrupt()
		}
	}
	if u.source == Mic {
		u.silence()
	}
}

// silence takes the microphone's voice out of the room's talk.
func (u *upTrack) silence() {
	t := u.transport
	v := t.stage.voices[t.id]
	if v == nil {
		return
	}
	if v.Silence() {
		t.stage.deliver(Speaking{Peer: t.id, On: false})
	}
	delete(t.stage.voices, t.id)
}

// shrinkAfter is how long fewer layers must be wanted before the publisher is told
// so: to start one again takes a keyframe.
const shrinkAfter = 2 * time.Second

// tellWanted tells the publisher which layers anybody watches, more at once and
// fewer after a while, and whether they are wished in one stream.
func (u *upTrack) tellWanted() {
	codec := u.wishes()
	if len(u.layers) < 2 && codec == u.codec {
		return
	}
	now, wanted := u.transport.shard.now, u.watched()
	if codec != "" {
		wanted = 1 // browsers know several layers of their first encoding alone
	}
	switch {
	case codec != u.codec:
	case u.told && wanted == u.wanted:
		u.shrinks = time.Time{}
		return
	case u.told && wanted&^u.wanted == 0:
		if u.shrinks.IsZero() {
			u.shrinks = now
		}
		if now.Sub(u.shrinks) < shrinkAfter {
			return
		}
	}
	u.wanted, u.codec, u.told, u.shrinks = wanted, codec, true, time.Time{}
	rids := []string{}
	for i, l := range u.layers {
		if !wanted.has(i) || codec != "" {
			l.wantedAt = time.Time{}
		} else if l.wantedAt.IsZero() {
			l.wantedAt = now
		}
		if wanted.has(i) && l.rid != "" {
			rids = append(rids, l.rid)
		}
	}
	u.transport.stage.deliver(LayersWanted{Peer: u.transport.id, Source: u.source, RIDs: rids, Codec: codec, Mode: u.mode(codec)})
}

// watched is the layers that somebody is sent, waits for, or would be sent if they
// arrived.
func (u *upTrack) watched() layerSet {
	var set layerSet
	for _, d := range u.seats {
		if d.paused() {
			continue
		}
		set |= 1 << min(d.target, len(u.layers)-1)
		for i, l := range u.layers {
			if l == d.want || l == d.from {
				set |= 1 << i
			}
		}
	}
	for _, t := range u.taps {
		set |= 1 << (len(u.layers) - 1)
		for i, l := range u.layers {
			if l == t.want || l == t.from {
				set |= 1 << i
			}
		}
	}
	return u.instead(set)
}

// instead adds to a set the next smaller layer of each that does not come though the
// publisher was told that it is wanted, as of a small camera or on a narrow way up.
func (u *upTrack) instead(set layerSet) layerSet {
	if !u.arrives() {
		return set
	}
	now := u.transport.shard.now
	for i := len(u.layers) - 1; i > 0; i-- {
		l := u.layers[i]
		if set.has(i) && !l.live(now) && !l.wantedAt.IsZero() && now.Sub(l.wantedAt) > layerWithin {
			set |= 1 << (i - 1)
		}
	}
	return set
}

func (u *upTrack) tick() {
	for _, t := range u.taps {
		t.choose()
	}
	for _, l := range u.layers {
		l.tick()
	}
	u.tellWanted()
}

// close empties the seats that show the track. Taps wait for whom they follow next.
func (u *upTrack) close() {
	for _, d := range slices.Clone(u.seats) {
		d.show(nil)
	}
	for _, t := range slices.Clone(u.taps) {
		t.follow(nil)
	}
	for _, l := range u.layers {
		l.close()
	}
}
