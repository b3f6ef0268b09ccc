package chat

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

var place = Upload{URL: "https://files.example.org/in/4711?signature=abc", Headers: []Header{{"Content-Type", "application/pdf"}}}

func (d *desk) offer(ref, name string) Offered {
	d.t.Helper()
	out, err := d.OfferFile(d.t.Context(), FileDraft{
		Thread: "th", Interview: "iv_1", Author: femi, Ref: ref, File: interview.File{Name: name, Size: 48_211, Type: "application/pdf"},
	})
	d.must(err)
	return out
}

func (d *desk) stateOf(id interview.FileID) interview.FileState {
	d.t.Helper()
	o, err := d.File(d.t.Context(), id)
	d.must(err)
	return o.State
}

func (d *desk) wantRule(err error, code, field string) {
	d.t.Helper()
	rule, ok := errors.AsType[*interview.Error](err)
	if !ok || rule.Code != code || rule.Field != field {
		d.t.Errorf("got %v, want %s at %q", err, code, field)
	}
}

func TestFileGoesToTheHostAppAndItsLinkIntoTheThread(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		o := d.offer("f_1", "brief.pdf").Offer
		d.wantTold(EventFileOffered)
		for _, link := range []string{"", "javascript:alert(1)", "//evil.example/1", "/" + strings.Repeat("f", interview.MaxFileLink)} {
			_, err := d.GrantFile(t.Context(), o.ID, place, link)
			d.wantRule(err, interview.CodeInvalidUpload, "link")
		}
		_, err := d.GrantFile(t.Context(), o.ID, place, "https://app.example.org/files/4711")
		d.must(err)
		if again := d.offer("f_1", "brief.pdf"); again.Offer.ID != o.ID || again.Upload == nil || again.Upload.URL != place.URL || again.Upload.Method != "PUT" {
			t.Errorf("a page that lost its connection is told %+v", again)
		}
		d.must(d.UploadedFile(t.Context(), "th", femi.ID, "f_1"))
		d.must(d.UploadedFile(t.Context(), "th", femi.ID, "f_1")) // it had not heard the first answer
		d.wantTold(EventFileGranted, EventFileUploaded, EventMessage)
		found, _, err := d.History(t.Context(), "th", 0, 10, 1000)
		d.must(err)
		if len(found) != 1 || found[0].Text != "brief.pdf" || found[0].File == nil || found[0].File.Link != "https://app.example.org/files/4711" || found[0].File.Size != 48_211 {
			t.Errorf("the thread shows %+v", found)
		}
		if n := d.Stats(); n.Files["uploaded"] != 1 || n.Messages != 1 {
			t.Errorf("counted %+v", n)
		}
		if again := d.offer("f_1", "brief.pdf"); again.Upload != nil {
			t.Error("where it was uploaded to is remembered")
		}
	})
}

func TestHostAppThatSaysNothingIsNotWaitedForLong(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		silent, granted := d.offer("f_1", "a.pdf").Offer, d.offer("f_2", "b.pdf").Offer
		_, err := d.GrantFile(t.Context(), granted.ID, place, "/f/2")
		d.must(err)
		d.told()
		time.Sleep(interview.AnswerFileWithin - time.Millisecond)
		d.wantTold()
		time.Sleep(time.Millisecond)
		d.wantTold(EventFileWithdrawn)
		if got := d.stateOf(silent.ID); got != interview.FileUnanswered {
			t.Errorf("the one without an answer is %s", got)
		}
		_, err = d.GrantFile(t.Context(), silent.ID, place, "/f/1")
		d.wantRule(err, interview.CodeFileClosed, "")
		time.Sleep(interview.UploadFor)
		d.wantTold(EventFileWithdrawn)
		if got := d.stateOf(granted.ID); got != interview.FileExpired {
			t.Errorf("the one that was never brought is %s", got)
		}
		d.wantRule(d.UploadedFile(t.Context(), "th", femi.ID, "f_2"), interview.CodeFileClosed, "")
	})
}

func TestHostAppOrThePersonCanEndAnOffer(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		o := d.offer("f_1", "a.zip").Offer
		declined, err := d.DeclineFile(t.Context(), o.ID, "We take no archives.")
		d.must(err)
		if declined.Reason != "We take no archives." {
			t.Errorf("got %+v", declined)
		}
		d.offer("f_2", "b.pdf")
		d.must(d.WithdrawFile(t.Context(), "th", femi.ID, "f_2"))
		d.must(d.WithdrawFile(t.Context(), "th", femi.ID, "f_2"))
		d.wantTold(EventFileOffered, EventFileDeclined, EventFileOffered, EventFileWithdrawn)
		d.wantRule(d.WithdrawFile(t.Context(), "th", clara.ID, "f_2"), interview.CodeFileClosed, "") // it is not hers
		_, err = d.DeclineFile(t.Context(), "fl_none", "")
		wantError(t, err, store.ErrNotFound)
	})
}

func TestFileOfferedTwiceAtTheSameMomentIsJudgedOnce(t *testing.T) {
	story(t, guard.MaskOnly, func(t *testing.T, d *desk) {
		var offered [2]Offered
		var both sync.WaitGroup
		d.writing <- struct{}{} // nobody writes until both have judged
		for i := range offered {
			both.Go(func() {
				var err error
				offered[i], err = d.OfferFile(t.Context(), FileDraft{
					Thread: "th", Author: femi, Ref: "f_1", File: interview.File{Name: "cv of the.translator." + address + ".pdf", Size: 48_211, Type: "application/pdf"},
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		<-d.writing
		both.Wait()
		if len(offered[0].Findings) != 1 || !reflect.DeepEqual(offered[0], offered[1]) {
			t.Errorf("told %+v\nand  %+v", offered[0], offered[1])
		}
		d.wantTold(EventFileOffered, EventMasked)
	})
}

func TestNamesOfFilesAreGuarded(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		out := d.offer("f_1", "cv "+address+".pdf")
		if out.Action != guard.Block || out.Offer.ID != "" || out.Record == "" {
			t.Errorf("got %+v, want it blocked and kept as a decision", out)
		}
		d.wantTold(EventBlocked)
		d.contract(interview.ContractActive, time.Time{})
		d.told()
		if out := d.offer("f_1", "cv "+address+".pdf"); out.Offer.File.Name != "cv "+address+".pdf" {
			t.Errorf("after the contract: %+v", out.Offer)
		}
	})
	story(t, guard.MaskOnly, func(t *testing.T, d *desk) {
		out := d.offer("f_1", "cv "+address+" 2026.pdf")
		if name := out.Offer.File.Name; strings.Contains(name, "fastmail") || !strings.HasSuffix(name, ".pdf") || !strings.Contains(name, guard.Hidden) {
			t.Errorf("masked as %q", name)
		}
		again := d.offer("f_1", "cv "+address+" 2026.pdf")
		if again.Record == "" || !reflect.DeepEqual(again, out) {
			t.Errorf("offered again: %+v\nat first      %+v", again, out)
		}
		d.wantTold(EventFileOffered, EventMasked)
	})
}

func TestNobodyHasFilesWithoutEndUnderWay(t *testing.T) {
	story(t, guard.Off, func(t *testing.T, d *desk) {
		refs := strings.Split("abcdefghij", "")
		for _, ref := range refs {
			d.offer(ref, "a.pdf")
		}
		_, err := d.OfferFile(t.Context(), FileDraft{Thread: "th", Author: femi, Ref: "k", File: interview.File{Name: "a.pdf", Size: 1}})
		d.wantRule(err, interview.CodeTooManyFiles, "")
		time.Sleep(interview.AnswerFileWithin)
		synctest.Wait()
		d.offer("k", "a.pdf")
		_, err = d.OfferFile(t.Context(), FileDraft{Thread: "nowhere", Author: femi, Ref: "k", File: interview.File{Name: "a.pdf", Size: 1}})
		wantError(t, err, ErrNoThread)
	})
}

func TestUploadOfAnErasedFileIsForgottenInTime(t *testing.T) {
	story(t, guard.Off, func(t *testing.T, d *desk) {
		for _, ref := range []string{"f_1", "f_2"} {
			_, err := d.GrantFile(t.Context(), d.offer(ref, "a.pdf").Offer.ID, place, "/f")
			d.must(err)
			if len(d.uploads) != 1 {
				t.Errorf("%d uploads are remembered, want that of %s alone", len(d.uploads), ref)
			}
			_, err = d.store.ErasePerson(t.Context(), femi.ID, "erased", time.Now())
			d.must(err)
			time.Sleep(interview.UploadFor + time.Second)
		}
	})
}

func TestUploadsGoWhereTheOperatorSays(t *testing.T) {
	rules := FileRules{Origins: []string{"https://files.example.org", OriginSelf}}
	with := func(change func(*Upload)) Upload {
		u := place
		u.Headers = slices.Clone(u.Headers)
		change(&u)
		return u
	}
	for name, test := range map[string]struct {
		upload Upload
		field  string
	}{
		"as it should be":         {place, ""},
		"a path":                  {with(func(u *Upload) { u.URL = "/app/uploads/1" }), ""},
		"in large letters":        {with(func(u *Upload) { u.URL = "HTTPS://Files.Example.org/1" }), ""},
		"by POST":                 {with(func(u *Upload) { u.Method = "POST" }), ""},
		"by DELETE":               {with(func(u *Upload) { u.Method = "DELETE" }), "method"},
		"elsewhere":               {with(func(u *Upload) { u.URL = "https://evil.example/1" }), "url"},
		"another port":            {with(func(u *Upload) { u.URL = "https://files.example.org:8443/1" }), "url"},
		"by http":                 {with(func(u *Upload) { u.URL = "http://files.example.org/1" }), "url"},
		"another host as a path":  {with(func(u *Upload) { u.URL = "//evil.example/1" }), "url"},
		"the same, for browsers":  {with(func(u *Upload) { u.URL = `/\evil.example/1` }), "url"},
		"with a password":         {with(func(u *Upload) { u.URL = "https://a:b@files.example.org/1" }), "url"},
		"a script":                {with(func(u *Upload) { u.URL = "javascript:alert(1)" }), "url"},
		"nothing":                 {with(func(u *Upload) { u.URL = "" }), "url"},
		"a header of two lines":   {with(func(u *Upload) { u.Headers = []Header{{"X-A", "b\r\nc"}} }), "headers"},
		"a header without a name": {with(func(u *Upload) { u.Headers = []Header{{"", "b"}} }), "headers"},
		"a browser's own header":  {with(func(u *Upload) { u.Headers = []Header{{"Cookie", "b"}} }), "headers"},
		"too many headers":        {with(func(u *Upload) { u.Headers = make([]Header, maxUploadHeaders+1) }), "headers"},
	} {
		_, err := rules.check(test.upload)
		rule, _ := errors.AsType[*interview.Error](err)
		if test.field == "" && err != nil || test.field != "" && (rule == nil || rule.Field != test.field || rule.Code != interview.CodeInvalidUpload) {
			t.Errorf("%s: got %v, want field %q", name, err, test.field)
		}
	}
	if _, err := (FileRules{Origins: []string{"https://files.example.org"}}).check(Upload{URL: "/app/uploads/1"}); err == nil {
		t.Error("a path was taken where only others may be sent to")
	}
}

func FuzzUploads(f *testing.F) {
	for _, u := range []string{place.URL, "/a", "//a", `/\a`, "https://files.example.org@evil.example/", "https://files.example.org\\.evil.example/", "https:files.example.org"} {
		f.Add(u, "Content-Type", "a")
	}
	rules := FileRules{Origins: []string{"https://files.example.org", OriginSelf}}
	f.Fuzz(func(t *testing.T, address, name, value string) {
		u, err := rules.check(Upload{URL: address, Headers: []Header{{name, value}}})
		if err != nil {
			return
		}
		page, _ := url.Parse("https://calls.example.com/r/iv_1")
		at, err := page.Parse(u.URL)
		if err != nil {
			t.Fatalf("took %q, which no browser can: %v", address, err)
		}
		if host := strings.ToLower(at.Scheme + "://" + at.Host); host != "https://files.example.org" && host != "https://calls.example.com" {
			t.Errorf("%q leads to %s", address, host)
		}
		if strings.ContainsAny(name+value, "\r\n\x00") || name == "" {
			t.Errorf("took the header %q: %q", name, value)
		}
	})
}
