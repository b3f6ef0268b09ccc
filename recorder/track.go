package recorder

import (
	"sync/atomic"
	"time"

	"parley/recorder/frames"
)

// TrackOptions say what a track is.
type TrackOptions struct {
	Participant string
	Source      Source
	Codec       frames.Codec
	// Keyframe asks the sender for a keyframe. It is called from the recording's
	// goroutine, at most twice a second, and must return at once. It may be nil.
	Keyframe func()
}

// Track takes the packets of one source over one connection. Its methods copy what
// they keep, never block, and may be called from any goroutine; packets that have a
// lock of their own to wait for are those of the same recording.
type Track struct {
	recording *Recording
	options   TrackOptions
	key       lineKey
	open      atomic.Bool   // the gate; changed only under the recording's lock
	revoked   atomic.Uint32 // how often what was not on disk had to be forgotten
	before    atomic.Int32  // the last sequence number that the shut gate saw, -1 for none
}

// RTP takes one whole decrypted RTP packet. While the gate is shut it returns
// without having copied a byte, but remembers the sequence number: what was sent
// before the gate opened is not kept when it is repaired afterwards.
func (t *Track) RTP(arrived time.Time, packet []byte) {
	if !t.open.Load() {
		if len(packet) >= 4 {
			t.before.Store(int32(packet[2])<<8 | int32(packet[3]))
		}
		return
	}
	p := frames.Take(arrived, packet)
	if p == nil {
		return
	}
	if !t.recording.offer(t, p) {
		p.Free()
	}
}

// SenderReport takes what an RTCP sender report says of this line's clock: a moment as
// an RTP timestamp, and the same moment on the server's clock as an NTP timestamp.
func (t *Track) SenderReport(arrived time.Time, ntp uint64, rtp uint32) {
	t.recording.offerReport(t, senderReport{arrived, ntp, rtp})
}

// Close ends the track: what is under way is kept, and nothing that comes after.
// Another Track of the same source goes on in the same file.
func (t *Track) Close() { t.recording.detach(t) }

type senderReport struct {
	arrived time.Time
	ntp     uint64
	rtp     uint32
}

// sentBefore reports whether a packet was sent before the gate opened.
func (t *Track) sentBefore(seq uint16) bool {
	before := t.before.Load()
	if before < 0 {
		return false
	}
	distance := int16(seq - uint16(before))
	if distance > 1<<10 {
		t.before.Store(-1) // so far back that nothing is repaired
	}
	return distance <= 0
}
