package sfutest

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Tapped is a tap of the engine: what it is given is checked as a browser's is.
type Tapped struct {
	place  *Received
	stream stream
	calls  int // guarded by place.mu
	packet rtp.Packet
}

// Tap makes a tap for the place's video, or its sound.
func (r *Received) Tap(video bool) *Tapped {
	return &Tapped{place: r, stream: stream{place: r, video: video}}
}

// RTP takes a packet.
func (t *Tapped) RTP(arrived time.Time, packet []byte) {
	t.count()
	if err := t.packet.Unmarshal(packet); err != nil {
		t.place.mu.Lock()
		defer t.place.mu.Unlock()
		t.place.video.violation("not a packet: %v", err)
		return
	}
	t.stream.take(&t.packet, arrived)
}

// SenderReport takes the relation of the line to the server's clock.
func (t *Tapped) SenderReport(_ time.Time, ntp uint64, ts uint32) {
	t.count()
	t.place.mu.Lock()
	defer t.place.mu.Unlock()
	t.place.sync.report(t.stream.video, &rtcp.SenderReport{NTPTime: ntp, RTPTime: ts})
}

func (t *Tapped) count() {
	t.place.mu.Lock()
	defer t.place.mu.Unlock()
	t.calls++
}

// Calls is how often the tap has been called.
func (t *Tapped) Calls() int {
	t.place.mu.Lock()
	defer t.place.mu.Unlock()
	return t.calls
}

// Extensions are the header extensions of the last packet, by their ids.
func (t *Tapped) Extensions() map[uint8][]byte {
	t.place.mu.Lock()
	defer t.place.mu.Unlock()
	all := map[uint8][]byte{}
	for _, id := range t.packet.GetExtensionIDs() {
		all[id] = append([]byte(nil), t.packet.GetExtension(id)...)
	}
	return all
}
