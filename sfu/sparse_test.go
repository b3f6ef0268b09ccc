package sfu

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// upload is a publisher whose packets come in, and who hears what arrived.
type upload struct {
	t     *testing.T
	wire  collector
	shard *shard
	from  *transport
	seqs  map[uint32]uint16
	twcc  uint16
}

const (
	soundIn   = 77 // SSRCs of what is published
	pictureIn = 78
)

func newUpload(t *testing.T) *upload {
	u := &upload{t: t, seqs: map[uint32]uint16{}}
	u.shard = shardOn(&u.wire)
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	u.from = newTransport("from", u.shard, st, []Source{Mic, Camera}, 1)
	in, err := benchKeys()
	if err != nil {
		t.Fatal(err)
	}
	out, err := benchKeys()
	if err != nil {
		t.Fatal(err)
	}
	u.from.keys(in, out)
	u.from.moved(netip.AddrPort{})
	u.from.ext = extensions{twcc: 4}
	u.from.payloads[Mic].kind[111] = opus
	u.from.payloads[Camera].kind[96] = vp8
	u.from.learn(soundIn, stream{layer: u.from.up[Mic].layers[0]})
	u.from.learn(pictureIn, stream{layer: u.from.up[Camera].layers[0]})
	return u
}

// packet lets one come in of so many bytes, header included as a bitrate counts it.
func (u *upload) packet(ssrc uint32, bytes int) {
	u.t.Helper()
	pt := uint8(111)
	if ssrc == pictureIn {
		pt = 96
	}
	u.twcc++
	u.seqs[ssrc]++
	h := rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: u.seqs[ssrc], SSRC: ssrc}
	if err := h.SetExtension(4, binary.BigEndian.AppendUint16(nil, u.twcc)); err != nil {
		u.t.Fatal(err)
	}
	plain, err := (&rtp.Packet{Header: h, Payload: make([]byte, bytes-headerSize)}).Marshal()
	if err != nil {
		u.t.Fatal(err)
	}
	keys, err := benchKeys()
	if err != nil {
		u.t.Fatal(err)
	}
	b, err := keys.EncryptRTP(nil, plain, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	u.from.receive(b, u.from.path.at)
}

// hears lets a time pass in which so many bit/s come in of each, and returns how many
// reports of what arrived leave.
func (u *upload) hears(d time.Duration, sound, picture int) (reports int) {
	u.t.Helper()
	before := len(u.wire.queued)
	for range d / tickEvery {
		u.shard.now = u.shard.now.Add(tickEvery)
		if sound > 0 {
			u.packet(soundIn, sound/8/int(time.Second/tickEvery))
		}
		if picture > 0 {
			u.packet(pictureIn, picture/8/int(time.Second/tickEvery))
		}
		u.from.tick()
	}
	keys, err := benchKeys()
	if err != nil {
		u.t.Fatal(err)
	}
	for _, b := range u.wire.queued[before:] {
		if b[1] < 192 || b[1] > 223 {
			continue
		}
		plain, err := keys.DecryptRTCP(nil, b, nil)
		if err != nil {
			u.t.Fatal(err)
		}
		all, err := rtcp.Unmarshal(plain)
		if err != nil {
			u.t.Fatal(err)
		}
		for _, p := range all {
			if _, ok := p.(*rtcp.TransportLayerCC); ok {
				reports++
			}
		}
	}
	return reports
}

// Ten reports a second are a fifth of what a way of 40 kbit/s carries: who sends little
// hears less often what arrived, who sends more or has just begun every 100 ms.
func TestWhoSendsLittleIsToldLessOften(t *testing.T) {
	const often, seldom = 100, 39 // in ten seconds, in ticks of 20 ms: every 260 ms
	for _, tt := range []struct {
		sound, picture int // bit/s
		want           int
	}{
		{30_000, 0, seldom},
		{56_000, 0, seldom},
		{64_000, 0, often},
		{30_000, 24_000, seldom},
		{30_000, 40_000, often},
		{0, 300_000, often},
		{40_000, 1_500_000, often},
	} {
		u := newUpload(t)
		if n := u.hears(time.Second, tt.sound, tt.picture); n != 10 {
			t.Errorf("%d + %d bit/s: %d reports in the first second, want 10", tt.sound, tt.picture, n)
		}
		u.hears(time.Second, tt.sound, tt.picture)
		if n := u.hears(10*time.Second, tt.sound, tt.picture); n < tt.want-1 || n > tt.want+1 {
			t.Errorf("%d + %d bit/s: %d reports in ten seconds, want %d", tt.sound, tt.picture, n, tt.want)
		}
	}
}

// A picture that begins again, or stops, changes how often within a second.
func TestReportsFollowWhatIsSent(t *testing.T) {
	u := newUpload(t)
	for i, tt := range []struct{ picture, want int }{{0, 19}, {300_000, 50}, {0, 19}, {20_000, 19}, {100_000, 50}} {
		u.hears(2*time.Second, 30_000, tt.picture)
		if n := u.hears(5*time.Second, 30_000, tt.picture); n < tt.want-1 || n > tt.want+1 {
			t.Errorf("%d: beside %d bit/s of picture %d reports in five seconds, want %d", i, tt.picture, n, tt.want)
		}
	}
}

// Nobody is told of nothing.
func TestWhoSendsNothingIsToldNothing(t *testing.T) {
	u := newUpload(t)
	u.hears(2*time.Second, 30_000, 0)
	u.hears(time.Second, 0, 0)
	if n := u.hears(5*time.Second, 0, 0); n != 0 {
		t.Errorf("%d reports on nothing", n)
	}
}
