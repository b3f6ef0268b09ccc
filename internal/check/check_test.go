package check

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
)

func TestAFewChecksAtATimeAndFewerOfOneNetwork(t *testing.T) {
	c := New(Config{})
	defer c.Close()
	begin := func(from string) error {
		_, _, err := c.Begin(netip.MustParseAddr(from))
		return err
	}
	for n := range ofNetwork {
		if err := begin(fmt.Sprintf("2001:db8::%d", n+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin("2001:db8::ffff:1"); !errors.Is(err, ErrBusy) {
		t.Errorf("one more of the network: got %v, want ErrBusy", err)
	}
	for n := range atOnce - ofNetwork {
		if err := begin(fmt.Sprintf("192.0.2.%d", n+1)); err != nil {
			t.Fatalf("from another network: %v", err)
		}
	}
	if err := begin("198.51.100.1"); !errors.Is(err, ErrBusy) {
		t.Errorf("one more in all: got %v, want ErrBusy", err)
	}
}

func TestACheckIsOverByItselfWhenItIsEndedAndWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan string, 8)
		c := New(Config{Gone: func(id string) { gone <- id }})
		from := netip.MustParseAddr("192.0.2.1")
		first, until, err := c.Begin(from)
		if err != nil || !c.Has(first) || !until.Equal(time.Now().Add(lasts)) {
			t.Fatalf("got %q until %v, %v", first, until, err)
		}
		time.Sleep(lasts - time.Millisecond)
		synctest.Wait()
		if !c.Has(first) {
			t.Error("it is over before its time")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if c.Has(first) || <-gone != first {
			t.Error("it is not over when it should be")
		}
		second, _, _ := c.Begin(from)
		c.End(second)
		c.End(second)
		c.End("check_unknown")
		if c.Has(second) || <-gone != second {
			t.Error("it goes on after its end")
		}
		third, _, _ := c.Begin(from)
		if err := errors.Join(c.Close(), c.Close()); err != nil || c.Has(third) || <-gone != third {
			t.Errorf("it goes on after Close (%v)", err)
		}
		if _, _, err := c.Begin(from); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: got %v, want ErrClosed", err)
		}
		if len(gone) > 0 {
			t.Error("one was told to be gone twice")
		}
	})
}

func TestAnOfferIsForACheckUnderWayAndForWhatABrowserSays(t *testing.T) {
	engine, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	c := New(Config{Engine: engine})
	defer c.Close()
	if _, err := c.Answer(t.Context(), "check_unknown", Offer{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	id, _, err := c.Begin(netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second offer takes the first one's place
		if _, err := c.Answer(t.Context(), id, Offer{SDP: "nonsense"}); !errors.Is(err, ErrOffer) {
			t.Errorf("got %v, want ErrOffer", err)
		}
	}
	if got := engine.Stats().Rooms; got != 1 {
		t.Errorf("%d media rooms, want 1", got)
	}
	c.End(id)
	if got := engine.Stats().Rooms; got != 0 {
		t.Errorf("%d media rooms after the check, want none", got)
	}
}
