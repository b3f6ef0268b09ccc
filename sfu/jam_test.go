package sfu

import (
	"slices"
	"testing"
	"time"
)

// queue is a way up whose queue is as long as told.
type queue struct {
	*upload
	told []Jammed
}

func newQueue(t *testing.T) *queue {
	q := &queue{upload: newUpload(t)}
	q.from.stage.deliver = func(e Event) {
		if j, ok := e.(Jammed); ok {
			q.told = append(q.told, j)
		}
	}
	return q
}

// arrives lets a tick pass in which a packet of a source has come that waited for so
// long, and reports whether there is a jam.
func (q *queue) arrives(s Source, wait time.Duration, bytes int) bool {
	q.shard.now = q.shard.now.Add(tickEvery)
	q.late(s, wait)
	q.from.jam.bytes += bytes
	q.from.mindJam()
	return q.from.jam.on
}

func (q *queue) late(s Source, wait time.Duration) {
	l := q.from.up[s].layers[0]
	l.heardAt = q.shard.now
	rate := rateOf(s.Video())
	l.backlog.Observe(uint32(q.shard.now.Add(-wait).UnixNano()/1000*int64(rate)/1e6), q.shard.now, rate)
}

// A jam ends when its queue has gone, or has been bearable for as long as one may take
// to go: then it is a path that has become longer.
func TestAJamEndsWhereThePathHasBecomeLonger(t *testing.T) {
	q := newQueue(t)
	waits := func(wait time.Duration) bool { return q.arrives(Mic, wait, 0) }
	if waits(0) || waits(unbearable-10*time.Millisecond) {
		t.Fatal("jammed by a queue that is bearable")
	}
	if !waits(unbearable + 10*time.Millisecond) {
		t.Fatal("not jammed by a queue that is not")
	}
	if waits(gone - 10*time.Millisecond) {
		t.Error("jammed when the queue has gone")
	}
	waits(2 * unbearable)
	lasts := time.Duration(0)
	for waits(gone+50*time.Millisecond) && lasts < 10*goneWithin {
		lasts += tickEvery
	}
	if lasts < goneWithin-2*tickEvery || lasts > goneWithin+2*tickEvery {
		t.Errorf("a jam lasts for %v of a wait that stays, want %v", lasts, goneWithin)
	}
}

// A picture that comes late beside sound that does not has been held by its encoder, and
// sound that comes late beside a picture that does not has lost samples.
func TestWhatIsLateByItselfIsNoJam(t *testing.T) {
	q := newQueue(t)
	for range settled / tickEvery {
		q.late(Camera, 0)
		q.arrives(Mic, 0, 0)
	}
	for range 50 {
		q.late(Camera, 2*unbearable)
		if q.arrives(Mic, 10*time.Millisecond, 0) {
			t.Fatal("jammed by pictures alone")
		}
	}
	for range 50 {
		q.late(Camera, 10*time.Millisecond)
		if q.arrives(Mic, 2*unbearable, 0) {
			t.Fatal("jammed by sound alone")
		}
	}
	q.late(Camera, 2*unbearable)
	if !q.arrives(Mic, 2*unbearable, 0) {
		t.Error("not jammed by sound and pictures that are late")
	}
	q.shard.now = q.shard.now.Add(2 * silentAfter) // who is muted sends no sound
	if !q.arrives(Camera, 2*unbearable, 0) {
		t.Error("not jammed by late pictures where there is no sound")
	}
}

// The owner is told of a jam, with what arrives through it, once it has lasted.
func TestAJamIsTold(t *testing.T) {
	const narrow = 41_000 / 8 / 50 // bytes in a tick
	for _, tt := range []struct {
		name  string
		waits func(i int) (wait time.Duration, bytes int)
		want  []Jammed
	}{
		{"that lasts", func(i int) (time.Duration, int) { return min(time.Duration(i)*tickEvery, time.Second), narrow },
			[]Jammed{{Peer: "from", On: true, Bitrate: 40_800}}},
		{"that goes", func(i int) (time.Duration, int) {
			return max(0, min(time.Duration(i)*tickEvery, 2*time.Second-time.Duration(i)*tickEvery)), narrow
		}, []Jammed{{Peer: "from", On: true, Bitrate: 40_800}, {Peer: "from"}}},
		{"once, until less is sent", func(i int) (time.Duration, int) {
			if i > 40 && i < 40+int(jamObeyed/tickEvery)/2 {
				return time.Second, narrow / 2
			}
			return min(time.Duration(i)*tickEvery, time.Second), narrow
		}, []Jammed{{Peer: "from", On: true, Bitrate: 40_800}}},
		{"that others had for a moment", func(i int) (time.Duration, int) {
			if i > 30 && i < 60 {
				return min(time.Duration(i)*tickEvery, time.Second), 4 * narrow
			}
			return min(time.Duration(i)*tickEvery, time.Second), narrow
		}, []Jammed{{Peer: "from", On: true, Bitrate: 40_800}, {Peer: "from", On: true, Bitrate: 163_200}, {Peer: "from", On: true, Bitrate: 40_800}}},
		{"that gets worse", func(i int) (time.Duration, int) {
			if i > 40 {
				return time.Second, narrow / 2
			}
			return min(time.Duration(i)*tickEvery, time.Second), narrow
		}, []Jammed{{Peer: "from", On: true, Bitrate: 40_800}, {Peer: "from", On: true, Bitrate: 20_400}}},
		{"but not a burst that was held back", func(i int) (time.Duration, int) {
			return max(0, time.Second-time.Duration(i)*5*tickEvery), narrow
		}, nil},
		{"nor a queue that is bearable", func(int) (time.Duration, int) { return 200 * time.Millisecond, narrow }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(t)
			for range settled / tickEvery {
				q.arrives(Mic, 0, 0)
			}
			for i := range 4 * time.Second / tickEvery {
				wait, bytes := tt.waits(int(i))
				q.arrives(Mic, wait, bytes)
			}
			if !slices.Equal(q.told, tt.want) {
				t.Errorf("told %+v, want %+v", q.told, tt.want)
			}
		})
	}
}

func TestABudgetInAJamIsLessThanWhatArrives(t *testing.T) {
	for _, tt := range []struct {
		name string
		j    jam
		want int
	}{
		{"no jam", jam{budget: 900_000}, 900_000},
		{"a jam that has just begun", jam{on: true, budget: 900_000}, noPicture},
		{"one that lets much through", jam{on: true, budget: 900_000, told: 400_000}, noPicture},
		{"one that lets little through", jam{on: true, budget: 900_000, told: 40_000}, 34_000},
		{"one that lets nothing through", jam{on: true, budget: 900_000, told: 1}, leastAudio},
		{"a viewer who can take less", jam{on: true, budget: 30_000, told: 400_000}, 30_000},
	} {
		if got := tt.j.allows(); got != tt.want {
			t.Errorf("%s: %d bit/s, want %d", tt.name, got, tt.want)
		}
	}
}
