package netbench

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

const (
	oneWay  = 20 * time.Millisecond // to the server: 40 ms for the round trip
	warmUp  = 8 * time.Second       // on a clean link, until the estimates have grown
	settle  = 5 * time.Second       // under the impairment, before it is measured
	measure = 60 * time.Second
	sample  = 100 * time.Millisecond
	rate    = 1_500_000 // bit/s of a camera
	fps     = 20
)

// room is a call of people behind one router.
type room struct {
	t       *testing.T
	network *sfutest.Network
	engine  *sfu.Engine
	room    *sfu.Room
	router  *sfutest.Router
	people  []*person
	closed  chan struct{}
	pages   sync.WaitGroup
}

// person is a browser, and the server's end of its connection.
type person struct {
	*sfutest.Browser
	room *room
	peer *sfu.Peer

	jams   chan sfu.Jammed
	held   atomic.Bool   // the page sends no camera, for the sound's sake
	paused atomic.Bool   // the server sends no picture, for the sound's sake
	off    time.Duration // no picture was to be seen, and the page said why, since reset
	sees   *person       // in seat 0
}

func open(t *testing.T, seed uint64) *room { return openWith(t, seed, nil) }

// openWith opens a room whose estimators are traced, see sfu.Config.
func openWith(t *testing.T, seed uint64, trace func(sfu.PeerID) io.Writer) *room {
	r := &room{t: t, closed: make(chan struct{}), network: sfutest.NewNetwork(t, sfutest.Seed(seed))}
	r.router = r.network.Router("home", clean(), clean())
	var err error
	r.engine, err = sfu.New(sfu.Config{Listen: netip.AddrPortFrom(r.network.ServerAddr(), 3478), Net: r.network.Server(), Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	if r.room, err = r.engine.NewRoom(r.heard); err != nil {
		t.Fatal(err)
	}
	return r
}

func clean() sfutest.Path { return sfutest.Path{Delay: oneWay} }

// heard does what the page does when it is told what is watched.
func (r *room) heard(e sfu.Event) {
	switch e := e.(type) {
	case sfu.LayersWanted:
		if p := r.find(e.Peer); p != nil && e.Source == sfu.Camera {
			r.tell(p, e.RIDs)
		}
	case sfu.Paused:
		if p := r.find(e.Peer); p != nil && e.Place == 0 {
			p.paused.Store(e.On)
		}
	case sfu.Jammed:
		if p := r.find(e.Peer); p != nil {
			r.say(p, func() { p.jams <- e })
		}
	}
}

func (r *room) find(id sfu.PeerID) *person {
	for _, p := range r.people {
		if sfu.PeerID(p.Name()) == id {
			return p
		}
	}
	return nil
}

// tell tells a page after the time that it takes: the room is not held up.
func (r *room) tell(p *person, rids []string) {
	time.AfterFunc(oneWay, func() { p.SetLayers(rids...) })
}

func (r *room) join(name string, options ...sfutest.Option) *person {
	r.t.Helper()
	p := &person{Browser: r.network.Browser(name, options...), room: r, jams: make(chan sfu.Jammed, 16)}
	var err error
	if p.peer, err = r.room.NewPeer(sfu.PeerID(name), sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic, sfu.Camera, sfu.Screen, sfu.ScreenAudio}}); err != nil {
		r.t.Fatal(err)
	}
	r.people = append(r.people, p)
	p.negotiate(p.Offer(2))
	select {
	case <-p.Connected():
	case <-time.After(20 * time.Second):
		r.t.Fatalf("%s is not connected after 20 s", name)
	}
	for _, s := range []sfu.Source{sfu.Mic, sfu.Camera} {
		p.peer.Open(s, true)
		p.Send(s)
	}
	r.pages.Go(p.watchUpload)
	return p
}

// show seats from in a place of p.
func (p *person) show(from *person) {
	p.sees = from
	p.peer.Show(0, from.peer)
}

func (p *person) negotiate(o sfu.Offer) {
	p.room.t.Helper()
	answer, err := p.peer.Answer(p.room.t.Context(), o)
	if err != nil {
		p.room.t.Fatal(err)
	}
	if err := p.Accept(answer); err != nil {
		p.room.t.Fatal(err)
	}
}

// restart does what the page does to heal a connection: an offer that goes to
// the server and an answer that comes back.
func (p *person) restart() {
	o := p.Restart()
	time.Sleep(2 * oneWay)
	p.negotiate(o)
}

// quiet is how long nothing has come.
func (p *person) quiet() time.Duration {
	last := p.Seat(0).Audio().Last
	if v := p.Seat(0).Video().Last; v.After(last) {
		last = v
	}
	return time.Since(last)
}

// couple is two people behind the router, warm.
func couple(t *testing.T, seed uint64) (*room, *person, *person) {
	r := open(t, seed)
	camera := sfutest.Adaptive(sfu.Camera, fps, rate)
	a := r.join("alice", sfutest.Behind(r.router), camera)
	b := r.join("ben", sfutest.Behind(r.router), camera)
	a.show(b)
	b.show(a)
	time.Sleep(warmUp)
	return r, a, b
}

func (r *room) impair(p sfutest.Path) { r.router.SetPath(p, p) }

func (r *room) reset() {
	for _, p := range r.people {
		p.Seat(0).Reset()
		p.off = 0
	}
}

func (r *room) close() {
	close(r.closed)
	r.pages.Wait()
	for _, p := range r.people {
		p.Close()
	}
	if err := r.engine.Close(); err != nil {
		r.t.Error(err)
	}
}

// figures is what one person saw and heard in an interval.
type figures struct {
	frozen, concealed float64       // shares
	off               float64       // share of the time without a picture, and with words why
	fps               float64       // while there is one
	longest           time.Duration // without a new picture
	silent            time.Duration // without sound
	lastFrame         time.Duration // ago
	kbits             float64       // of the way down, everybody's
}

// watch lets an interval pass and tells what everybody saw of it, and how long
// the queues were: the 95th percentile over both directions.
func (r *room) watch(d time.Duration) (all []figures, queue time.Duration) {
	return r.watchWhile(d, d, func() {})
}

// watchWhile is watch, and does something at first and again every so often.
func (r *room) watchWhile(d, every time.Duration, do func()) (all []figures, queue time.Duration) {
	r.reset()
	up, down := r.router.Links()
	before, start := down.Stats().Bytes, time.Now()
	var queues []time.Duration
	for range d / every {
		do()
		queues = append(queues, r.queues(every, up, down)...)
	}
	bits := float64(down.Stats().Bytes-before) * 8
	for _, p := range r.people {
		all = append(all, p.figures(start, bits/d.Seconds()/1000))
	}
	slices.Sort(queues)
	return all, queues[len(queues)*95/100]
}

// seen is what of the figures a person would notice.
func (f figures) seen() string {
	if f.off > 0 {
		return fmt.Sprintf("frozen %.1f %%, paused %.0f %%, concealed %.2f %%, %.0f fps", 100*f.frozen, 100*f.off, 100*f.concealed, f.fps)
	}
	return fmt.Sprintf("frozen %.1f %%, concealed %.2f %%, %.0f fps", 100*f.frozen, 100*f.concealed, f.fps)
}

func (p *person) figures(start time.Time, kbits float64) figures {
	d := time.Since(start)
	v, a := p.Seat(0).Video(), p.Seat(0).Audio()
	frozen := v.Frozen
	since := time.Since(v.Last)
	if since > time.Second {
		frozen += since // a freeze that has not ended is none to WebRTC's statistics
	}
	frozen = max(0, frozen-p.off) // to be told that it is paused is no freeze
	on := max(d-p.off, sample)
	f := figures{
		frozen: min(1, frozen.Seconds()/d.Seconds()), concealed: 1, off: p.off.Seconds() / d.Seconds(), fps: float64(v.Frames) / on.Seconds(),
		longest: max(v.MaxGap, since), silent: max(a.MaxGap, time.Since(a.Last)), lastFrame: since, kbits: kbits,
	}
	if expected := max(a.Played, int(d/(20*time.Millisecond))*95/100); expected > 0 {
		f.concealed = float64(a.Concealed+expected-a.Played) / float64(expected)
	}
	return f
}
