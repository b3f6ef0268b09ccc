package socket

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkForward is the bare loop: receive what a publisher sends in bursts
// of one video frame, and pass each datagram on to the viewers.
func BenchmarkForward(b *testing.B) {
	for _, i := range implementations {
		for _, viewers := range []struct {
			name string
			n    int
		}{{"1 viewer", 1}, {"5 viewers", 5}, {"30 viewers", 30}} {
			b.Run(i.name+"/"+viewers.name, func(b *testing.B) { forward(b, i.options, viewers.n) })
		}
	}
}

func forward(b *testing.B, o Options, viewers int) {
	const burst, size = 5, 1100
	c := listen(b, loopback, o)
	publisher, _ := viewer(b, "udp4", "127.0.0.1:0")
	dests := make([]*Dest, viewers)
	for i := range dests {
		v, addr := viewer(b, "udp4", "127.0.0.1:0")
		if err := v.SetReadBuffer(1); err != nil { // so that the kernel drops at once
			b.Fatal(err)
		}
		dests[i] = c.Dest(addr)
	}
	frame := make([]byte, size)
	to := c.LocalAddr()
	b.ReportAllocs()
	delivered := 0
	for b.Loop() {
		b.StopTimer()
		for range burst {
			if _, err := publisher.WriteToUDPAddrPort(frame, to); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		for got := 0; got < burst; {
			ds, err := c.Receive(time.Second)
			if err != nil {
				b.Fatal(err)
			}
			for _, d := range ds {
				for _, to := range dests {
					c.Queue(copy(c.Slot(), d.Payload), to)
				}
			}
			sent, _ := c.Flush()
			delivered += sent
			got += len(ds)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(delivered), "ns/delivered")
}

// BenchmarkWakeup is the round trip to a blocked owner and back to the waker,
// of a Wake and of a datagram.
func BenchmarkWakeup(b *testing.B) {
	for _, i := range implementations {
		b.Run(i.name+"/wake", func(b *testing.B) {
			wakeup(b, i.options, func(c Conn) { c.Wake() })
		})
		b.Run(i.name+"/datagram", func(b *testing.B) {
			sender := listen(b, loopback, i.options)
			wakeup(b, i.options, func(c Conn) { _ = sender.WriteTo([]byte("x"), c.LocalAddr()) })
		})
	}
}

func wakeup(b *testing.B, o Options, wake func(Conn)) {
	c := listen(b, loopback, o)
	awake := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(awake)
		for {
			if _, err := c.Receive(-1); err != nil {
				return
			}
			awake <- struct{}{}
		}
	})
	b.ReportAllocs()
	for b.Loop() {
		wake(c)
		<-awake
	}
	// The last wake-ups are the one of Close and, before it, at most one more.
	wg.Go(func() {
		for range awake {
		}
	})
	if err := c.Close(); err != nil {
		b.Error("close:", err)
	}
}
