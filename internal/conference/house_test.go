package conference

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/sfu"
	"parley/sfu/sfutest"
)

// house is a whole conference in virtual time: real rooms, a real store in a
// directory of its own, and the real media engine on a virtual network.
type house struct {
	t       *testing.T
	dir     string
	cfg     Config
	network *sfutest.Network
	store   *store.Store
	rooms   *Rooms

	mu     sync.Mutex
	events []interview.Event // seen by a watcher
}

// story runs a test in virtual time.
func story(t *testing.T, tell func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, dir: storetest.Dir(t)}
		h.network = sfutest.NewNetwork(t)
		engine, err := sfu.New(sfu.Config{
			Listen: netip.AddrPortFrom(h.network.ServerAddr(), 5000),
			Net:    h.network.Server(),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		h.cfg.Engine = engine
		h.open()
		defer h.close()
		tell(t, h)
	})
}

// open starts the conference, as a process does.
func (h *house) open() {
	h.t.Helper()
	var err error
	h.store, err = store.Open(h.t.Context(), h.dir, slog.New(slog.DiscardHandler))
	if err != nil {
		h.t.Fatal(err)
	}
	h.cfg.Store = h.store
	h.start()
}

// start opens the rooms.
func (h *house) start() {
	h.t.Helper()
	var err error
	if h.rooms, err = Open(h.t.Context(), h.cfg); err != nil {
		h.t.Fatal(err)
	}
	h.rooms.Watch(func(e interview.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	})
}

// close stops it in the order in which a process does.
func (h *house) close() {
	h.t.Helper()
	if err := h.rooms.Close(h.t.Context()); err != nil && h.t.Context().Err() == nil {
		h.t.Errorf("close rooms: %v", err)
	}
	if err := h.store.Close(); err != nil {
		h.t.Errorf("close store: %v", err)
	}
}

// seen returns the kinds of the events the watcher saw.
func (h *house) seen() []interview.EventKind {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	var kinds []interview.EventKind
	for _, e := range h.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (h *house) wantSeen(want ...interview.EventKind) {
	h.t.Helper()
	if got := h.seen(); !slices.Equal(got, want) {
		h.t.Errorf("events: got %v, want %v", got, want)
	}
}

var (
	clara  = interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer}
	femi   = interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
	ines   = interview.Participant{ID: "interpreter", Name: "Ines", Role: interview.RoleInterpreter}
	olga   = interview.Participant{ID: "observer", Name: "Olga", Role: interview.RoleObserver}
	thread = interview.Thread{ID: "thread-1", Title: "A logo", Participants: []interview.Participant{clara, femi, ines, olga}}
)

// inspect looks into the room of an interview, on the room's own goroutine. It
// reports false when the room is gone.
func (h *house) inspect(id interview.ID, look func(r *room)) bool {
	h.t.Helper()
	synctest.Wait()
	r := h.rooms.room(id)
	if r == nil {
		return false
	}
	err := r.ask(h.t.Context(), &commandLetter{question: ask(), change: func(*interview.Interview, time.Time) ([]interview.Event, error) {
		look(r)
		return nil, nil
	}})
	if err != nil {
		h.t.Errorf("look into the room: %v", err)
	}
	return err == nil
}

// later lets virtual time pass.
func (h *house) later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// ring makes an interview that Clara calls for.
func (h *house) ring(mode interview.Mode) interview.Interview {
	h.t.Helper()
	if err := h.store.PutThread(h.t.Context(), thread, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	iv, created, err := h.rooms.Create(h.t.Context(), Create{Thread: thread.ID, Mode: mode, By: clara.ID})
	if err != nil || !created {
		h.t.Fatalf("create: created %v, %v", created, err)
	}
	return iv
}

// stored returns the interview as it is on disk.
func (h *house) stored(id interview.ID) interview.Interview {
	h.t.Helper()
	synctest.Wait()
	iv, err := h.store.Interview(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return iv
}

func (h *house) wantState(id interview.ID, want interview.State) {
	h.t.Helper()
	if got := h.stored(id).State; got != want {
		h.t.Errorf("interview: got %s, want %s", got, want)
	}
}

// caller is one connection of somebody: a session and what it was told.
type caller struct {
	*Session
	h        *house
	Snapshot Snapshot

	mu    sync.Mutex
	heard []Notice
	media Media // the latest
}

// try attaches somebody, and may be refused. Tokens and devices are the
// person's own unless set.
func (h *house) try(a Attach) (*caller, error) {
	c := &caller{h: h}
	a.Device = cmp.Or(a.Device, "device-of-"+string(a.Participant.ID))
	a.TokenID = cmp.Or(a.TokenID, "token-of-"+string(a.Participant.ID))
	a.Deliver = func(n Notice) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.heard = append(c.heard, n)
	}
	var err error
	c.Session, c.Snapshot, err = h.rooms.Attach(h.t.Context(), a)
	return c, err
}

// lobby attaches somebody.
func (h *house) lobby(iv interview.Interview, p interview.Participant) *caller {
	h.t.Helper()
	c, err := h.try(Attach{Interview: iv.ID, Participant: p})
	if err != nil {
		h.t.Fatalf("attach %s: %v", p.ID, err)
	}
	return c
}

// join attaches somebody, connects their media with some seats, and enters.
func (h *house) join(iv interview.Interview, p interview.Participant, seats int) *caller {
	h.t.Helper()
	c := h.lobby(iv, p)
	c.offer(offer(seats, 1))
	c.enter()
	return c
}

func (c *caller) enter() {
	c.h.t.Helper()
	if err := c.Enter(c.h.t.Context()); err != nil {
		c.h.t.Fatalf("enter: %v", err)
	}
}

func (c *caller) offer(o Offer) {
	c.h.t.Helper()
	answer, err := c.Offer(c.h.t.Context(), o)
	if err != nil {
		c.h.t.Fatalf("offer: %v", err)
	}
	if !strings.Contains(answer, "a=candidate") {
		c.h.t.Fatalf("the answer has no candidate: %q", answer)
	}
}

func (c *caller) publish(s interview.Source, on bool) {
	c.h.t.Helper()
	if err := c.Publish(c.h.t.Context(), s, on); err != nil {
		c.h.t.Fatalf("publish %s: %v", s, err)
	}
}

// news returns what was heard since it was last asked for. The state of one's
// own media is left out: most stories have no browsers that would connect it.
func (c *caller) news() []Notice {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := c.heard
	c.heard = nil
	return slices.DeleteFunc(heard, func(n Notice) bool {
		m, ok := n.(Media)
		if ok {
			c.media = m
		}
		return ok
	})
}

// want checks the whole news; the contents of interviews are not compared.
func (c *caller) want(want ...Notice) {
	c.h.t.Helper()
	got := slices.DeleteFunc(c.news(), func(n Notice) bool {
		_, measured := n.(Quality) // comes every two seconds, whatever happens
		return measured
	})
	if !reflect.DeepEqual(brief(got), brief(want)) {
		c.h.t.Errorf("news: got  %s\nwant %s", list(got), list(want))
	}
}

// brief leaves of an interview what stories compare.
func brief(notices []Notice) []Notice {
	short := func(iv interview.Interview) interview.Interview { return interview.Interview{State: iv.State} }
	out := make([]Notice, 0, len(notices))
	for _, n := range notices {
		switch n := n.(type) {
		case Entered:
			n.Interview = short(n.Interview)
			out = append(out, n)
		case StateChanged:
			out = append(out, StateChanged{short(n.Interview)})
		case Over:
			out = append(out, Over{short(n.Interview)})
		default:
			out = append(out, n)
		}
	}
	return out
}

func list(notices []Notice) string {
	var b strings.Builder
	for _, n := range brief(notices) {
		fmt.Fprintf(&b, "\n  %T%+v", n, n)
	}
	return b.String()
}

func live() StateChanged {
	return StateChanged{interview.Interview{State: interview.StateLive}}
}

func over(s interview.State) Over { return Over{interview.Interview{State: s}} }

// wantCode checks a refusal.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != code {
		t.Errorf("error: got %v, want code %s", err, code)
	}
}

// offer makes an offer as the room page does: lines for the sources, a pair for
// the screen, and pairs for seats. It is nobody's: no media will flow.
// Offers with the same certificate come from the same connection.
func offer(seats, certificate int) Offer {
	var sdp strings.Builder
	mids := 0
	line := func(kind, direction string) string {
		mid := fmt.Sprint(mids)
		mids++
		codec := "96 VP8/90000"
		if kind == "audio" {
			codec = "111 opus/48000/2"
		}
		payload, _, _ := strings.Cut(codec, " ")
		fmt.Fprintf(&sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=mid:%s\r\na=%s\r\n", kind, payload, mid, direction)
		fmt.Fprintf(&sdp, "a=ice-ufrag:user\r\na=ice-pwd:passwordpasswordpassword\r\na=setup:actpass\r\n")
		fmt.Fprintf(&sdp, "a=fingerprint:sha-256 %s%02X\r\na=rtpmap:%s\r\n", strings.Repeat("AB:", 31), certificate, codec)
		return mid
	}
	o := Offer{Sources: map[interview.Source]string{}}
	for _, s := range interview.Sources() {
		kind := "audio"
		if s == interview.SourceCamera || s == interview.SourceScreen {
			kind = "video"
		}
		o.Sources[s] = line(kind, "sendonly")
	}
	o.Screen = Lines{Audio: line("audio", "recvonly"), Video: line("video", "recvonly")}
	for range seats {
		o.Seats = append(o.Seats, Lines{Audio: line("audio", "recvonly"), Video: line("video", "recvonly")})
	}
	var group strings.Builder
	for i := range mids {
		fmt.Fprintf(&group, " %d", i)
	}
	o.SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE" + group.String() + "\r\n" + sdp.String()
	return o
}
