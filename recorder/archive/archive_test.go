package archive_test

import (
	"crypto/sha256"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/archive"
	"parley/recorder/archive/s3test"
)

// heard collects an archive's events.
type heard struct {
	mu     sync.Mutex
	events []archive.Event
}

func (h *heard) take(e archive.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *heard) count(arrived bool) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if (e.Err == nil) == arrived {
			n++
		}
	}
	return n
}

func newArchive(t *testing.T, dir string, s archive.Storage, h *heard) *archive.Archive {
	t.Helper()
	a, err := archive.New(archive.Config{Directory: dir, Storage: s, RetryFrom: 20 * time.Millisecond, RetryTo: 200 * time.Millisecond, Deliver: h.take})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// check compares what can be read of a recording with what it was.
func check(t *testing.T, a *archive.Archive, id string, want map[string][32]byte) {
	t.Helper()
	got := map[string][32]byte{}
	entries, err := a.List(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		o, err := a.Open(t.Context(), id, e.Name)
		if err != nil {
			t.Fatalf("open %s: %v", e.Name, err)
		}
		b, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
		if err != nil || o.Size() != e.Size {
			t.Fatalf("read %s: %v", e.Name, err)
		}
		got[e.Name] = sha256.Sum256(b)
		o.Close()
	}
	if !maps.Equal(got, want) {
		t.Errorf("recording %s: %d files, want %d, or their content differs", id, len(got), len(want))
	}
}

func local(t *testing.T, dir string) (files []string) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != dir {
			files = append(files, strings.TrimPrefix(path, dir+"/"))
		}
		return nil
	})
	return files
}

func TestAnHourWithoutStorageLosesNothing(t *testing.T) {
	server, dir, h := s3test.New(t), t.TempDir(), &heard{}
	a := newArchive(t, dir, bucketAt(t, server.Address), h)
	first := recording(t, dir, "01A", 100, 12<<20)
	second := recording(t, dir, "01B", 6<<20)
	server.Kill() // the pauses between attempts are what an hour is made of; see below
	for _, id := range []string{"01A", "01B"} {
		if err := a.Add(id); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "each failed more than once", func() bool { return a.Status().Attempts >= 4 })
	if s := a.Status(); s.Recordings != 2 || s.Bytes != 100+18<<20 || s.Err == nil || s.Failing.IsZero() {
		t.Errorf("while it is away the status is %+v", s)
	}
	if left := local(t, dir); len(left) != 7 { // two directories, three files, two marks
		t.Errorf("while it is away only %v are here", left)
	}
	server.Start(t)
	eventually(t, "both have arrived", func() bool { return h.count(true) == 2 })
	if h.count(false) != 2 {
		t.Errorf("%d failures were told, want one for each recording", h.count(false))
	}
	check(t, a, "01A", first)
	check(t, a, "01B", second)
	if left := local(t, dir); len(left) != 0 {
		t.Errorf("here are still %v", left)
	}
	if s := a.Status(); s != (archive.Status{}) {
		t.Errorf("afterwards the status is %+v", s)
	}
}

func TestAServerKilledAmidAnUploadGetsItAgain(t *testing.T) {
	server, dir, h := s3test.New(t), t.TempDir(), &heard{}
	a := newArchive(t, dir, bucketAt(t, server.Address), h)
	want := recording(t, dir, "01A", 40<<20)
	if err := a.Add("01A"); err != nil {
		t.Fatal(err)
	}
	parts := filepath.Join(server.Buckets, s3test.Bucket, ".sgwtmp")
	eventually(t, "a part has arrived", func() bool { return len(local(t, parts)) > 3 || h.count(true) > 0 })
	server.Kill()
	server.Start(t)
	eventually(t, "it has arrived", func() bool { return h.count(true) == 1 })
	check(t, a, "01A", want)
}

// garbage stands between the archive and the server and does a fault's work.
type garbage struct {
	proxy *httputil.ReverseProxy
	fault atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	hits  atomic.Int64
}

func (g *garbage) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if fault := g.fault.Load(); fault != nil && (*fault)(w, q) {
		g.hits.Add(1)
		return
	}
	g.proxy.ServeHTTP(w, q)
}

// flipped changes a byte of what passes.
type flipped struct {
	http.ResponseWriter
	done bool
}

func (f *flipped) Write(b []byte) (int, error) {
	if !f.done && len(b) > 0 {
		f.done, b[len(b)/2] = true, b[len(b)/2]^1
	}
	return f.ResponseWriter.Write(b)
}

func TestGarbageFromTheStorageIsNotBelieved(t *testing.T) {
	server := s3test.New(t)
	target := &url.URL{Scheme: "http", Host: server.Address}
	g := &garbage{proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}}
	front := httptest.NewServer(g)
	defer front.Close()
	faults := map[string]func(http.ResponseWriter, *http.Request) bool{
		"a page with status 200": func(w http.ResponseWriter, q *http.Request) bool {
			io.Copy(io.Discard, q.Body)
			w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
			io.WriteString(w, "<html>Welcome to nginx!</html>")
			return true
		},
		"what is put is swallowed": func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method == http.MethodPut {
				io.Copy(io.Discard, q.Body)
				w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
			}
			return q.Method == http.MethodPut
		},
		"what is read is altered": func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method == http.MethodGet && q.Header.Get("Range") != "" {
				g.proxy.ServeHTTP(&flipped{ResponseWriter: w}, q)
				return true
			}
			return false
		},
		"what is read ends early": func(w http.ResponseWriter, q *http.Request) bool {
			if q.Method == http.MethodGet && q.Header.Get("Range") != "" {
				w.Header().Set("Content-Length", "100000")
				w.WriteHeader(http.StatusPartialContent)
				io.WriteString(w, "too little")
				return true
			}
			return false
		},
		"500": func(w http.ResponseWriter, q *http.Request) bool {
			http.Error(w, "no", http.StatusInternalServerError)
			return true
		},
		"noise for XML": func(w http.ResponseWriter, q *http.Request) bool {
			w.Write(noise(7, 5000))
			return true
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			dir, h := t.TempDir(), &heard{}
			g.fault.Store(&fault)
			g.hits.Store(0)
			a := newArchive(t, dir, bucketAt(t, front.Listener.Addr().String()), h)
			id := "01" + strings.ToUpper(strings.ReplaceAll(name, " ", "-"))
			want := recording(t, dir, id, 100_000, 6<<20)
			if err := a.Add(id); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it was tried more than once", func() bool { return a.Status().Attempts >= 2 && g.hits.Load() >= 2 })
			if left := local(t, dir); len(left) != 4 { // its directory, two files, the mark
				t.Fatalf("while it is garbage only %v are here", left)
			}
			g.fault.Store(nil)
			eventually(t, "it has arrived", func() bool { return h.count(true) == 1 })
			check(t, a, id, want)
			if left := local(t, dir); len(left) != 0 {
				t.Errorf("here are still %v", left)
			}
		})
	}
}

func TestMovingGoesOnAfterARestart(t *testing.T) {
	dir, there, h := t.TempDir(), t.TempDir(), &heard{}
	want := recording(t, dir, "01A", 1000, 2000)
	away := archive.NewDirectory(filepath.Join(there, "share"))
	a := newArchive(t, dir, away, h)
	if err := a.Add("01A"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it failed", func() bool { return h.count(false) == 1 })
	a.Close()
	if err := os.Mkdir(filepath.Join(there, "share"), 0o700); err != nil {
		t.Fatal(err)
	}
	b := newArchive(t, dir, away, h)
	eventually(t, "it has arrived", func() bool { return h.count(true) == 1 })
	check(t, b, "01A", want)
	// A file that comes later follows.
	more := recording(t, dir, "01A", 1000, 2000, 3000)
	if err := b.Add("01A"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other file has arrived", func() bool { return h.count(true) == 2 })
	check(t, b, "01A", more)
}

func TestWhatIsRemovedDoesNotComeBack(t *testing.T) {
	dir, there, h := t.TempDir(), filepath.Join(t.TempDir(), "share"), &heard{}
	a := newArchive(t, dir, archive.NewDirectory(there), h)
	recording(t, dir, "01A", 1000)
	if err := a.Add("01A"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it failed", func() bool { return h.count(false) == 1 })
	if err := a.Remove(t.Context(), "01A"); err == nil {
		t.Error("removed from a storage that is away")
	}
	if err := os.Mkdir(there, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := a.Remove(t.Context(), "01A"); err != nil {
		t.Error(err)
	}
	recording(t, dir, "01B", 1000)
	if err := a.Add("01B"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other has arrived", func() bool { return h.count(true) == 1 })
	if err := a.Remove(t.Context(), "01B"); err != nil {
		t.Error(err)
	}
	if left := append(local(t, dir), local(t, there)...); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
}

// An hour of it, in virtual time: few enough attempts, and one soon after.
func TestAttemptsBecomeRareAndDoNotEnd(t *testing.T) {
	dir, there := t.TempDir(), filepath.Join(t.TempDir(), "share")
	recording(t, dir, "01A", 1000)
	synctest.Test(t, func(t *testing.T) {
		h := &heard{}
		a, err := archive.New(archive.Config{Directory: dir, Storage: archive.NewDirectory(there), Deliver: h.take})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := a.Add("01A"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if s := a.Status(); s.Attempts < 15 || s.Attempts > 30 || time.Since(s.Failing) < 59*time.Minute {
			t.Errorf("after an hour: %d attempts, failing for %v", s.Attempts, time.Since(s.Failing))
		}
		if err := os.Mkdir(there, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		if h.count(true) != 1 || h.count(false) != 1 {
			t.Errorf("five minutes after it came back: %+v", h.events)
		}
	})
}

func TestWithoutAStorageRecordingsStay(t *testing.T) {
	dir := t.TempDir()
	a := newArchive(t, dir, nil, &heard{})
	want := recording(t, dir, "01A", 1000)
	if err := a.Add("01A"); err != nil {
		t.Fatal(err)
	}
	check(t, a, "01A", want)
	if err := a.Remove(t.Context(), "01A"); err != nil {
		t.Error(err)
	}
	if left := local(t, dir); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
}

func TestOneFileIsRemovedWhereverItIsAndTheOthersStay(t *testing.T) {
	dir, bucket := t.TempDir(), t.TempDir()
	write := func(under, name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(under, "rec_1"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(under, "rec_1", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(dir, "here.age")
	write(bucket, "there.age")
	write(bucket, "stays.age")
	a := newArchive(t, dir, archive.NewDirectory(bucket), &heard{})
	for _, name := range []string{"here.age", "there.age", "never.age"} {
		if err := a.RemoveFile(t.Context(), "rec_1", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, a, "rec_1", map[string][32]byte{"stays.age": sha256.Sum256([]byte("stays.age"))})
	if err := a.RemoveFile(t.Context(), "rec_1", "../../etc"); err == nil {
		t.Error("it removed what lies elsewhere")
	}
}
