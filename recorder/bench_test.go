package recorder

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"parley/recorder/frames"
)

// BenchmarkTwoPersonRooms records rooms of two people in real time: from each 50
// packets of sound and 25 pictures of 7.5 kB a second, which is 1.6 Mbit/s. It tells
// what a room costs, without making the packets.
func BenchmarkTwoPersonRooms(b *testing.B) {
	const rooms, length = 20, 5 * time.Second
	for b.Loop() {
		recordRooms(b, rooms, length)
	}
}

// room is what two people send.
type room struct {
	tracks [4]*Track
	lines  [4]simple
}

func recordRooms(b *testing.B, rooms int, length time.Duration) {
	before := heap()
	r, err := New(Config{Directory: b.TempDir()})
	ok(b, err)
	all := make([]*room, rooms)
	var recs []*Recording
	for i := range all {
		rec, err := r.Start(Options{ID: "room" + string(rune('a'+i)), Mode: ModeAll})
		ok(b, err)
		recs = append(recs, rec)
		room := new(room)
		for j, id := range []string{"ann", "bob"} {
			agree(b, rec, id)
			room.tracks[2*j] = track(b, rec, TrackOptions{Participant: id, Source: Mic, Codec: frames.Opus})
			room.tracks[2*j+1] = track(b, rec, TrackOptions{Participant: id, Source: Camera, Codec: frames.VP8})
		}
		all[i] = room
	}
	var making time.Duration
	var sound, picture []byte = append([]byte{0xFC}, make([]byte, 80)...), make([]byte, 1100)
	began, cpu := time.Now(), cpuTime()
	for tick := 0; time.Since(began) < length; tick++ {
		time.Sleep(time.Until(began.Add(time.Duration(tick) * 20 * time.Millisecond)))
		made := time.Now()
		for _, room := range all {
			room.send(tick, sound, picture)
		}
		making += time.Since(made)
	}
	used, took := cpuTime()-cpu, time.Since(began)
	memory := heap() - before
	for _, rec := range recs {
		rec.Stop("")
	}
	ok(b, r.Close(b.Context()))
	b.ReportMetric(used.Seconds()/took.Seconds()/float64(rooms), "cores/room")
	b.ReportMetric(float64(memory)/float64(rooms)/1e6, "MB/room")
	b.ReportMetric(making.Seconds()/took.Seconds()/float64(rooms), "cores-of-callers/room")
	b.ReportMetric(float64(r.Stats().WrittenBytes)*8/took.Seconds()/float64(rooms)/1e6, "Mbit/s/room")
}

func (r *room) send(tick int, sound, picture []byte) {
	now := time.Now()
	for i := 0; i < 4; i += 2 {
		r.tracks[i].RTP(now, r.lines[i].packet(sound, 960))
	}
	if tick%2 != 0 {
		return
	}
	for i := 1; i < 4; i += 2 {
		l := &r.lines[i]
		for part := range 7 {
			copy(picture, []byte{0, 1, 0, 0})
			if part == 0 {
				copy(picture, []byte{0x10, 1, 0, 0})
				if tick%500 == 0 {
					copy(picture, []byte{0x10, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0})
				}
			}
			p := l.packet(picture, 0)
			if part < 6 {
				p[1] &^= 0x80
			} else {
				l.ts += 3600
			}
			r.tracks[i].RTP(now, p)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTrack is what a packet costs whoever has it.
func BenchmarkTrack(b *testing.B) {
	for _, c := range []struct {
		name string
		open bool
	}{{"open", true}, {"shut", false}} {
		b.Run(c.name, func(b *testing.B) {
			r, rec := start(b, b.TempDir(), Options{})
			if c.open {
				agree(b, rec, "ann")
			}
			tr := track(b, rec, TrackOptions{Participant: "ann", Source: Mic, Codec: frames.Opus})
			var s simple
			packets := make([][]byte, 1<<12)
			for i := range packets {
				packets[i] = s.packet(append([]byte{0xFC}, make([]byte, 200)...), 960)
			}
			b.ReportAllocs()
			now, i := time.Now(), 0
			for b.Loop() {
				tr.RTP(now, packets[i%len(packets)])
				i++
			}
			b.StopTimer()
			rec.Stop("")
			ok(b, r.Close(b.Context()))
		})
	}
}
