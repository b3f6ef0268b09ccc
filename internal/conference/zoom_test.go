package conference

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/zoom"
	"parley/internal/zoom/zoomtest"
)

// office is a house whose rooms can move to Zoom: a desk before a Zoom that takes
// only what the real one takes.
type office struct {
	*house
	zoom   *zoomtest.Server
	client *zoom.Client
	desk   *zoom.Desk
	unplug func()
	closed bool
}

// zoomStory runs a test in virtual time with an office.
func zoomStory(t *testing.T, tell func(t *testing.T, o *office)) {
	t.Helper()
	story(t, func(t *testing.T, h *house) {
		h.close()
		h.cfg.Zoom = true
		h.open()
		o := &office{house: h, zoom: zoomtest.New()}
		dial, stop := o.zoom.Pipe()
		o.client = zoom.NewClient(zoom.ClientConfig{
			AccountID: zoomtest.AccountID, ClientID: zoomtest.ClientID, ClientSecret: zoomtest.ClientSecret,
			OAuthURL: "http://zoom.test", APIURL: "http://api.zoom.test", Dial: dial,
		})
		o.staff()
		defer func() {
			o.dismiss()
			o.client.Close()
			stop()
			if got := o.zoom.Rejected(); len(got) > 0 {
				t.Errorf("Zoom would have refused: %v", got)
			}
		}()
		tell(t, o)
	})
}

// staff opens the desk, as a process does after its rooms.
func (o *office) staff() {
	o.desk = zoom.NewDesk(zoom.DeskConfig{
		Client: o.client, Hosts: []string{zoomtest.Host}, Store: o.store, Rooms: o.rooms,
		Account: zoomtest.AccountID, Secret: zoomtest.WebhookSecret,
	})
	o.unplug = o.rooms.Watch(func(interview.Event) { o.desk.Wake() })
	o.closed = false
}

func (o *office) dismiss() {
	if o.closed {
		return
	}
	o.closed = true
	o.unplug()
	if err := o.desk.Close(); err != nil {
		o.t.Error(err)
	}
}

// hear has Zoom tell of the one meeting there is.
func (o *office) hear(event string, began, ended time.Time) {
	o.t.Helper()
	m := o.zoom.Meetings()
	if len(m) != 1 {
		o.t.Fatalf("got %d meetings, want one", len(m))
	}
	o.zoom.Run(m[0].Number, event == zoom.EventStarted)
	o.deliver(zoomtest.Webhook("http://parley.test/v1/zoom/webhook", event, m[0].Number, began, ended))
}

func (o *office) deliver(r *http.Request) {
	o.t.Helper()
	body := make([]byte, r.ContentLength)
	if _, err := r.Body.Read(body); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.desk.Hear(o.t.Context(), r.Header, body); err != nil {
		o.t.Fatalf("webhook: %v", err)
	}
}

// zooms returns what somebody was told of Zoom since they were last asked.
func (c *caller) zooms() (told []Zoomed) {
	for _, n := range c.news() {
		if z, ok := n.(Zoomed); ok {
			told = append(told, z)
		}
	}
	return told
}

func states(told []Zoomed) (out []interview.ZoomState) {
	for _, z := range told {
		out = append(out, z.State)
	}
	return out
}

func wantStates(t *testing.T, told []Zoomed, want ...interview.ZoomState) {
	t.Helper()
	if got := states(told); !slices.Equal(got, want) {
		t.Errorf("told of Zoom: got %v, want %v", got, want)
	}
}

func TestACallMovesToZoomAndBack(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		iv := o.ring(interview.ModeVideo)
		c := o.visit(iv, clara, 1, interview.SourceMic, interview.SourceCamera)
		f := o.visit(iv, femi, 1, interview.SourceMic, interview.SourceCamera)
		c.news()
		f.news()
		if s := f.Snapshot.Zoom; !s.Available || s.MayChoose || s.URL != "" || !c.Snapshot.Zoom.MayChoose {
			t.Fatalf("what each can make of Zoom: %+v and %+v", s, c.Snapshot.Zoom)
		}

		// Femi may not choose, but say what is wrong; both are told, nobody is moved.
		wantCode(t, f.ChooseZoom(t.Context(), interview.ZoomCannotConnect), CodeNotAllowed)
		if err := f.OfferZoom(t.Context(), interview.ZoomCannotConnect); err != nil {
			t.Fatal(err)
		}
		for _, who := range []*visitor{c, f} {
			told := who.zooms()
			if wantStates(t, told, interview.ZoomOffered); told[0].By != femi.ID || told[0].Reason != interview.ZoomCannotConnect {
				t.Errorf("offered: %+v", told[0])
			}
		}
		if len(o.zoom.Meetings()) != 0 {
			t.Fatal("a meeting was made of an offer")
		}

		if err := c.ChooseZoom(t.Context(), interview.ZoomCannotConnect); err != nil {
			t.Fatal(err)
		}
		o.later(time.Second)
		hers, his := c.zooms(), f.zooms()
		wantStates(t, hers, interview.ZoomPending, interview.ZoomReady)
		wantStates(t, his, interview.ZoomPending, interview.ZoomReady)
		if way := hers[1]; way.URL == "" || way.Passcode == "" || his[1] != way {
			t.Errorf("the way in: %+v and %+v, want the same", hers[1], his[1])
		}
		if frames, sounds := f.flow(0); frames < 20 || sounds < 80 {
			t.Errorf("the room is open, and Femi gets %d frames and %d sound packets in 2 s", frames, sounds)
		}

		// They go, and the interview does not end with the room's last guest.
		began := time.Now()
		o.hear(zoom.EventStarted, began, time.Time{})
		for _, who := range []*visitor{c, f} {
			if err := who.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		o.later(30 * time.Minute)
		o.wantState(iv.ID, interview.StateLive)
		back := o.lobby(iv, femi)
		if z := back.Snapshot.Zoom; z.State != interview.ZoomStarted || z.URL != his[1].URL {
			t.Errorf("who comes back is told %+v", z)
		}
		back.Detach(TabClosed)

		ended := time.Now()
		o.hear(zoom.EventEnded, began, ended)
		o.wantState(iv.ID, interview.StateEnded)
		if got := o.stored(iv.ID); got.EndReason != interview.ReasonLeft || ended.Sub(got.EndedAt) > time.Second {
			t.Errorf("got %s at %v, want left at %v", got.EndReason, got.EndedAt, ended)
		}
		o.later(time.Second)
		if got := o.zoom.Meetings(); len(got) != 0 {
			t.Errorf("meetings afterwards: %+v", got)
		}
		if _, err := o.store.ZoomMeeting(t.Context(), iv.ID); err == nil {
			t.Error("the way in is still kept")
		}
	})
}

func TestAFailureOfZoomIsToldAndCostsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(z *zoomtest.Server)
		problem string
	}{
		"no scope":           {func(z *zoomtest.Server) { z.Grant("user:read:user:admin") }, interview.ZoomRefused},
		"no such host":       {func(z *zoomtest.Server) { z.RemoveHost(zoomtest.Host) }, interview.ZoomNoHost},
		"the day is used up": {func(z *zoomtest.Server) { z.Daily = 0 }, interview.ZoomQuota},
		"no answer": {func(z *zoomtest.Server) {
			z.Script("create", slices.Repeat([]zoomtest.Answer{{Status: 503}}, 30)...)
		}, interview.ZoomUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			zoomStory(t, func(t *testing.T, o *office) {
				iv := o.ring(interview.ModeVideo)
				her, him := o.join(iv, clara, 1), o.join(iv, femi, 1)
				o.later(time.Second)
				c.prepare(o.zoom)
				her.zooms()
				if err := her.ChooseZoom(t.Context(), interview.ZoomChosen); err != nil {
					t.Fatal(err)
				}
				o.later(time.Minute)
				told := him.zooms()
				if wantStates(t, told, interview.ZoomPending, interview.ZoomFailed); told[1].Problem != c.problem {
					t.Errorf("got problem %q, want %q", told[1].Problem, c.problem)
				}
				o.wantState(iv.ID, interview.StateLive)
				if len(o.desk.Problems()) == 0 {
					t.Error("the operator is told of no problem")
				}
			})
		})
	}
}

func TestAMomentOfTroubleWithZoomIsWaitedOut(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		o.later(time.Second)
		o.zoom.AddHost("host-2@agency.example", 2)
		o.zoom.Script("create",
			zoomtest.Answer{Status: 503},
			zoomtest.Answer{Status: 429, Header: map[string]string{"Retry-After": time.Now().Add(10 * time.Second).UTC().Format(time.RFC3339)}},
			zoomtest.Answer{Status: 401, Body: `{"code":124,"message":"Invalid access token."}`})
		iv := o.ring(interview.ModeZoom)
		o.later(20 * time.Second)
		if got := o.stored(iv.ID).Zoom; got.State != interview.ZoomReady {
			t.Errorf("got %+v, want it ready", got)
		}
		if got := len(o.zoom.Meetings()); got != 1 {
			t.Errorf("got %d meetings, want 1", got)
		}
	})
}

func TestAHostHoldsOneMeetingAtATime(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		first := o.ring(interview.ModeZoom)
		o.later(time.Second)
		other := thread
		other.ID = "thread-2"
		if err := o.store.PutThread(t.Context(), other, time.Now()); err != nil {
			t.Fatal(err)
		}
		second, _, err := o.rooms.Create(t.Context(), Create{Thread: other.ID, Mode: interview.ModeZoom, By: clara.ID})
		if err != nil {
			t.Fatal(err)
		}
		o.later(time.Second)
		if got := o.stored(second.ID).Zoom; got.State != interview.ZoomFailed || got.Problem != interview.ZoomBusy {
			t.Fatalf("got %+v, want the host to be busy", got)
		}
		if _, err := o.rooms.Cancel(t.Context(), first.ID, clara.ID); err != nil {
			t.Fatal(err)
		}
		o.later(time.Second)
		if _, err := o.rooms.ChooseZoom(t.Context(), second.ID, clara, interview.ZoomChosen); err != nil {
			t.Fatal(err)
		}
		o.later(time.Second)
		if got := o.stored(second.ID).Zoom.State; got != interview.ZoomReady {
			t.Errorf("after the first was cancelled: got %s, want ready", got)
		}
	})
}

func TestWhatIsLeftUndoneIsDoneAfterARestart(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		iv := o.ring(interview.ModeZoom)
		o.later(time.Second)
		if got := len(o.zoom.Meetings()); got != 1 {
			t.Fatalf("got %d meetings, want 1", got)
		}
		// The desk dies; what happens then is done by the next one.
		o.dismiss()
		if _, err := o.rooms.Cancel(t.Context(), iv.ID, clara.ID); err != nil {
			t.Fatal(err)
		}
		other := o.ring(interview.ModeZoom)
		o.close()
		o.later(time.Minute)
		if got := len(o.zoom.Gone()); got != 0 {
			t.Fatalf("nobody is there, and %d meetings were deleted", got)
		}
		o.open()
		o.zoom.Script("delete", zoomtest.Answer{Status: 500}) // and again after a minute
		o.staff()
		o.later(3 * time.Minute)
		if got := len(o.zoom.Gone()); got != 1 {
			t.Errorf("got %d meetings deleted, want 1", got)
		}
		if got := o.stored(other.ID).Zoom.State; got != interview.ZoomReady {
			t.Errorf("the one that was pending: got %s, want ready", got)
		}
	})
}

func TestPeopleAreNotSentOutOfAMeetingBecauseTheirPagesClosed(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		iv := o.ring(interview.ModeZoom)
		o.later(time.Second)
		o.hear(zoom.EventStarted, time.Now(), time.Time{})
		o.wantState(iv.ID, interview.StateLive)
		o.later(interview.ZoomAtMost + time.Minute)
		o.wantState(iv.ID, interview.StateEnded) // given up, and Zoom said nothing
		m := o.zoom.Meetings()
		if len(m) != 1 || !m[0].Running || m[0].Ended != 0 {
			t.Fatalf("got %+v, want it to run on", m)
		}
		o.zoom.Run(m[0].Number, false)
		o.later(30 * time.Minute)
		if got := len(o.zoom.Gone()); got != 1 {
			t.Errorf("after people left: got %d deleted, want 1", got)
		}
	})
}

func TestEndingForEverybodyEndsTheMeeting(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		iv := o.ring(interview.ModeZoom)
		o.later(time.Second)
		o.hear(zoom.EventStarted, time.Now(), time.Time{})
		if _, err := o.rooms.End(t.Context(), iv.ID, clara.ID, ""); err != nil {
			t.Fatal(err)
		}
		o.later(time.Second)
		if len(o.zoom.Gone()) != 1 || !slices.Contains(o.zoom.Seen(), "end") {
			t.Errorf("got %v deleted after %v", o.zoom.Gone(), o.zoom.Seen())
		}
	})
}

func TestALinkOfOnesOwnNeedsNoAccount(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 1)
		c.news()
		wantCode(t, c.ChooseZoom(t.Context(), interview.ZoomChosen), CodeNoZoom)
		_, _, err := h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeZoom})
		wantCode(t, err, CodeNoZoom)
		const link, personal = "https://zoom.us/j/81234567890?pwd=x", "https://zoom.us/my/clara.novak"
		wantCode(t, c.UseZoomLink(t.Context(), link), CodeNoZoom) // nobody judges links here
		h.rooms.cfg.ZoomLink = func(text string) (ZoomLink, error) {
			judged, err := zoom.ParseLink(text, nil)
			return ZoomLink(judged), err
		}
		f := h.join(iv, femi, 2)
		wantCode(t, f.UseZoomLink(t.Context(), link), CodeNotAllowed)
		wantCode(t, c.UseZoomLink(t.Context(), "https://zoom.us.evil.example/j/81234567890"), CodeInvalidZoomLink)
		wantCode(t, c.UseZoomLink(t.Context(), personal), CodePersonalZoomLink)
		if err := c.UseZoomLink(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		told := c.zooms()
		if len(told) == 0 || told[len(told)-1].URL != link || told[len(told)-1].State != interview.ZoomReady {
			t.Errorf("told: %+v", told)
		}
		_, err = h.rooms.UseZoomLink(t.Context(), iv.ID, clara, link)
		wantCode(t, err, CodeZoomOpen)
	})
}

func TestWhoOffersZoomFromTheLobbyHasAName(t *testing.T) {
	zoomStory(t, func(t *testing.T, o *office) {
		iv := o.ring(interview.ModeVideo)
		c := o.join(iv, clara, 1)
		f := o.lobby(iv, interview.Participant{ID: femi.ID, Name: " Femi Adeyemi ", Role: femi.Role})
		if err := f.OfferZoom(t.Context(), interview.ZoomCannotConnect); err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(c.news(), func(n Notice) bool {
			z, ok := n.(Zoomed)
			return ok && z.Zoom.By == femi.ID && z.Zoom.Name == femi.Name
		})
		if !told {
			t.Error("who is inside was not told the name of who offers Zoom")
		}
		if got := o.stored(iv.ID).Zoom.Name; got != femi.Name {
			t.Errorf("after a restart it is offered by %q", got)
		}
		if got := o.lobby(iv, ines).Snapshot.Interview.Zoom.Name; got != femi.Name {
			t.Errorf("who comes later is told of %q", got)
		}
		if _, err := o.rooms.ChooseZoom(t.Context(), iv.ID, interview.Participant{}, interview.ZoomChosen); err != nil {
			t.Fatal(err)
		}
		if got := o.stored(iv.ID).Zoom; got.By != "" || got.Name != "" {
			t.Errorf("what the host app chose is by %q, %q", got.By, got.Name)
		}
	})
}
