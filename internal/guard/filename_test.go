package guard

import (
	"strings"
	"testing"
)

func TestExtensionOfAFileHidesNoContactDetail(t *testing.T) {
	g := New()
	for name, want := range map[string]struct {
		found  string
		masked string
	}{
		"cv femi.adeyemi@fastmail.com.pdf":      {"femi.adeyemi@fastmail.com", "cv " + Hidden + ".pdf"},
		"femi.adeyemi@fastmail.com":             {"femi.adeyemi@fastmail", Hidden + ".com"},
		"call me +49 171 2345678.docx":          {"+49 171 2345678", "call me " + Hidden + ".docx"},
		"telegram @femi_dev.png":                {"@femi_dev", "telegram " + Hidden + ".png"},
		"brief.pdf":                             {},
		"IMG_20260302_101112.jpg":               {},
		"report 2026-03-02 v1.2.3.pdf":          {},
		"Screenshot 2026-03-02 at 10.11.12.png": {},
		"node_modules.tar.gz":                   {},
		".env":                                  {},
		"trailing dot.":                         {},
	} {
		full := g.Check(Check{Text: name, Surface: FileName, Policy: Policy{Mode: Full}})
		var found []string
		for _, f := range full.Findings {
			found = append(found, name[f.Start:f.End])
		}
		if got := strings.Join(found, ","); got != want.found || (full.Action == Block) != (want.found != "") {
			t.Errorf("%s: found %q, %s, want %q", name, got, full.Action, want.found)
		}
		if want.masked == "" {
			want.masked = name
		}
		if got := g.Check(Check{Text: name, Surface: FileName, Policy: Policy{Mode: MaskOnly}}).Masked; got != want.masked {
			t.Errorf("%s: masked as %q, want %q", name, got, want.masked)
		}
	}
}
