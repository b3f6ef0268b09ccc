package recording

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"parley/recorder"
	"parley/recorder/frames"
	"parley/sfu"
	"parley/sfu/sfutest"
)

// BenchmarkForwardLatency is how long sound and pictures of rooms of two take from
// their capture to the other person, without a recorder and with one, in turns.
func BenchmarkForwardLatency(b *testing.B) {
	const rooms, turns, length = 5, 24, time.Second
	network := sfutest.NewNetwork(b)
	engine, err := sfu.New(sfu.Config{Listen: netip.AddrPortFrom(network.ServerAddr(), 3478), Net: network.Server()})
	check(b, err)
	keep, err := recorder.New(recorder.Config{Directory: b.TempDir()})
	check(b, err)
	all := make([]*pair, rooms)
	for i := range all {
		all[i] = newPair(b, network, engine, i)
	}
	time.Sleep(2 * time.Second) // their budgets settle
	for b.Loop() {
		var each [2][]latencies // without, with
		for turn := range turns {
			with := (turn + turn/2) % 2 // what grows with time falls on both alike
			if with == 1 {
				for i, p := range all {
					p.record(b, keep, fmt.Sprintf("turn%d-%d", turn, i))
				}
			}
			time.Sleep(500 * time.Millisecond) // the keyframe that a recording begins with is large, and comes once
			each[with] = append(each[with], measure(all, length))
			for _, p := range all {
				p.stop(b)
			}
		}
		for with, when := range []string{"without", "with"} {
			for what, of := range map[string]func(latencies) []time.Duration{
				"sound":    func(l latencies) []time.Duration { return l.sound },
				"pictures": func(l latencies) []time.Duration { return l.pictures },
			} {
				for _, p := range []int{50, 99} {
					var all []time.Duration
					for _, l := range each[with] {
						all = append(all, of(l)[len(of(l))*p/100])
					}
					slices.Sort(all)
					b.ReportMetric(float64(all[len(all)/2].Microseconds()), fmt.Sprintf("µs-%s-p%d-%s", what, p, when))
				}
			}
		}
	}
	for _, p := range all {
		for _, each := range p.browsers {
			each.Close()
		}
	}
	check(b, errors.Join(keep.Close(b.Context()), engine.Close()))
}

// latencies are those of one turn, sorted.
type latencies struct{ sound, pictures []time.Duration }

func measure(all []*pair, length time.Duration) (l latencies) {
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, p := range all {
			for _, each := range p.browsers {
				l.sound = append(l.sound, each.Seat(0).Audio().Delay)
				l.pictures = append(l.pictures, each.Seat(0).Video().Delay)
			}
		}
	}
	slices.Sort(l.sound)
	slices.Sort(l.pictures)
	return l
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// pair is a room of two people who see each other.
type pair struct {
	room     *sfu.Room
	browsers [2]*sfutest.Browser
	peers    [2]*sfu.Peer
	tape     *recorder.Recording // nil while nothing is recorded
	taps     []*recorder.Track
}

func newPair(b *testing.B, network *sfutest.Network, engine *sfu.Engine, n int) *pair {
	b.Helper()
	p := &pair{}
	var err error
	p.room, err = engine.NewRoom(func(sfu.Event) {})
	check(b, err)
	for i := range p.peers {
		name := fmt.Sprintf("%d of room %d", i, n)
		p.browsers[i] = network.Browser(name, sfutest.Rate(sfu.Camera, sfutest.VideoRate{FPS: 25, Packets: 5, KeyPackets: 20, Size: 1000}))
		p.peers[i], err = p.room.NewPeer(sfu.PeerID(name), sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic, sfu.Camera}})
		check(b, err)
		answer, err := p.peers[i].Answer(b.Context(), p.browsers[i].Offer(1))
		check(b, err)
		check(b, p.browsers[i].Accept(answer))
		<-p.browsers[i].Connected()
		for _, s := range []sfu.Source{sfu.Mic, sfu.Camera} {
			p.peers[i].Open(s, true)
			p.browsers[i].Send(s)
		}
	}
	p.peers[0].Show(0, p.peers[1])
	p.peers[1].Show(0, p.peers[0])
	return p
}

// record hangs a recording on both.
func (p *pair) record(b *testing.B, keep *recorder.Recorder, id string) {
	b.Helper()
	var err error
	p.tape, err = keep.Start(recorder.Options{ID: id, Mode: recorder.ModeAll})
	check(b, err)
	for i, who := range []string{"ann", "bob"} {
		check(b, p.tape.Join(recorder.Person{ID: who}))
		check(b, p.tape.Consent(recorder.Consent{Participant: who, Kind: recorder.KindRecording, Answer: recorder.Granted}))
		for s, codec := range map[sfu.Source]frames.Codec{sfu.Mic: frames.Opus, sfu.Camera: frames.VP8} {
			source := recorder.Mic
			if s == sfu.Camera {
				source = recorder.Camera
			}
			peer := p.peers[i]
			t, err := p.tape.Track(recorder.TrackOptions{Participant: who, Source: source, Codec: codec, Keyframe: func() { peer.Keyframe(s) }})
			check(b, err)
			peer.Tap(s, t)
			p.taps = append(p.taps, t)
		}
	}
}

func (p *pair) stop(b *testing.B) {
	b.Helper()
	if p.tape == nil {
		return
	}
	for _, t := range p.taps {
		p.room.Untap(t)
	}
	p.tape.Stop("")
	m, err := p.tape.Wait(b.Context())
	check(b, err)
	if len(m.Files) != 4 {
		b.Fatalf("%d files were kept", len(m.Files))
	}
	p.tape, p.taps = nil, nil
}
