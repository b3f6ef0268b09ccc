// Package netbench measures what is left of a call on bad networks: virtual
// ones, with the real server between scripted browsers. `make bench-network`
// prints its table.
package netbench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

var (
	table = flag.Bool("table", false, "measure every row and print the table")
	only  = flag.String("only", "", "measure the rows that contain this")
	seeds = flag.Uint64("seeds", 3, "how many chances to measure a row with")
)

// row is a line of the table.
type row struct {
	name, livekit, reach string
	measure              func(t *testing.T, seed uint64) []string // one text for each of the seeds, or parts of it
}

func rows() []row {
	loss := func(p float64) func(*testing.T, uint64) []string {
		return steady(sfutest.Path{Delay: oneWay, Loss: p})
	}
	return []row{
		{"no impairment", "–", "–", loss(0)},
		{"5 % loss each way", "frozen 15–25 %, concealed 0.8–1.0 %", "≤ 5 %, ≤ 0.3 %", loss(0.05)},
		{"10 % loss each way", "38–41 %, 2.9–3.2 %", "≤ 15 %, ≤ 1 %", loss(0.10)},
		{"30 % loss each way", "36–45 % at 2.4–3.4 fps, 20–24 %", "≤ 25 % at ≥ 8 fps, ≤ 8 %", loss(0.30)},
		{"bursts, 10 %, mean length 5", "22–28 %, 9–12 %", "≤ 12 %, ≤ 5 %", steady(sfutest.Path{Delay: oneWay, Loss: 0.1, Burst: 5})},
		{"100 ± 100 ms with reordering", "17–22 %, 2–4 %", "≤ 8 %, ≤ 1.5 %", steady(sfutest.Path{Jitter: 200 * time.Millisecond, Reorder: true})},
		{"500 kbit/s", "1–3 %, 0–0.7 %", "≤ 1 %, ≥ 20 fps, queue < 300 ms", steady(narrow(500_000))},
		{"150 kbit/s, 400 ms RTT, 5 % loss", "–", "concealed < 5 %; video off or ≥ 5 fps",
			steady(sfutest.Path{Delay: 200 * time.Millisecond, Loss: 0.05, Rate: 150_000, Queue: time.Second})},
		{"40 kbit/s per person", "–", "audio only, still a conversation", steady(narrow(80_000))},
		{"600 kbit/s, 3 % loss", "–", "≤ 5 %, ≤ 0.5 %", steady(lossy(600_000, 0.03))},
		{"1 Mbit/s, 20 % loss", "–", "≤ 20 %, ≤ 4 %", steady(lossy(1_000_000, 0.20))},
		{"1 Mbit/s, 300 ms of jitter", "–", "≤ 5 %, ≤ 3 %", steady(sfutest.Path{Delay: oneWay, Jitter: 300 * time.Millisecond, Rate: 1_000_000, Queue: time.Second})},
		{"1 Mbit/s and 20 % loss on the way down", "–", "≤ 15 %, ≤ 2 %", uneven(clean(), lossy(1_000_000, 0.20))},
		{"300 ms of jitter on a way down of 1 Mbit/s", "–", "≤ 5 %, ≤ 3 %",
			uneven(clean(), sfutest.Path{Delay: oneWay, Jitter: 300 * time.Millisecond, Rate: 1_000_000, Queue: time.Second})},
		{"a way down of 1 Mbit/s, 200 ms RTT, a queue of 100 ms", "–", "≤ 5 %, ≤ 2 %",
			uneven(sfutest.Path{Delay: far}, sfutest.Path{Delay: far, Rate: 1_000_000, Queue: 100 * time.Millisecond})},
		{"300 kbit/s up, 5 Mbit/s down", "–", "queue < 300 ms", uneven(narrow(300_000), narrow(5_000_000))},
		{"5 Mbit/s up, 300 kbit/s down", "–", "queue < 300 ms", uneven(narrow(5_000_000), narrow(300_000))},
		{"start on 500 kbit/s", "–", "queue < 300 ms", starting(narrow(500_000))},
		{"start on 150 kbit/s per person", "–", "queue < 300 ms", starting(narrow(300_000))},
		{"start of a viewer on 300 kbit/s", "–", "queue < 300 ms", audience(narrow(300_000))},
		{"start of a viewer on a good link", "–", "the best within 2 s", audience(clean())},
		{"2.5 Mbit/s → 400 kbit/s → 2.5 Mbit/s", "–", "down ≤ 2 s, queue < 300 ms; ≥ 90 % within 10 s", dip},
		{"another rate every 10 s, 300 kbit/s to 3 Mbit/s", "–", "≤ 5 %, queue < 300 ms", changing(300_000, 3_000_000, 10*time.Second)},
		{"a download beside it on 2 Mbit/s, a queue of 200 ms", "–", "a picture, ≤ 1 %",
			beside(sfutest.Path{Delay: oneWay, Rate: 2_000_000, Queue: 200 * time.Millisecond})},
		{"1 s blackout", "1.1–1.7 s frozen", "≤ 1.2 s", blackout(time.Second)},
		{"5 s blackout", "8.5–8.7 s frozen", "≤ 5.5 s", blackout(5 * time.Second)},
		{"UDP blocked in mid-call", "17.5 s", "≤ 5 s", healed(func(p *person) { p.BlockUDP(true); p.Relay(clean(), clean()) }, 2*time.Second)},
		{"NAT rebinding", "1.7–2.4 s, once > 15 s", "≤ 0.5 s", healed(func(p *person) { p.Rebind() }, never)},
		{"network switch without an event", "15.5 s", "≤ 5 s", healed(func(p *person) { p.Move() }, 2*time.Second)},
		{"network switch with an event", "–", "≤ 1 s", healed(func(p *person) { p.Move() }, 0)},
		{"three viewers, one on 300 kbit/s", "–", "the other two untouched", threeViewers},
		{"1,000 random layer switches", "–", "0 decoder errors, none frozen > 300 ms", switches(1000)},
	}
}

// far is half of 200 ms of round trip.
const far = 100 * time.Millisecond

// narrow is a link of so many bit/s, each way, for everybody behind it.
func narrow(bits int) sfutest.Path {
	return sfutest.Path{Delay: oneWay, Rate: bits, Queue: time.Second}
}

// bubble plays in virtual time.
func bubble(t *testing.T, play func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, play)
}

// steady measures two people behind an impairment that stays.
func steady(p sfutest.Path) func(*testing.T, uint64) []string { return uneven(p, p) }

// uneven is steady with another impairment up than down.
func uneven(up, down sfutest.Path) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r, _, _ := couple(t, seed)
			defer r.close()
			r.router.SetPath(up, down)
			time.Sleep(settle)
			all, queue := r.watch(measure)
			for _, f := range all {
				text := f.seen()
				if down.Rate > 0 {
					text += fmt.Sprintf(", %.0f kbit/s, queue %d ms", f.kbits, queue.Milliseconds())
				}
				texts = append(texts, text)
			}
		})
		return texts
	}
}

// blackout measures how long pictures and sound stand still around one.
func blackout(d time.Duration) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r, _, _ := couple(t, seed)
			defer r.close()
			r.reset()
			start := time.Now()
			r.router.Blackout(d)
			time.Sleep(d + 15*time.Second)
			for _, p := range r.people {
				f := p.figures(start, 0)
				texts = append(texts, fmt.Sprintf("frozen %.1f s, sound %.1f s", f.longest.Seconds(), f.silent.Seconds()))
			}
		})
		return texts
	}
}

// healed measures how long a fault of one person's network is seen by both. The
// page restarts ICE when nothing has come for so long.
func healed(fault func(p *person), restartAfter time.Duration) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r, a, _ := couple(t, seed)
			defer r.close()
			r.reset()
			start := time.Now()
			fault(a)
			for restarted := false; time.Since(start) < 20*time.Second; time.Sleep(sample) {
				if !restarted && a.quiet() >= restartAfter {
					restarted = true
					a.restart()
				}
			}
			for _, p := range r.people {
				f := p.figures(start, 0)
				text := fmt.Sprintf("frozen %.1f s, sound %.1f s", f.longest.Seconds(), f.silent.Seconds())
				if f.lastFrame > time.Second {
					text = "not healed"
				}
				texts = append(texts, text)
			}
		})
		return texts
	}
}

// threeViewers measures whether one slow viewer is felt by two others.
func threeViewers(t *testing.T, seed uint64) (texts []string) {
	bubble(t, func(t *testing.T) {
		r := open(t, seed)
		defer r.close()
		from := r.join("alice", sfutest.Up(clean()), sfutest.Down(clean()), sfutest.Layered(sfutest.ChromiumStyle, fps, rate))
		slow := r.join("slow", sfutest.Up(clean()), sfutest.Down(narrow(300_000)))
		slow.Stop(sfu.Camera)
		for _, name := range []string{"ben", "cleo"} {
			r.join(name, sfutest.Up(clean()), sfutest.Down(clean())).Stop(sfu.Camera)
		}
		for _, p := range r.people {
			if p != from {
				p.show(from)
			}
		}
		time.Sleep(2 * warmUp)
		all, _ := r.watch(measure)
		for i, p := range r.people[1:] {
			texts = append(texts, fmt.Sprintf("%s: frozen %.1f %%, %.0f fps, layer %s", p.Name(), 100*all[i+1].frozen, all[i+1].fps,
				layers[p.Seat(0).Video().Layer]))
		}
	})
	return []string{strings.Join(texts, "; ")}
}

// switches measures what a viewer sees of changes of layer at random.
func switches(n int) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r := open(t, seed)
			defer r.close()
			from := r.join("alice", sfutest.Up(clean()), sfutest.Down(clean()), sfutest.Layered(sfutest.ChromiumStyle, fps, rate))
			viewer := r.join("ben", sfutest.Up(clean()), sfutest.Down(clean()), sfutest.Sources(sfu.Mic, sfu.Camera))
			viewer.Stop(sfu.Camera)
			viewer.show(from)
			time.Sleep(2 * warmUp)
			r.reset()
			chance := rand.New(rand.NewPCG(seed, 2))
			layers := map[int]int{}
			for range n {
				w := []sfu.Wish{{Width: 320, Height: 180}, {Width: 640, Height: 360}, {Width: 1280, Height: 720}}[chance.IntN(3)]
				viewer.peer.Wish(0, w)
				time.Sleep(time.Duration(300+chance.IntN(700)) * time.Millisecond)
				layers[viewer.Seat(0).Video().Layer]++
			}
			v := viewer.Seat(0).Video()
			texts = append(texts, fmt.Sprintf("%d decoder errors, longest gap %d ms, %d freezes; ended on q %d, h %d, f %d times",
				len(v.Violations)+v.Broken+v.Skipped, v.MaxGap.Milliseconds(), v.Freezes, layers[0], layers[1], layers[2]))
		})
		return texts
	}
}

func TestTable(t *testing.T) {
	if !*table {
		t.Skip("takes a minute: make bench-network")
	}
	fmt.Println("| two people, impairment on the link both use | LiveKit | to reach | Parley |\n|---|---|---|---|")
	for _, r := range rows() {
		if !strings.Contains(r.name, *only) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			var texts []string
			n := *seeds
			if strings.HasPrefix(r.name, "1,000") {
				n = 1
			}
			for seed := range n {
				texts = append(texts, r.measure(t, seed+1)...)
			}
			fmt.Printf("| %s | %s | %s | %s |\n", r.name, r.livekit, r.reach, ranges(texts))
		})
	}
}

// A call without impairment measures as one.
func TestACleanCallMeasuresAsOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, _, _ := couple(t, 1)
		defer r.close()
		all, _ := r.watch(5 * time.Second)
		for i, f := range all {
			if f.frozen > 0 || f.concealed > 0 || f.fps < fps-1 {
				t.Errorf("%s: %+v", r.people[i].Name(), f)
			}
		}
	})
}
