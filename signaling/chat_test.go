package signaling_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
	"parley/internal/interview"
	"parley/signaling/wire"
)

const mail = "femi.adeyemi@fastmail.com"

// says sends a message and returns what became of it.
func (p *page) says(ref, text string) wire.Receipt {
	p.t.Helper()
	p.send(wire.Say{Ref: ref, Text: text})
	r := await[wire.Receipt](p)
	if r.Ref != ref {
		p.t.Errorf("got the receipt of %s, want %s", r.Ref, ref)
	}
	return r
}

func (p *page) history(before int64) wire.History {
	p.t.Helper()
	p.send(wire.AskHistory{Before: before})
	return await[wire.History](p)
}

func TestWhatIsWrittenReachesThoseWhoAreThereAndThoseWhoComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		receipt := c.says("r1", "Hello Femi,\nthe brief is in your inbox.")
		if receipt.Action != "allow" || receipt.Message == nil || receipt.Message.From.Name != "Clara Novak" {
			t.Errorf("got %+v", receipt)
		}
		f, _ := w.join(femi, iv.ID, "d2", "") // late, and in the lobby
		h := f.history(0)
		if len(h.Messages) != 1 || h.Messages[0] != *receipt.Message || h.More || !h.Guarded || !h.MayWrite {
			t.Errorf("got %+v", h)
		}
		// The host app's own thread is the same conversation.
		_, err := w.chat.Send(t.Context(), chat.Draft{Thread: thread, Author: femi, Text: "from the app"})
		w.must(err)
		m := await[wire.Said](c)
		if m.Message.N == 1 { // her own comes back as well
			m = await[wire.Said](c)
		}
		if m.Message.N != 2 || m.Message.Text != "from the app" {
			t.Errorf("got %+v", m)
		}
		if m := await[wire.Said](f); m.Message.Text != "from the app" {
			t.Errorf("got %+v", m)
		}
	})
}

func TestMessageSentAgainAfterALostSocketIsOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		p, hello := w.enter(femi, iv.ID, "d1")
		first := p.says("r1", "Are you there?")
		p.vanish()
		p, _ = w.join(femi, iv.ID, "d1", hello.Resume)
		if again := p.says("r1", "Are you there?"); again.Message == nil || *again.Message != *first.Message {
			t.Errorf("got %+v, want %+v", again, first)
		}
		if h := p.history(0); len(h.Messages) != 1 {
			t.Errorf("got %+v", h)
		}
	})
}

func TestContactDetailsAreHeldBackUntilTheContractBeginsInTheMiddleOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, _ := w.enter(femi, iv.ID, "d2")
		text := "Größe? Write to " + mail
		r := f.says("r1", text)
		if r.Action != "block" || r.Message != nil || len(r.Findings) != 1 || r.Decision == "" {
			t.Fatalf("got %+v, want it blocked", r)
		}
		if found := string([]rune(text)[r.Findings[0].Start:r.Findings[0].End]); found != mail || r.Findings[0].Category != "email" {
			t.Errorf("found %q, want the address", found)
		}
		at := time.Now().Add(10 * time.Minute)
		known, err := w.store.Thread(t.Context(), thread)
		w.must(err)
		known.Contract = interview.Contract{State: interview.ContractActive, EffectiveAt: at}
		w.must(w.store.PutThread(t.Context(), known, time.Now()))
		w.must(w.chat.Refresh(t.Context(), thread))
		time.Sleep(9 * time.Minute)
		if r := f.says("r2", text); r.Action != "block" {
			t.Errorf("a minute before: got %+v", r)
		}
		time.Sleep(time.Minute)
		for _, p := range []*page{c, f} {
			if g := await[wire.Guard](p); g.Active {
				t.Errorf("got %+v, want the guard lifted", g)
			}
		}
		if r := f.says("r3", text); r.Action != "allow" || r.Message.Text != text {
			t.Errorf("got %+v", r)
		}
		if m := await[wire.Said](c); m.Message.Text != text {
			t.Errorf("got %+v", m)
		}
		if strings.Count(c.raw.String(), mail) != 1 {
			t.Error("what was blocked has reached the other side")
		}
	})
}

func TestWhoMayWriteAndHowMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		olga := interview.Participant{ID: "observer", Name: "Olga", Role: interview.RoleObserver}
		o, _ := w.join(olga, iv.ID, "d3", "")
		o.send(wire.Say{Ref: "r1", Text: "May I?"})
		if e := await[wire.Error](o); e.Code != wire.CodeNotAllowed || e.Ref != "r1" || e.Fatal {
			t.Errorf("got %+v", e)
		}
		if h := o.history(0); h.MayWrite {
			t.Errorf("got %+v", h)
		}
		f, _ := w.enter(femi, iv.ID, "d2")
		for n := range 10 {
			f.says(fmt.Sprintf("r%d", n), "hello")
		}
		f.send(wire.Say{Ref: "r10", Text: "hello"})
		if e := await[wire.Error](f); e.Code != wire.CodeTooFast || e.Re != "chat" || e.Ref != "r10" || e.Fatal {
			t.Errorf("got %+v", e)
		}
		time.Sleep(time.Second)
		f.says("r11", "hello")
		f.send(wire.Say{Ref: "r12", Text: "\u200b"})
		time.Sleep(time.Second)
		f.send(wire.Say{Ref: "r13", Text: "\u200b"})
		codes := []wire.Code{await[wire.Error](f).Code, await[wire.Error](f).Code}
		if want := []wire.Code{wire.CodeTooFast, wire.CodeInvalidMessage}; !slices.Equal(codes, want) {
			t.Errorf("got %v, want %v", codes, want)
		}
	})
}

func TestReportIsTakenFromEverybodyAndGoesToNobodyInTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, _ := w.enter(femi, iv.ID, "d2")
		f.send(wire.Complain{Ref: "r1", About: "client", Reason: "reward", Words: "free work first"})
		taken := await[wire.Complained](f)
		f.send(wire.Complain{Ref: "r2", About: "stranger", Reason: "reward"})
		if e := await[wire.Error](f); e.Code != wire.CodeInvalidReport || e.Ref != "r2" {
			t.Errorf("got %+v", e)
		}
		kept, err := w.store.Reports(t.Context(), iv.ID)
		w.must(err)
		if len(kept) != 1 || kept[0].ID != taken.ID || kept[0].Reporter != femi.ID || kept[0].About != clara.ID {
			t.Errorf("kept %+v", kept)
		}
		synctest.Wait()
		if strings.Contains(c.raw.String(), "free work") || strings.Contains(c.raw.String(), taken.ID) {
			t.Error("the other side has heard of it")
		}
	})
}

var hostCandidate = regexp.MustCompile(`(?m)^a=candidate:\S+ 1 \S+ \d+ (\S+) \d+ typ host`)

func TestNobodyIsToldAnothersAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, network := mediaWorld(t)
		iv := w.ring()
		clarasBrowser, femisBrowser := network.Browser("clara"), network.Browser("femi")
		c, _ := w.call(clarasBrowser, clara, iv.ID)
		f, _ := w.call(femisBrowser, femi, iv.ID)
		found := hostCandidate.FindStringSubmatch(femisBrowser.PC().LocalDescription().SDP)
		if found == nil {
			t.Fatalf("femi's browser has no address in %s", femisBrowser.PC().LocalDescription().SDP)
		}
		f.says("r1", "hello")
		time.Sleep(10 * time.Second) // qualities, speakers, layers
		f.vanish()
		time.Sleep(40 * time.Second) // reconnecting, and gone
		heard := c.raw.String()
		for _, want := range []string{`"answer"`, `"quality"`, `"participant"`, `"chat"`, `"left"`} {
			if !strings.Contains(heard, want) {
				t.Errorf("clara has not been told of %s", want)
			}
		}
		if strings.Contains(heard, found[1]) {
			t.Errorf("clara was told femi's address %s", found[1])
		}
	})
}

func TestWhoIsHeldBackContestsItInTheRoomAndIsToldThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, hello := w.enter(femi, iv.ID, "d2")
		held := f.says("r1", mail)
		contest := wire.Contest{Decision: held.Decision, Words: "It is the name of my shop."}
		c.send(contest)
		if e := await[wire.Error](c); e.Code != wire.CodeNotAllowed || e.Re != "appeal" || e.Ref != held.Decision || e.Fatal {
			t.Errorf("somebody else: got %+v", e)
		}
		f.send(contest)
		if a := await[wire.Appealed](f); a.Decision != held.Decision || a.State != wire.AppealOpen || !a.At.Equal(time.Now()) {
			t.Errorf("got %+v, want it open", a)
		}
		f.send(contest)
		if e := await[wire.Error](f); e.Code != wire.CodeContested || e.Fatal {
			t.Errorf("again: got %+v", e)
		}
		f.send(wire.Contest{Decision: "gd_none", Words: "Why?"})
		if e := await[wire.Error](f); e.Code != wire.CodeNotFound || e.Fatal {
			t.Errorf("what is not there: got %+v", e)
		}
		time.Sleep(time.Minute)
		_, err := w.chat.Decide(t.Context(), held.Decision, "trust", true)
		w.must(err)
		if a := await[wire.Appealed](f); a.State != wire.AppealUpheld || !a.At.Equal(time.Now()) {
			t.Errorf("got %+v, want it upheld", a)
		}
		if r := f.says("r2", mail); r.Action != "allow" {
			t.Errorf("afterwards: got %+v", r)
		}
		f.vanish()
		f, _ = w.join(femi, iv.ID, "d2", hello.Resume)
		if h := f.history(0); len(h.Appeals) != 1 || h.Appeals[0].Decision != held.Decision || h.Appeals[0].State != wire.AppealUpheld {
			t.Errorf("told when they come back: %+v", h.Appeals)
		}
		if h := c.history(0); len(h.Appeals) != 0 {
			t.Errorf("told somebody else: %+v", h.Appeals)
		}
	})
}
