package recorder

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
	"parley/recorder/matroska"
)

// sender is one line of a browser whose clock runs at its own speed, over a network
// that delays, loses and repairs.
type sender struct {
	track *Track
	s     simple
	rate  float64       // ticks a second, by the server's clock
	delay time.Duration // of the network and what is before it
	rng   *rand.Rand
	key   atomic.Bool // a keyframe is wanted
	late  []latePacket
	base  uint32
	began time.Time
}

type latePacket struct {
	at  time.Time
	raw []byte
}

// send sends what was captured now: the payload says when that was.
func (d *sender) send(video bool) {
	now := time.Now()
	d.s.ts = d.base + uint32(int64(now.Sub(d.began).Seconds()*d.rate))
	payload := []byte{0xFC}
	if video {
		payload = []byte{0x10, 1, 0, 0}
		if d.key.Swap(false) {
			payload = []byte{0x10, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0}
		}
	}
	payload = append(payload, "capture:"...)
	payload = binary.BigEndian.AppendUint64(payload, uint64(now.UnixNano()))
	raw := d.s.packet(payload, 0)
	arrives := now.Add(d.delay + time.Duration(d.rng.IntN(20))*time.Millisecond)
	switch lost := d.rng.IntN(100); {
	case lost < 1: // for good
	case lost < 5: // and repaired
		d.late = append(d.late, latePacket{arrives.Add(120 * time.Millisecond), raw})
	default:
		d.late = append(d.late, latePacket{arrives, raw})
	}
}

// deliver hands over what has arrived.
func (d *sender) deliver() {
	now := time.Now()
	d.late = slices.DeleteFunc(d.late, func(p latePacket) bool {
		if p.at.After(now) {
			return false
		}
		d.track.RTP(now, p.raw)
		return true
	})
}

// report sends a sender report, as a tap gives it: on the server's clock, a little
// wrong.
func (d *sender) report() {
	now := time.Now()
	ts := d.base + uint32(int64(now.Sub(d.began).Seconds()*d.rate))
	wrong := time.Duration(d.rng.IntN(7)-3) * time.Millisecond
	d.track.SenderReport(now.Add(d.delay), ntpOf(now.Add(wrong)), ts)
}

func ntpOf(t time.Time) uint64 {
	n := t.UnixNano()
	return uint64(n/1e9+2208988800)<<32 | uint64(n%1e9)<<32/1e9
}

// TestSoundAndPicturesStayTogetherForAnHour is an hour with drifting clocks, 5 % loss,
// jitter, mutes and a new connection; every frame says when it was captured.
func TestSoundAndPicturesStayTogetherForAnHour(t *testing.T) {
	dir := t.TempDir()
	var m Manifest
	began := time.Time{}
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{})
		agree(t, rec, "ann")
		began = time.Now()
		rng := rand.New(rand.NewPCG(1, 2))
		var sound, picture *sender
		connect := func() {
			sound = &sender{rate: 48000 * (1 + 120e-6), delay: 30 * time.Millisecond, rng: rng, base: rng.Uint32(), began: time.Now()}
			picture = &sender{rate: 90000 * (1 - 60e-6), delay: 95 * time.Millisecond, rng: rng, base: rng.Uint32(), began: time.Now()}
			picture.key.Store(true)
			sound.s.seq, picture.s.seq = uint16(rng.Uint32()), uint16(rng.Uint32())
			p := picture
			sound.track = track(t, rec, TrackOptions{Participant: "ann", Source: Mic, Codec: frames.Opus})
			picture.track = track(t, rec, TrackOptions{Participant: "ann", Source: Camera, Codec: frames.VP8, Keyframe: func() { p.key.Store(true) }})
		}
		connect()
		for i := range 3600 * 50 {
			second := i / 50
			if i == 1800*50 {
				connect()
			}
			gone := second >= 1780 && second < 1800
			muted := second >= 600 && second < 780 || second%300 == 299
			if !gone && !muted {
				sound.send(false)
			}
			if !gone && i%2 == 0 {
				picture.send(true)
			}
			if !gone && i%250 == 120 {
				sound.report()
			}
			if !gone && i%50 == 35 {
				picture.report()
			}
			time.Sleep(20 * time.Millisecond)
			sound.deliver()
			picture.deliver()
		}
		m = stop(t, r, rec)
	})
	dir = filepath.Join(dir, "rec")
	verified(t, dir, m)
	if len(m.Files) != 2 {
		t.Fatalf("%d files", len(m.Files))
	}
	if off := m.Started.Add(time.Duration(m.DurationMS) * time.Millisecond).Sub(began.Add(time.Hour)); off.Abs() > 100*time.Millisecond {
		t.Errorf("the recording ends %v from where the call does", off)
	}
	errs := map[Source]map[int]time.Duration{}
	for _, f := range m.Files {
		var worst, least time.Duration
		errs[f.Source], worst, least = placement(t, dir, f, m.Started)
		t.Logf("%s: from %v to %v off; %d frames, %d packets lost, %d frames lost", f.Source, least, worst, f.Frames, f.Lost, f.Damaged)
		if worst > 40*time.Millisecond || least < -40*time.Millisecond {
			t.Errorf("%s is from %v to %v off its time", f.Source, least, worst)
		}
	}
	var apart time.Duration
	both := 0
	for tenth, a := range errs[Mic] {
		if v, seen := errs[Camera][tenth]; seen {
			both++
			apart = max(apart, (a - v).Abs())
		}
	}
	t.Logf("sound and pictures are at most %v apart, in %d tenths of a second", apart, both)
	if both < 25_000 || apart > 40*time.Millisecond {
		t.Errorf("sound and pictures are %v apart, in %d tenths of a second", apart, both)
	}
}

// TestASecondConnectionIsPlacedBeforeItsFirstReport: what was learned about the first
// holds for the next, whose first frame may be as fast as any.
func TestASecondConnectionIsPlacedBeforeItsFirstReport(t *testing.T) {
	const way = 30 * time.Millisecond
	began := time.Now()
	first, second := lineClock{rate: 90000}, lineClock{rate: 90000}
	frame := func(c *lineClock, at, slower time.Duration) time.Duration {
		captured := began.Add(at)
		return c.at(uint32(at.Milliseconds()*90), captured.Add(way+slower)).Sub(captured)
	}
	frame(&first, 0, 100*time.Millisecond) // the way was not free yet
	for at := 40 * time.Millisecond; at < time.Second; at += 40 * time.Millisecond {
		frame(&first, at, 2*time.Millisecond)
	}
	frame(&first, time.Second, 0)
	sent := began.Add(time.Second)
	first.report(sent.Add(way), ntpOf(sent), 90_000)
	second.bias = first.bias
	for i, slower := range []time.Duration{60 * time.Millisecond, 0, 5 * time.Millisecond, time.Millisecond} {
		want := time.Duration(0)
		if i == 0 {
			want = slower // nothing shows yet that it was
		}
		if got := frame(&second, time.Duration(i)*40*time.Millisecond, slower); (got - want).Abs() > time.Millisecond {
			t.Errorf("frame %d is %v late, want %v", i, got, want)
		}
	}
}

// placement reads a file and tells by how much each frame is later than it was
// captured: for each tenth of a second, and the extremes.
func placement(t *testing.T, dir string, f File, started time.Time) (tenths map[int]time.Duration, worst, least time.Duration) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, f.Name))
	ok(t, err)
	in, err := os.Open(filepath.Join(dir, f.Name))
	ok(t, err)
	defer in.Close()
	tenths = map[int]time.Duration{}
	_, err = matroska.Scan(in, f.Size, func(b matroska.Block) {
		data := raw[b.Position : b.Position+int64(b.Size)]
		if len(data) < 9 {
			return // fills a gap
		}
		captured := time.Unix(0, int64(binary.BigEndian.Uint64(data[len(data)-8:])))
		at := started.Add(time.Duration(f.StartMS)*time.Millisecond + b.At)
		off := at.Sub(captured)
		worst, least = max(worst, off), min(least, off)
		tenths[int(captured.Sub(started)/(100*time.Millisecond))] = off
	})
	ok(t, err)
	return tenths, worst, least
}
