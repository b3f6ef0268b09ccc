package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// packedSite is a site whose room and script are packed in both ways; what is
// in the files is no more than told apart.
func packedSite(t *testing.T) *site {
	t.Helper()
	s, _ := testSite(t, defaultConfig(), nil)
	files := fstest.MapFS{
		"room.html":      {Data: []byte("the room as it is")},
		"recording.html": {Data: []byte("recording")}, "check.html": {Data: []byte("check")}, "app.html": {Data: []byte("app")},
		"embed/v1.js":       {Data: []byte("the button as it is")},
		"embed/thread.js":   {Data: []byte("thread")},
		"assets/a-1.js":     {Data: []byte(strings.Repeat("the script as it is ", 500))},
		"assets/a-1.js.br":  {Data: []byte(strings.Repeat("br ", 1500))},
		"assets/a-1.js.gz":  {Data: []byte(strings.Repeat("gzip ", 1200))},
		"assets/font.woff2": {Data: []byte("font")},
		"assets/one.css":    {Data: []byte("the style as it is")},
		"assets/one.css.gz": {Data: []byte("gz")},
	}
	for _, name := range []string{"room.html", "embed/v1.js"} {
		files[name+".br"] = &fstest.MapFile{Data: []byte("br")}
		files[name+".gz"] = &fstest.MapFile{Data: []byte("gzip")}
	}
	var err error
	if s.pages, err = newPages(files); err != nil {
		t.Fatal(err)
	}
	return s
}

// get asks a real server, which leaves out lengths that nobody has set. The
// headers are given as "name: value".
func get(t *testing.T, s *site, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	server := httptest.NewServer(s.handler())
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity") // or the client unpacks it
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, string(body)
}

func TestFilesTravelAsTheirReaderTakesThem(t *testing.T) {
	s := packedSite(t)
	for _, test := range []struct{ path, accept, coding, body, vary string }{
		{"/r/iv_1", "gzip, br", "br", "br", "Accept-Encoding"},
		{"/r/iv_1", "gzip", "gzip", "gzip", "Accept-Encoding"},
		{"/r/iv_1", "identity", "", "the room as it is", "Accept-Encoding"},
		{"/embed/v1.js", "gzip, br", "br", "br", "Accept-Encoding"},
		{"/assets/a-1.js", "gzip, br", "br", strings.Repeat("br ", 1500), "Accept-Encoding"},
		{"/assets/a-1.js", "gzip", "gzip", strings.Repeat("gzip ", 1200), "Accept-Encoding"},
		{"/assets/a-1.js", "identity", "", strings.Repeat("the script as it is ", 500), "Accept-Encoding"},
		{"/assets/one.css", "gzip, br", "gzip", "gz", "Accept-Encoding"},
		{"/assets/one.css", "br", "", "the style as it is", "Accept-Encoding"},
		{"/assets/font.woff2", "gzip, br", "", "font", ""},
		{"/check", "gzip, br", "", "check", ""},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			w, body := get(t, s, method, test.path, "Accept-Encoding: "+test.accept)
			what := fmt.Sprintf("%s %s, taking %s", method, test.path, test.accept)
			if got := w.Header.Get("Content-Encoding"); w.StatusCode != http.StatusOK || got != test.coding {
				t.Errorf("%s: got %d packed as %q, want 200 and %q", what, w.StatusCode, got, test.coding)
			}
			if got := w.Header.Get("Content-Length"); got != strconv.Itoa(len(test.body)) {
				t.Errorf("%s: Content-Length is %s, want %d", what, got, len(test.body))
			}
			if got := w.Header.Get("Vary"); got != test.vary {
				t.Errorf("%s: Vary is %q, want %q", what, got, test.vary)
			}
			if method == "GET" && body != test.body {
				t.Errorf("%s: got %q, want %q", what, body, test.body)
			}
			if method == "HEAD" && body != "" {
				t.Errorf("%s: has a body: %q", what, body)
			}
		}
	}
}

func TestEachWayOfPackingHasATagOfItsOwn(t *testing.T) {
	s := packedSite(t)
	for _, path := range []string{"/embed/v1.js", "/assets/a-1.js"} {
		tags := make(map[string]string)
		for _, accept := range []string{"br", "gzip", "identity"} {
			w, _ := get(t, s, "GET", path, "Accept-Encoding: "+accept)
			tags[w.Header.Get("ETag")] = accept
		}
		if len(tags) != 3 {
			t.Fatalf("%s: the tags are %v, want three", path, tags)
		}
		for tag, accept := range tags {
			for asked := range maps.Values(tags) {
				w, body := get(t, s, "GET", path, "Accept-Encoding: "+asked, "If-None-Match: "+tag)
				want := http.StatusOK
				if asked == accept {
					want = http.StatusNotModified
				}
				if w.StatusCode != want || want == http.StatusNotModified && (body != "" || w.Header.Get("Content-Encoding") != "") {
					t.Errorf("%s as %s, with the tag of %s: got %d, packed as %q; want %d", path, asked, accept, w.StatusCode, w.Header.Get("Content-Encoding"), want)
				}
				if w.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s with %d does not say that it varies", path, w.StatusCode)
				}
			}
		}
	}
}

func TestARangeIsOneOfWhatTravels(t *testing.T) {
	s := packedSite(t)
	w, body := get(t, s, "GET", "/assets/a-1.js", "Accept-Encoding: gzip", "Range: bytes=5-9")
	if w.StatusCode != http.StatusPartialContent || body != "gzip " || w.Header.Get("Content-Length") != "5" ||
		w.Header.Get("Content-Range") != "bytes 5-9/6000" || w.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a range of what is packed: got %d, %q and %v", w.StatusCode, body, w.Header)
	}
	tag := w.Header.Get("ETag")
	w, body = get(t, s, "GET", "/assets/a-1.js", "Accept-Encoding: br", "Range: bytes=5-9", "If-Range: "+tag)
	if w.StatusCode != http.StatusOK || len(body) != 4500 || w.Header.Get("Content-Length") != "4500" {
		t.Errorf("the rest of another way of packing: got %d with %d bytes of %s; want the whole, 4500", w.StatusCode, len(body), w.Header.Get("Content-Length"))
	}
	w, body = get(t, s, "GET", "/assets/a-1.js", "Accept-Encoding: br", "Range: bytes=9000-")
	if w.StatusCode != http.StatusRequestedRangeNotSatisfiable || w.Header.Get("Content-Encoding") != "" || w.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
		t.Errorf("a range behind the end: got %d with %v", w.StatusCode, w.Header)
	}
}

func TestPackedFilesHaveNoAddressOfTheirOwn(t *testing.T) {
	s := packedSite(t)
	for _, path := range []string{"/assets/a-1.js.br", "/assets/a-1.js.gz"} {
		if w, _ := get(t, s, "GET", path); w.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.StatusCode)
		}
	}
}

func TestWhatIsMissingIsNamedBeforeAnythingIsServed(t *testing.T) {
	all := []string{"room.html", "recording.html", "check.html", "app.html", "embed/v1.js", "embed/thread.js"}
	for _, missing := range all {
		files := fstest.MapFS{}
		for _, name := range all {
			if name != missing {
				files[name] = &fstest.MapFile{Data: []byte(name)}
			}
		}
		if _, err := newPages(files); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: got %v, want an error that names it", missing, err)
		}
	}
}
