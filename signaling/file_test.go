package signaling_test

import (
	"testing"
	"testing/synctest"

	"parley/internal/chat"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// offers offers a file and returns what the page is told.
func (p *page) offers(ref, name string) wire.File {
	p.t.Helper()
	p.send(wire.AskFile{Action: wire.FileOffer, Ref: ref, Name: name, Size: 482113, MediaType: "application/pdf"})
	return p.filed(ref)
}

func (p *page) filed(ref string) wire.File {
	p.t.Helper()
	f := await[wire.File](p)
	if f.Ref != ref {
		p.t.Errorf("told of %s, want %s", f.Ref, ref)
	}
	return f
}

// asked returns the id of the offer that the host app hears of.
func (w *world) asked(who interview.Participant, ref string) interview.FileID {
	w.t.Helper()
	o, err := w.store.FileByRef(w.t.Context(), thread, who.ID, ref)
	w.must(err)
	return o.ID
}

func TestFileIsOfferedGrantedUploadedAndShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, welcome := w.enter(femi, iv.ID, "d2")
		if welcome.Files == nil || welcome.Files.MaxSize != 10<<20 || welcome.Files.Types == nil {
			t.Errorf("the page is told %+v", welcome.Files)
		}
		if got := f.offers("f_1", "Floor plan.pdf"); got.State != wire.FileStateOffered || got.Name != "Floor plan.pdf" {
			t.Errorf("got %+v", got)
		}
		_, err := w.chat.GrantFile(t.Context(), w.asked(femi, "f_1"), chat.Upload{URL: "/app/uploads/1", Headers: []chat.Header{{Name: "X-Key", Value: "k"}}}, "/app/files/1")
		w.must(err)
		granted := f.filed("f_1")
		if granted.State != wire.FileStateGranted || granted.Upload == nil || granted.Upload.URL != "/app/uploads/1" || granted.Upload.Headers[0].Value != "k" {
			t.Errorf("got %+v", granted)
		}
		if again := f.offers("f_1", "Floor plan.pdf"); again.Upload == nil || again.Upload.URL != granted.Upload.URL {
			t.Errorf("asked again after a lost connection: %+v", again)
		}
		f.send(wire.AskFile{Action: wire.FileUploaded, Ref: "f_1"})
		if got := f.filed("f_1"); got.State != wire.FileStateUploaded || got.Upload != nil {
			t.Errorf("got %+v", got)
		}
		shown := await[wire.Said](c).Message
		if shown.Text != "Floor plan.pdf" || shown.File == nil || shown.File.Link != "/app/files/1" || shown.From.ID != "freelancer" {
			t.Errorf("the other side is shown %+v", shown)
		}
		if h := c.history(0); len(h.Messages) != 1 || h.Messages[0].File == nil || *h.Messages[0].File != *shown.File {
			t.Errorf("who comes late is shown %+v", h.Messages)
		}
	})
}

func TestFileThatDoesNotComeIsToldToItsPageAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, _ := w.enter(femi, iv.ID, "d2")
		blocked := f.offers("f_1", "cv "+mail+".pdf")
		if blocked.State != wire.FileStateBlocked || len(blocked.Findings) != 1 || blocked.Findings[0].Start != 3 || blocked.Decision == "" || blocked.Name != "" {
			t.Errorf("got %+v", blocked)
		}
		f.offers("f_2", "b.zip")
		_, err := w.chat.DeclineFile(t.Context(), w.asked(femi, "f_2"), "We take no archives.")
		w.must(err)
		if got := f.filed("f_2"); got.State != wire.FileStateDeclined || got.Reason != "We take no archives." {
			t.Errorf("got %+v", got)
		}
		f.offers("f_3", "c.pdf") // nobody answers
		if got := f.filed("f_3"); got.State != wire.FileStateUnanswered {
			t.Errorf("got %+v", got)
		}
		f.offers("f_4", "d.pdf")
		f.send(wire.AskFile{Action: wire.FileWithdraw, Ref: "f_4"})
		if got := f.filed("f_4"); got.State != wire.FileStateWithdrawn {
			t.Errorf("got %+v", got)
		}
		f.send(wire.AskFile{Action: wire.FileUploaded, Ref: "f_4"})
		if e := await[wire.Error](f); e.Code != wire.CodeFileClosed || e.Re != wire.TypeFile || e.Ref != "f_4" || e.Fatal {
			t.Errorf("got %+v", e)
		}
		f.send(wire.AskFile{Action: wire.FileOffer, Ref: "f_5", Name: "a/b", Size: 1})
		if e := await[wire.Error](f); e.Code != wire.CodeInvalidFile || e.Ref != "f_5" {
			t.Errorf("got %+v", e)
		}
		c.send(wire.AskHistory{})
		for m := range c.messages {
			if m.Type() == wire.TypeFile {
				t.Errorf("the other side is told %+v", m)
			}
			if h, ok := m.(wire.History); ok {
				if len(h.Messages) != 0 {
					t.Errorf("the thread has %+v", h.Messages)
				}
				break
			}
		}
	})
}
