package sfu

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtp"
)

const (
	pictureEvery = 10 * time.Millisecond // between packets of a picture
	copiesOn     = 200                   // the SSRC of a viewer's retransmissions
)

// pictured is a viewer who is sent a picture, and tells what of it arrived.
type pictured struct {
	t     *testing.T
	wire  collector
	shard *shard
	layer *layer
	line  *downTrack
	heard *twcc.Recorder
	sent  int
}

func newPictured(t *testing.T) *pictured {
	p := &pictured{t: t, heard: twcc.NewRecorder(1)}
	p.shard = shardOn(&p.wire)
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	from := newTransport("from", p.shard, st, []Source{Camera}, 1)
	from.up[Camera].gate(true)
	v := newTransport("viewer", p.shard, st, nil, 2)
	out, err := benchKeys()
	if err != nil {
		t.Fatal(err)
	}
	v.keys(out, out)
	v.moved(netip.AddrPort{})
	v.ext = extensions{twcc: 3}
	v.rtt = 2 * pictureEvery
	var lines payloads
	lines.pt[vp8], lines.rtx[vp8] = 120, 121
	p.line = newDownTrack(v, true, 100, copiesOn, "seat0", lines, p.shard.now)
	p.line.rtxSeq = 1000 // far from where it wraps, which whoever decrypts would have to see
	v.seats = []seat{{video: p.line}}
	v.show(0, from)
	p.layer = from.up[Camera].layers[0]
	return p
}

// show sends n packets of a picture, of which one in lose is lost, or none
// where that is 0, and reports on them.
func (p *pictured) show(n, lose int) {
	p.t.Helper()
	v := p.line.viewer
	for range n {
		payload := make([]byte, 100)
		copy(payload, []byte{0x90, 0x80, 0x80, 0x01, 0x01})
		if p.sent == 0 {
			payload[4] = 0 // a keyframe
		}
		p.layer.pass(&packet{payload: payload, ts: uint32(p.sent) * 900, seq: uint16(p.sent), codec: vp8, keyframe: p.sent == 0})
		p.sent++
		if lose == 0 || p.sent%lose != 0 {
			p.heard.Record(1, v.twccSeq, p.shard.now.UnixMicro())
		}
		p.shard.now = p.shard.now.Add(pictureEvery)
		if p.sent%10 == 0 {
			p.report()
		}
	}
}

func (p *pictured) report() {
	p.t.Helper()
	for _, r := range p.heard.BuildFeedbackPacket() {
		b, err := r.Marshal()
		if err != nil {
			p.t.Fatal(err)
		}
		if err := p.line.viewer.down.estimator.Feedback(b[12:], p.shard.now); err != nil {
			p.t.Fatal(err)
		}
	}
}

// ask asks for the packet that was sent so long ago, and returns what leaves for it,
// decrypted.
func (p *pictured) ask(back uint16) (copies []rtp.Packet) {
	p.t.Helper()
	before := len(p.wire.queued)
	p.line.resend(p.line.lastOut - back)
	in, err := benchKeys()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range p.wire.queued[before:] {
		plain, err := in.DecryptRTP(nil, b, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		var c rtp.Packet
		if err := c.Unmarshal(plain); err != nil {
			p.t.Fatal(err)
		}
		copies = append(copies, c)
	}
	return copies
}

// copiesOut is how many retransmissions have left.
func (p *pictured) copiesOut() (n int) {
	for _, b := range p.wire.queued {
		if binary.BigEndian.Uint32(b[8:]) == copiesOn {
			n++
		}
	}
	return n
}

// Where much of what is sent again gets lost once more, a picture stands still for the
// round trips that it takes: from a fifth, copies go twice.
func TestWhatIsRepairedGoesTwiceFromAFifthLost(t *testing.T) {
	for _, tt := range []struct {
		lose int // one in so many
		want int // copies
	}{{0, 1}, {20, 1}, {10, 1}, {6, 1}, {5, 2}, {3, 2}, {2, 2}} {
		p := newPictured(t)
		p.show(600, tt.lose)
		want := uint16(p.line.lastOut - 20)
		copies := p.ask(20)
		if len(copies) != tt.want {
			t.Fatalf("with one in %d lost, told as %.3f, %d copies left, want %d", tt.lose, p.line.viewer.down.estimator.Loss(), len(copies), tt.want)
		}
		for i, c := range copies {
			if c.SSRC != copiesOn || c.PayloadType != 121 || binary.BigEndian.Uint16(c.Payload) != want {
				t.Errorf("copy %d is %v of packet %d, want packet %d", i, c.Header, binary.BigEndian.Uint16(c.Payload), want)
			}
			if i > 0 && c.SequenceNumber != copies[0].SequenceNumber+uint16(i) {
				t.Errorf("copies are numbered %d and %d: the second would be taken for a replay", copies[0].SequenceNumber, c.SequenceNumber)
			}
		}
		if n := len(p.ask(20)); n != 0 {
			t.Errorf("%d copies for a request before the first can have arrived", n)
		}
		if n := p.shard.count.retransmitted; n != 1 {
			t.Errorf("%d packets are counted as sent again, want 1", n)
		}
	}
}

// What is said of loss is of two seconds: copies go once again when it has ended.
func TestWhatIsRepairedGoesOnceWhenTheLossHasEnded(t *testing.T) {
	p := newPictured(t)
	for _, tt := range []struct{ lose, want int }{{0, 1}, {3, 2}, {10, 1}, {3, 2}, {0, 1}} {
		p.show(300, tt.lose)
		if n := len(p.ask(20)); n != tt.want {
			t.Errorf("after three seconds with one in %d lost %d copies leave, want %d", tt.lose, n, tt.want)
		}
	}
}

// The second copy is earned as the first is: who asks for everything gets no more
// copies than packets, and what has been saved up.
func TestCopiesThatGoTwiceAreBounded(t *testing.T) {
	p := newPictured(t)
	p.show(400, 3)
	for range 500 {
		p.show(1, 3)
		for back := range uint16(40) {
			p.line.resend(p.line.lastOut - back)
		}
	}
	if n, most := p.copiesOut(), 500*resendShare+resendBurst; n < most*9/10 || n > most {
		t.Errorf("%d copies for 500 packets and %d that were saved up", n, resendBurst)
	}
}

// With one copy left to earn, what is asked for goes once, and then not at all.
func TestTheLastCopyGoesOnce(t *testing.T) {
	p := newPictured(t)
	p.show(600, 3)
	p.line.history.earned = 3
	for i, want := range []int{2, 1, 0} {
		if n := len(p.ask(uint16(20 + i))); n != want {
			t.Errorf("request %d is answered by %d copies, want %d", i, n, want)
		}
	}
}
