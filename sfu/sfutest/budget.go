package sfutest

import (
	"math"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

const (
	startEstimate = 300_000 // bit/s, as Chromium
	leastPicture  = 30_000
	audioBudget   = 50_000 // taken off for sound, headers included
	thinBudget    = 37_000 // for thin sound; as the other two seen in Chromium

	overuse   = 50 * time.Millisecond // of queue, where a sender backs off
	underuse  = 25 * time.Millisecond // of queue, where it may send more
	backOff   = 0.85                  // of what has arrived
	starting  = 2                     // growth a second, in place of the probes that begin
	quickly   = 0.5                   // and long after it backed off
	packet    = 1200 * 8              // bits; near where it backed off, about one a response time
	leastStep = 4_000                 // bit/s more a second
	longAfter = 5 * time.Second
	rateOver  = 150 * time.Millisecond // what arrives is measured, as in libwebrtc
	response  = 200 * time.Millisecond

	// Loss beyond lossFree bounds the rate to lossBalance over the rest, as
	// libwebrtc's loss-based estimator does at once.
	lossFree    = 0.05
	lossBalance = 75_000
)

// budget is a browser's estimate of what it may send: additive increase and
// multiplicative decrease by the queue that congestion feedback shows, bounded
// by loss, by REMB and by what the page was told. It is much simpler than a
// browser's, and like it where tests look: it finds a limit within seconds,
// keeps its queue short, and survives loss.
type budget struct {
	interceptor.NoOp

	mu       sync.Mutex
	sent     [1 << 13]departure
	estimate float64
	told     int // by the page, 0 is no limit
	held     bool
	thin     bool
	remb     int // by the other end
	loss     float64
	heard    time.Time // last feedback
	backed   time.Time // off
	base     time.Duration
	next     time.Duration
	way      time.Duration // the shortest of the feedback before
	since    time.Time     // the base's window began
	acked    int           // bytes
	ackedAt  time.Time     // counted since
	rate     float64       // that arrives
}

// departure is a packet sent.
type departure struct {
	seq  uint16
	size int
	at   time.Time
}

func newBudget() *budget { return &budget{estimate: startEstimate} }

// NewInterceptor makes the budget its own factory: it is for one connection.
func (e *budget) NewInterceptor(string) (interceptor.Interceptor, error) { return e, nil }

// BindLocalStream notes what leaves.
func (e *budget) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	twcc := extension(info, sdp.TransportCCURI)
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		var number rtp.TransportCCExtension
		if b := h.GetExtension(twcc); b != nil && number.Unmarshal(b) == nil {
			e.depart(number.TransportSequence, h.MarshalSize()+len(payload), time.Now())
		}
		return writer.Write(h, payload, a)
	})
}

func extension(info *interceptor.StreamInfo, uri string) uint8 {
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}

func (e *budget) depart(seq uint16, size int, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sent[seq%uint16(len(e.sent))] = departure{seq, size, now}
}

// target is what may be sent, sound included.
func (e *budget) target() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.estimate
	if e.loss > lossFree {
		t = min(t, lossBalance/(e.loss-lossFree))
	}
	if e.remb > 0 {
		t = min(t, float64(e.remb))
	}
	if e.told > 0 {
		t = min(t, float64(e.told)+e.sound())
	}
	return int(max(t, e.least()))
}

// least is what the streams that are sent take at the least: browsers believe in no
// less. The caller holds mu.
func (e *budget) least() float64 {
	if e.held {
		return e.sound()
	}
	return e.sound() + leastPicture
}

// sound is what is taken off for sound. The caller holds mu.
func (e *budget) sound() float64 {
	if e.thin {
		return thinBudget
	}
	return audioBudget
}

// leanBelow is where the packets of thin sound become longest: Chromium 156 was seen to
// send 8.5 of them a second, on ways of 80 and of 40 kbit/s.
const leanBelow = 100_000

// frames is how many frames of sound a thin packet has.
func (e *budget) frames() int {
	if e.target() < leanBelow {
		return leanFrames
	}
	return thinFrames
}

// picture is what may be sent of pictures.
func (e *budget) picture() int {
	t := e.target()
	e.mu.Lock()
	defer e.mu.Unlock()
	return t - int(e.sound())
}

// hold notes that the page sends no picture, or does again: then browsers probe, for
// there is more to send than before.
func (e *budget) hold(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.held && !on {
		e.backed = time.Time{}
	}
	e.held = on
}

// spare notes that the page has made the sound thin, or whole.
func (e *budget) spare(thin bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.thin = thin
}

// feedback takes a congestion feedback.
func (e *budget) feedback(cc *rtcp.TransportLayerCC, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	seq, arrived := cc.BaseSequenceNumber, time.Duration(cc.ReferenceTime)*64*time.Millisecond
	deltas := cc.RecvDeltas
	total, lost, shortest := 0, 0, time.Duration(1<<62)
	for _, symbol := range symbols(cc) {
		d := e.sent[seq%uint16(len(e.sent))]
		known := d.seq == seq && d.size > 0
		seq++
		total++
		if symbol == rtcp.TypeTCCPacketNotReceived {
			lost++
			continue
		}
		if len(deltas) == 0 {
			break
		}
		arrived += time.Duration(deltas[0].Delta) * time.Microsecond
		deltas = deltas[1:]
		if known {
			e.acked += d.size
			shortest = min(shortest, arrived-time.Duration(d.at.UnixNano()))
		}
	}
	if total == 0 || lost == total {
		return
	}
	e.loss += (float64(lost)/float64(total) - e.loss) / 10
	e.count(now)
	e.adapt(shortest, now)
}

// count measures the rate that arrives. The caller holds mu.
func (e *budget) count(now time.Time) {
	took := now.Sub(e.ackedAt)
	if took < rateOver {
		return
	}
	if took < 3*time.Second {
		e.rate = float64(e.acked*8) / took.Seconds()
	}
	e.acked, e.ackedAt = 0, now
}

// adapt moves the estimate by the shortest way that the last packets took. The
// caller holds mu.
func (e *budget) adapt(way time.Duration, now time.Time) {
	if e.since.IsZero() || now.Sub(e.since) > baseWindow {
		e.base = e.next
		if e.since.IsZero() {
			e.base = way
		}
		e.since, e.next = now, way
	}
	e.next, e.base = min(e.next, way), min(e.base, way)
	passed := min(now.Sub(e.heard), 250*time.Millisecond).Seconds()
	e.heard = now
	drains := way < e.way // as underuse holds libwebrtc's rate
	e.way = way
	switch queue := way - e.base; {
	case queue > overuse && drains:
	case queue > overuse && now.Sub(e.backed) > 300*time.Millisecond:
		e.estimate = max(min(e.estimate, backOff*e.rate), e.least())
		e.backed = now
	case queue < underuse && e.estimate < 3*e.rate+100_000: // browsers probe beyond what they send
		switch {
		case e.backed.IsZero():
			e.estimate *= 1 + starting*passed
		case now.Sub(e.backed) > longAfter:
			e.estimate *= 1 + quickly*passed
		default:
			e.estimate += e.step() * passed
		}
	}
}

// step is by how much the estimate grows in a second near the limit: as
// libwebrtc's, by about a packet a response time, so that those who share a link come
// to share it alike. The caller holds mu.
func (e *budget) step() float64 {
	frame := e.estimate / 30
	return max(leastStep, frame/math.Ceil(frame/packet)/response.Seconds())
}

// symbols lists the status of each packet that a feedback speaks of.
func symbols(cc *rtcp.TransportLayerCC) []uint16 {
	var all []uint16
	for _, c := range cc.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				all = append(all, c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			all = append(all, c.SymbolList...)
		}
	}
	return all[:min(len(all), int(cc.PacketStatusCount))]
}

// SetBudget says what all the browser's video together may take, in bit/s, as
// the page does with setParameters. 0 is no limit.
func (b *Browser) SetBudget(bitrate int) {
	b.budget.mu.Lock()
	defer b.budget.mu.Unlock()
	b.budget.told = bitrate
}

// Target is what the browser finds it may send now, in bit/s.
func (b *Browser) Target() int { return b.budget.target() }

func (e *budget) limit(remb int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remb = remb
}
