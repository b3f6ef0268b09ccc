package interview

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var anyFile = FilePolicy{MaxSize: 1 << 20}

func wantRule(t *testing.T, what string, err error, code, field string) {
	t.Helper()
	rule, ok := errors.AsType[*Error](err)
	if code == "" {
		if err != nil {
			t.Errorf("%s: got %v, want it taken", what, err)
		}
		return
	}
	if !ok || rule.Code != code || rule.Field != field {
		t.Errorf("%s: got %#v, want %s at %q", what, err, code, field)
	}
}

func TestFileNamesAreThoseOfOneFile(t *testing.T) {
	for name, taken := range map[string]bool{
		"brief.pdf":                          true,
		"Lebenslauf (2) – endgültig.docx":    true,
		"履歴書.pdf":                            true,
		"سيرة ذاتية.pdf":                     true,
		"no extension":                       true,
		".env":                               true,
		strings.Repeat("ü", MaxFileName):     true,
		strings.Repeat("ü", MaxFileName+1):   false,
		"":                                   false,
		"..":                                 false,
		" . ":                                false,
		"\u200b":                             false,
		"../../etc/passwd":                   false,
		`C:\brief.pdf`:                       false,
		"brief\x00.pdf":                      false,
		"two\nlines.pdf":                     false,
		"annex\u202efdp.exe":                 false,
		"annex\u2028.pdf":                    false,
		"bytes that are none \xff.pdf":       false,
		"an escape \x1b[31m sequence.pdf":    false,
		"file name with \u2066isolate\u2069": false,
	} {
		code, field := "", ""
		if !taken {
			code, field = CodeInvalidFile, "name"
		}
		_, err := anyFile.Check(File{Name: name, Size: 1})
		wantRule(t, name, err, code, field)
	}
}

func TestFilesAreOfBoundedSizeAndKnownType(t *testing.T) {
	images := FilePolicy{MaxSize: 5 << 20, Types: []string{"image/*", "application/pdf"}}
	for name, test := range map[string]struct {
		policy      FilePolicy
		size        int64
		media       string
		code, field string
	}{
		"the largest":           {anyFile, 1 << 20, "application/pdf", "", ""},
		"one byte more":         {anyFile, 1<<20 + 1, "application/pdf", CodeFileTooLarge, "size"},
		"empty":                 {anyFile, 0, "application/pdf", CodeInvalidFile, "size"},
		"less than nothing":     {anyFile, -1, "application/pdf", CodeInvalidFile, "size"},
		"of no known type":      {anyFile, 1, "", "", ""},
		"no type at all":        {anyFile, 1, "pdf", CodeInvalidFile, "media_type"},
		"a type with a line":    {anyFile, 1, "text/plain\r\nX: y", CodeInvalidFile, "media_type"},
		"a type that is long":   {anyFile, 1, "text/" + strings.Repeat("x", 200), CodeInvalidFile, "media_type"},
		"a kind of types":       {images, 1, "image/png", "", ""},
		"in other letters":      {images, 1, "Application/PDF; version=2", "", ""},
		"not among them":        {images, 1, "application/zip", CodeFileType, "media_type"},
		"unknown, and some are": {images, 1, "", CodeFileType, "media_type"},
		"where none are taken":  {FilePolicy{}, 1, "image/png", CodeFileTooLarge, "size"},
	} {
		kept, err := test.policy.Check(File{Name: "a", Size: test.size, Type: test.media})
		wantRule(t, name, err, test.code, test.field)
		if err == nil && (kept.Type == "" || strings.ContainsAny(kept.Type, "; ") || kept.Type != strings.ToLower(kept.Type)) {
			t.Errorf("%s: kept as %q", name, kept.Type)
		}
	}
}

func FuzzFileNames(f *testing.F) {
	for _, name := range []string{"brief.pdf", "../x", "a\u202eb", "\xff", ".", "履歴書.pdf", strings.Repeat("x", 300)} {
		f.Add(name, "application/pdf")
	}
	f.Fuzz(func(t *testing.T, name, media string) {
		kept, err := anyFile.Check(File{Name: name, Type: media, Size: 7})
		if err != nil {
			if rule, ok := errors.AsType[*Error](err); !ok || rule.Field == "" || rule.Message == "" {
				t.Errorf("%q: got %#v, want a rule with its field", name, err)
			}
			return
		}
		again, err := anyFile.Check(kept)
		switch {
		case err != nil || again != kept:
			t.Errorf("%q: what was kept is kept as %+v, %v", name, again, err)
		case kept.Name != name || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxFileName:
			t.Errorf("took %q as %q", name, kept.Name)
		case strings.ContainsAny(name, "/\\") || strings.Trim(name, ".") == "":
			t.Errorf("took a path: %q", name)
		case strings.ContainsFunc(name, unicode.IsControl):
			t.Errorf("took a name with control characters: %q", name)
		}
	})
}

func TestOfferOfAFileGoesOneWay(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	fresh := func(s FileState) *FileOffer { return &FileOffer{State: s, Until: now.Add(AnswerFileWithin)} }
	steps := map[string]struct {
		from []FileState // where it is allowed
		to   FileState
		do   func(*FileOffer) error
	}{
		"grant":   {[]FileState{FileOffered}, FileGranted, func(o *FileOffer) error { return o.Grant("/f", time.Time{}, now) }},
		"decline": {[]FileState{FileOffered}, FileDeclined, func(o *FileOffer) error { return o.Decline("Too large.") }},
		"upload":  {[]FileState{FileGranted}, FileUploaded, func(o *FileOffer) error { return o.Upload() }},
	}
	all := []FileState{FileOffered, FileGranted, FileDeclined, FileUnanswered, FileExpired, FileWithdrawn, FileUploaded}
	for name, step := range steps {
		for _, from := range all {
			o := fresh(from)
			err := step.do(o)
			allowed := from == step.from[0]
			switch {
			case allowed && (err != nil || o.State != step.to):
				t.Errorf("%s from %s: got %s and %v", name, from, o.State, err)
			case !allowed:
				wantRule(t, name+" from "+string(from), err, CodeFileClosed, "")
				if o.State != from {
					t.Errorf("%s from %s: now %s", name, from, o.State)
				}
			}
		}
	}
	for _, from := range all {
		late, back := fresh(from), fresh(from)
		if got := late.Tick(late.Until.Add(-1)); got {
			t.Errorf("%s failed before its time", from)
		}
		if got, open := late.Tick(now.Add(AnswerFileWithin)), from == FileOffered || from == FileGranted; got != open || late.Open() {
			t.Errorf("%s when its time is up: changed %v, now %s", from, got, late.State)
		}
		if got, open := back.Withdraw(), from == FileOffered || from == FileGranted; got != open || back.Open() {
			t.Errorf("%s taken back: changed %v, now %s", from, got, back.State)
		}
	}
}

func TestUploadsEndWithinADay(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for until, ok := range map[time.Time]bool{
		{}:                            true,
		now.Add(time.Second):          true,
		now.Add(LongestUploadFor):     true,
		now:                           false,
		now.Add(LongestUploadFor + 1): false,
		now.Add(-time.Hour):           false,
	} {
		o := FileOffer{State: FileOffered}
		err := o.Grant("/f", until, now)
		if ok && (err != nil || !o.Until.After(now)) {
			t.Errorf("until %v: got %v, until %v", until, err, o.Until)
		}
		if !ok {
			wantRule(t, until.String(), err, CodeInvalidUpload, "expires_at")
		}
	}
	o := FileOffer{State: FileOffered}
	wantRule(t, "a long reason", o.Decline(strings.Repeat("x", MaxFileReason+1)), CodeInvalidReason, "reason")
}
