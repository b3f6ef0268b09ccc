package netbench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
	"parley/sfu/sfutest/link"
)

// begin is the first seconds of a call.
const begin = 10 * time.Second

// starting measures the first seconds of two people behind a link that is what it is
// from the beginning.
func starting(p sfutest.Path) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r := open(t, seed)
			defer r.close()
			r.impair(p)
			camera := sfutest.Adaptive(sfu.Camera, fps, rate)
			a := r.join("alice", sfutest.Behind(r.router), camera)
			b := r.join("ben", sfutest.Behind(r.router), camera)
			a.show(b)
			b.show(a)
			up, down := r.router.Links()
			start := time.Now()
			longest := longest(r.queues(begin, up, down))
			for _, p := range r.people {
				texts = append(texts, p.began(start, longest))
			}
		})
		return texts
	}
}

// audience measures the first seconds of somebody who comes to watch a publisher of
// layers whom another watches already.
func audience(down sfutest.Path) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r := open(t, seed)
			defer r.close()
			from := r.join("alice", sfutest.Up(clean()), sfutest.Down(clean()), sfutest.Layered(sfutest.ChromiumStyle, fps, rate))
			ben := r.join("ben", sfutest.Up(clean()), sfutest.Down(clean()))
			ben.Stop(sfu.Camera)
			ben.show(from)
			time.Sleep(warmUp)
			late := r.join("late", sfutest.Up(clean()), sfutest.Down(down))
			late.Stop(sfu.Camera)
			late.show(from)
			start, best, reached := time.Now(), -1, time.Duration(0)
			_, way := late.Links()
			var queues []time.Duration
			for time.Since(start) < begin {
				queues = append(queues, r.queues(sample, way)...)
				if v := late.Seat(0).Video(); v.Frames > 0 && v.Layer > best {
					best, reached = v.Layer, time.Since(start)
				}
			}
			text := late.began(start, longest(queues))
			if best >= 0 {
				text += fmt.Sprintf(", layer %s after %.1f s", layers[best], reached.Seconds())
			}
			texts = append(texts, text)
		})
		return texts
	}
}

var layers = [...]string{"q", "h", "f"}

func longest(queues []time.Duration) time.Duration { return slices.Max(queues) }

// began tells of somebody's first seconds.
func (p *person) began(start time.Time, queue time.Duration) string {
	f, v := p.figures(start, 0), p.Seat(0).Video()
	first := "no picture"
	if !v.First.IsZero() {
		first = fmt.Sprintf("first picture after %.1f s", v.First.Sub(start).Seconds())
	}
	return fmt.Sprintf("%s, frozen %.1f %%, concealed %.2f %%, %.0f fps, queue at most %d ms", first, 100*f.frozen, 100*f.concealed, f.fps, queue.Milliseconds())
}

// queues samples how long the queues of ways are, for a time.
func (r *room) queues(d time.Duration, ways ...*link.Link) (queues []time.Duration) {
	for range d / sample {
		time.Sleep(sample)
		now := time.Now()
		for _, p := range r.people {
			if p.paused.Load() || p.sees != nil && p.sees.held.Load() {
				p.off += sample
			}
		}
		for _, way := range ways {
			queues = append(queues, way.Queued(now))
		}
	}
	return queues
}
