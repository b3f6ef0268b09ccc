package socket

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// fastest is the shortest time f takes in a few tries, which says what it can
// take, on a busy machine too.
func fastest(f func()) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

func TestAWakeEndsReceive(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		took := fastest(func() {
			var wg sync.WaitGroup
			wg.Go(func() {
				if ds, err := c.Receive(900 * time.Millisecond); len(ds) != 0 || err != nil {
					t.Errorf("Receive returned %d datagrams and %v, want none and no error", len(ds), err)
				}
			})
			time.Sleep(10 * time.Millisecond) // so that it blocks; without, the test is the next one
			c.Wake()
			wg.Wait()
		})
		if took > 500*time.Millisecond {
			t.Errorf("Receive returned after %v", took)
		}
	})
}

func TestAWakeBeforeReceiveIsKept(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		receive := func(timeout time.Duration) {
			if ds, err := c.Receive(timeout); len(ds) != 0 || err != nil {
				t.Fatalf("Receive returned %d datagrams and %v, want none and no error", len(ds), err)
			}
		}
		took := fastest(func() {
			for range 3 {
				c.Wake()
			}
			receive(900 * time.Millisecond)
		})
		if took > 500*time.Millisecond {
			t.Errorf("Receive returned after %v, want at once", took)
		}
		start := time.Now()
		receive(100 * time.Millisecond)
		if d := time.Since(start); d < 90*time.Millisecond {
			t.Errorf("a second Receive returned after %v: three wakes were not one", d)
		}
	})
}

// A wake may never be lost, whatever moment of the owner's loop it meets.
func TestNoWakeIsLost(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		asked, done := make(chan int, 1), make(chan int)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			defer close(done)
			for {
				if _, err := c.Receive(-1); err != nil {
					return
				}
				select {
				case n := <-asked:
					done <- n
				default:
				}
			}
		})
		slow := 0
		for i := 0; i < 2000 && slow <= 3; i++ {
			start := time.Now()
			asked <- i
			c.Wake()
			if got := <-done; got != i {
				t.Fatalf("answered %d, want %d", got, i)
			}
			if time.Since(start) > 900*time.Millisecond {
				slow++ // a lost wake, or a very busy machine
			}
		}
		if slow > 3 {
			t.Errorf("%d answers came only with a timeout", slow)
		}
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
	})
}

func TestReceiveTimesOut(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		for _, timeout := range []time.Duration{0, time.Millisecond, 40 * time.Millisecond, 10 * time.Millisecond} {
			start := time.Now()
			ds, err := c.Receive(timeout)
			took := time.Since(start)
			if len(ds) != 0 || err != nil {
				t.Fatalf("timeout %v: %d datagrams and %v, want none and no error", timeout, len(ds), err)
			}
			if took < timeout-time.Millisecond || took > timeout+2*time.Second {
				t.Errorf("timeout %v took %v", timeout, took)
			}
		}
	})
}

func TestAPollReturnsWhatIsThere(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		v, _ := viewer(t, "udp4", "127.0.0.1:0")
		if _, err := v.WriteToUDPAddrPort([]byte("hello"), c.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		ds, err := c.Receive(0)
		if err != nil || len(ds) != 1 || string(ds[0].Payload) != "hello" {
			t.Errorf("polled %v and %v, want one datagram", ds, err)
		}
	})
}

func TestCloseEndsReceive(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		result := make(chan error)
		go func() {
			_, err := c.Receive(-1)
			result <- err
		}()
		time.Sleep(20 * time.Millisecond) // so that it blocks; without, the outcome is the same
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
		if err := <-result; !errors.Is(err, ErrClosed) {
			t.Errorf("the running Receive returned %v, want ErrClosed", err)
		}
		if _, err := c.Receive(time.Second); !errors.Is(err, ErrClosed) {
			t.Errorf("a later Receive returned %v, want ErrClosed", err)
		}
		if err := c.Close(); err != nil {
			t.Error("closed again:", err)
		}
		c.Wake()
		c.Queue(4, c.Dest(c.LocalAddr()))
		if sent, dropped := c.Flush(); sent != 0 || dropped != 1 {
			t.Errorf("flushed %d and dropped %d after Close, want 0 and 1", sent, dropped)
		}
		if err := c.WriteTo([]byte("x"), c.LocalAddr()); !errors.Is(err, ErrClosed) {
			t.Errorf("WriteTo returned %v, want ErrClosed", err)
		}
	})
}
