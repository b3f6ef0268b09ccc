package signaling

import (
	"testing"

	"parley/internal/conference"
	"parley/signaling/wire"
)

func numbers(items []item) []int64 {
	var out []int64
	for _, i := range items {
		if p, ok := i.message.(wire.Pong); ok {
			out = append(out, p.N)
		}
	}
	return out
}

func TestWhatIsHeldComesAfterTheWelcome(t *testing.T) {
	o := newOutbox()
	o.hold()
	o.put(item{message: wire.Pong{N: 2}})
	if items, end := o.take(); items != nil || end != nil {
		t.Errorf("got %v, %v while held, want nothing", items, end)
	}
	o.release(wire.Pong{N: 1})
	o.put(item{message: wire.Pong{N: 3}})
	items, end := o.take()
	if got := numbers(items); len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 3 || end != nil {
		t.Errorf("got %v, %v, want 1 2 3 and no ending", got, end)
	}
}

func TestAnEndingWhileHeldDropsWhatNeededTheWelcome(t *testing.T) {
	o := newOutbox()
	o.hold()
	o.put(item{message: wire.Pong{N: 2}})
	o.close(ending{1001, "going_away"}, wire.GoingAway{})
	o.release(wire.Pong{N: 1})
	items, end := o.take()
	if len(items) != 1 || items[0].message.Type() != wire.TypeGoingAway || end == nil || end.code != 1001 {
		t.Errorf("got %v, %v, want going_away and 1001", items, end)
	}
}

func TestTheFirstEndingCounts(t *testing.T) {
	o := newOutbox()
	o.put(item{message: wire.Pong{N: 1}})
	if !o.close(ending{1000, "left"}) || o.close(ending{1008, "slow"}, wire.Error{}) {
		t.Error("got a second ending, want one")
	}
	o.put(item{message: wire.Pong{N: 2}})
	items, end := o.take()
	if got := numbers(items); len(got) != 1 || len(items) != 1 || end.reason != "left" {
		t.Errorf("got %v, %v, want only what came before the first ending", items, end)
	}
}

func TestAFullQueueIsThrownAway(t *testing.T) {
	o := newOutbox()
	for i := range int64(queueLimit) {
		o.put(item{message: wire.Pong{N: i}})
	}
	if o.ended() != nil {
		t.Fatal("ended at the limit, want one more to end it")
	}
	o.put(item{message: wire.Pong{}})
	items, end := o.take()
	if len(items) != 1 || end == nil || end.code != wire.ClosePolicy || end.reason != "slow" {
		t.Errorf("got %d items and %v, want the error alone and 1008 slow", len(items), end)
	}
}

func TestEveryNoticeHasItsMessage(t *testing.T) {
	for _, n := range []conference.Notice{
		conference.Entered{}, conference.Joined{}, conference.Left{}, conference.Changed{}, conference.Seated{},
		conference.Published{}, conference.Speaking{}, conference.Media{}, conference.StateChanged{},
	} {
		m := message(n)
		if m == nil {
			t.Errorf("no message for %T", n)
			continue
		}
		if _, err := wire.Encode(m); err != nil {
			t.Errorf("%T: %v", n, err)
		}
	}
}

func TestCountsAreAClosedSet(t *testing.T) {
	c := newCounts("a")
	c.add("a")
	c.add("from the network")
	c.add("from the network too")
	if got := c.values(); len(got) != 2 || got["a"] != 1 || got["other"] != 2 {
		t.Errorf("got %v, want a: 1, other: 2", got)
	}
}
