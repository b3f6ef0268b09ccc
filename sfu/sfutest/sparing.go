package sfutest

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// sparing keeps back the reports that Pion makes every second of lines on which nothing
// has come or gone since the last: browsers say nothing of those. On a way of 40 kbit/s
// it would be a fifth of all that is sent.
type sparing struct {
	interceptor.NoOp

	mu   sync.Mutex
	told map[uint32]uint32 // by SSRC: packets sent, or the last number received
}

// NewInterceptor makes it its own factory: it is for one connection.
func (s *sparing) NewInterceptor(string) (interceptor.Interceptor, error) {
	s.told = map[uint32]uint32{}
	return s, nil
}

// BindRTCPWriter lets pass what is news.
func (s *sparing) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		if len(packets) == 1 && !s.news(packets[0]) {
			return 0, nil
		}
		return writer.Write(packets, a)
	})
}

func (s *sparing) news(p rtcp.Packet) bool {
	var of, count uint32
	switch p := p.(type) {
	case *rtcp.SenderReport:
		of, count = p.SSRC, p.PacketCount
	case *rtcp.ReceiverReport:
		if len(p.Reports) != 1 {
			return true
		}
		of, count = p.Reports[0].SSRC, p.Reports[0].LastSequenceNumber
	default:
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.told[of]
	s.told[of] = count
	return !known || before != count
}

// How often congestion feedback is sent: as libwebrtc, so that it takes a twentieth of
// what the way carries, and never less often than four times a second.
const (
	feedbackShare = 20
	feedbackBits  = 68 * 8
	feedbackMost  = 250 * time.Millisecond
	feedbackLeast = 100 * time.Millisecond
)

// every is how often congestion feedback is sent.
func (e *budget) every() time.Duration {
	d := time.Duration(feedbackShare*feedbackBits) * time.Second / time.Duration(max(e.target(), 1))
	return min(max(d, feedbackLeast), feedbackMost)
}

// ticker ticks as often as every says each time.
type ticker struct {
	c    chan time.Time
	quit chan struct{}
	done sync.WaitGroup
}

func (e *budget) ticker(time.Duration) twcc.Ticker {
	t := &ticker{c: make(chan time.Time), quit: make(chan struct{})}
	t.done.Go(func() {
		timer := time.NewTimer(e.every())
		defer timer.Stop()
		for {
			select {
			case now := <-timer.C:
				select {
				case t.c <- now:
				case <-t.quit:
					return
				}
				timer.Reset(e.every())
			case <-t.quit:
				return
			}
		}
	})
	return t
}

// Ch is where it ticks.
func (t *ticker) Ch() <-chan time.Time { return t.c }

// Stop ends it.
func (t *ticker) Stop() {
	close(t.quit)
	t.done.Wait()
}
