package sfu

import (
	"slices"
	"time"
)

// Codec is a codec that can hold several layers in one stream (SVC), by the name it
// has in MIME types.
type Codec string

// The codecs that are asked for in layers.
const (
	VP9 Codec = "vp9"
	AV1 Codec = "av1"
)

// kind is the codec as packets have it.
func (c Codec) kind() codec {
	switch c {
	case VP9:
		return vp9
	case AV1:
		return av1
	}
	return noPayload
}

// How long another way to send a source must be better until it is asked for: to change
// over takes a keyframe, and a moment without pictures.
const (
	servesFor = 3 * time.Second  // one stream of several layers
	uselessIn = 10 * time.Second // the plain ones, while the other does no harm
	comesIn   = 8 * time.Second  // what is asked for, or it is not asked for any more
)

// wishes is the codec in which the source is wished as one stream of several layers,
// empty where it is wished as it was offered. Into it goes slowly, and out of it at
// once where somebody cannot do with it: who cannot decode it must not wait.
func (u *upTrack) wishes() Codec {
	if len(u.encodes) == 0 {
		u.better = time.Time{}
		return ""
	}
	now := u.transport.shard.now
	if u.codec != "" && u.svc() == nil && u.arrives() {
		if now.Sub(u.asked) > comesIn {
			u.encodes, u.better = nil, time.Time{} // until its page says again that it can
			return ""
		}
	} else {
		u.asked = now
	}
	if u.codec != "" && (len(u.taps) > 0 || !u.suits(u.codec)) {
		u.better = time.Time{}
		return ""
	}
	best, after := u.best(), servesFor
	if u.codec != "" {
		after = uselessIn
	}
	switch {
	case best == u.codec:
		u.better = time.Time{}
	case u.better.IsZero():
		u.better = now
	case now.Sub(u.better) >= after:
		u.better = time.Time{}
		return best
	}
	return u.codec
}

// arrives reports whether anything of the source does.
func (u *upTrack) arrives() bool {
	return slices.ContainsFunc(u.layers, func(l *layer) bool { return l.live(u.transport.shard.now) })
}

// best is the first of the codecs that would serve everybody at present: the ones
// that cost a camera's computer little, and those that keep a screen's text sharp.
func (u *upTrack) best() Codec {
	order := [...]Codec{VP9, AV1}
	if u.source == Screen {
		order = [...]Codec{AV1, VP9}
	}
	least := 1
	if u.source == Camera {
		least = 2
	}
	if !u.open || len(u.taps) > 0 || u.watchers() < least {
		return ""
	}
	for _, c := range order {
		if u.suits(c) {
			return c
		}
	}
	return ""
}

// suits reports whether the publisher can send a codec in layers, and every viewer
// take it.
func (u *upTrack) suits(c Codec) bool {
	t, kind := u.transport, c.kind()
	if !slices.Contains(u.encodes, c) || t.payloads[u.source].pt[kind] == 0 || t.ext.descriptor == 0 {
		return false
	}
	for _, d := range u.seats {
		if d.payloads.pt[kind] == 0 || c == AV1 && d.viewer.ext.descriptor == 0 {
			return false
		}
	}
	return true
}

// watchers is how many look at the source, or would if their connection carried it.
func (u *upTrack) watchers() (n int) {
	for _, d := range u.seats {
		if !d.paused() || d.starved {
			n++
		}
	}
	return n
}

// mode is the scalability mode that a source is wished in (webrtc-svc §5): sizes that
// need one another at keyframes alone, so that a viewer is not sent what it does not
// show, or frames a second.
func (u *upTrack) mode(c Codec) string {
	switch {
	case c == "":
		return ""
	case u.source == Screen:
		return "L1T3"
	}
	return "L3T3_KEY"
}
