package zoom

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestPastedLinks(t *testing.T) {
	for _, c := range []struct{ text, want, code string }{
		{text: "https://zoom.us/j/81234567890?pwd=abcDEF.1", want: "https://zoom.us/j/81234567890?pwd=abcDEF.1"},
		{text: " https://us02web.zoom.us/j/81234567890?pwd=abc&uname=Ana#success\n", want: "https://us02web.zoom.us/j/81234567890?pwd=abc"},
		{text: "https://ACME.zoom.us:443/w/812345678", want: "https://acme.zoom.us/w/812345678"},
		{text: "https://zoom.us/wc/join/81234567890", want: "https://zoom.us/j/81234567890"},
		{text: "https://zoom.us/wc/81234567890/join?pwd=x", want: "https://zoom.us/j/81234567890?pwd=x"},
		{text: "https://zoom.us/my/jane.doe", want: "https://zoom.us/my/jane.doe"},
		{text: "https://zoomgov.com/j/1612345678?omn=81234567890", want: "https://zoomgov.com/j/1612345678?omn=81234567890"},
		{text: "https://zoom.us/j/81234567890?pwd=SEdiMmVVb0dl%3D%3D", want: "https://zoom.us/j/81234567890?pwd=SEdiMmVVb0dl%3D%3D"},

		{text: "", code: LinkMalformed},
		{text: "zoom.us/j/81234567890", code: LinkMalformed},
		{text: "zoommtg://zoom.us/join?confno=81234567890", code: LinkInsecure},
		{text: "http://zoom.us/j/81234567890", code: LinkInsecure},
		{text: "javascript:alert(1)", code: LinkMalformed},
		{text: "https://zoom.us.evil.com/j/81234567890", code: LinkForeign},
		{text: "https://evilzoom.us/j/81234567890", code: LinkForeign},
		{text: "https://zoom.us@evil.com/j/81234567890", code: LinkMalformed},
		{text: "https://zооm.us/j/81234567890", code: LinkMalformed}, // Cyrillic
		{text: `https://zoom.us\@evil.com/j/81234567890`, code: LinkMalformed},
		{text: "https://evil.com/j/81234567890?u=zoom.us", code: LinkForeign},
		{text: "https://zoom.us:8443/j/81234567890", code: LinkForeign},
		{text: "https://.zoom.us/j/81234567890", code: LinkForeign},
		{text: "https://zoom.us/j/id/../../redirect", code: LinkUnknown},
		{text: "https://zoom.us/j/8123456%37890", code: LinkMalformed},
		{text: "https://zoom.us/j/12345", code: LinkUnknown},
		{text: "https://zoom.us/my/1a", code: LinkUnknown},
		{text: "https://zoom.us/signin", code: LinkUnknown},
		{text: "https://zoom.us/s/81234567890?zak=eyJ", code: LinkSecret},
		{text: "https://zoom.us/j/81234567890?zak=eyJ", code: LinkSecret},
		{text: "https://zoom.us/w/81234567890?tk=abc", code: LinkSecret},
		{text: "https://zoom.us/wc/81234567890/start", code: LinkSecret},
		{text: "https://zoom.us/j/81234567890?pwd=a&pwd=b", code: LinkMalformed},
		{text: "https://zoom.us/j/81234567890?pwd=%3Cscript%3E", code: LinkMalformed},
		{text: "https://zoom.us/j/81234567890 https://evil.com", code: LinkMalformed},
		{text: "https://zoom.com/j/81234567890", code: LinkForeign},
		{text: "https://zoom.us/j/81234567890?pwd=" + strings.Repeat("a", MaxLink), code: LinkMalformed},
	} {
		link, err := ParseLink(c.text, nil)
		if got, _ := errors.AsType[*LinkError](err); (got == nil) != (c.code == "") || got != nil && got.Code != c.code {
			t.Errorf("%q: got %+v, %v, want code %q", c.text, link, err, c.code)
			continue
		}
		if link.URL != c.want {
			t.Errorf("%q: got %q, want %q", c.text, link.URL, c.want)
		}
	}
	if link, err := ParseLink("https://zoom.com/j/81234567890", []string{"zoom.com"}); err != nil || link.Personal {
		t.Errorf("an operator's own domain: got %+v, %v", link, err)
	}
}

func TestPersonalRoomsAreToldFromMeetings(t *testing.T) {
	for text, personal := range map[string]bool{
		"https://zoom.us/my/jane.doe":   true,
		"https://zoom.us/j/1234567890":  true,
		"https://zoom.us/j/81234567890": false,
		"https://zoom.us/j/812345678":   false,
	} {
		if link, err := ParseLink(text, nil); err != nil || link.Personal != personal {
			t.Errorf("%s: got %+v, %v, want personal %v", text, link, err, personal)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{
		"https://zoom.us/j/81234567890?pwd=abc.1&omn=812345678", "https://us02web.zoom.us/my/jane.doe", "https://zoom.us/wc/81234567890/join",
		"https://zoom.us@evil.com/j/1", "https://zoom.us/s/81234567890?zak=x", "https://a.zoom.us:443/w/812345678/", "https://[::1]/j/812345678", "//zoom.us/j/812345678",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		link, err := ParseLink(text, nil)
		if err != nil {
			if e, ok := errors.AsType[*LinkError](err); !ok || e.Message == "" || link != (Link{}) {
				t.Fatalf("got %+v, %v", link, err)
			}
			return
		}
		u, err := url.Parse(link.URL)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Fragment != "" {
			t.Fatalf("%q became %q", text, link.URL)
		}
		if h := u.Hostname(); h != "zoom.us" && h != "zoomgov.com" && !strings.HasSuffix(h, ".zoom.us") && !strings.HasSuffix(h, ".zoomgov.com") {
			t.Fatalf("%q leads to %q", text, h)
		}
		for name := range u.Query() {
			if name != "pwd" && name != "omn" {
				t.Fatalf("%q keeps %q", text, name)
			}
		}
		if again, err := ParseLink(link.URL, nil); err != nil || again != link {
			t.Fatalf("%+v read again is %+v, %v", link, again, err)
		}
	})
}
