package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"testing"
)

// What people wait for before they see something, in bytes as they travel. A
// page that grows beyond it is to lose something else.
const (
	roomWeight   = 60_000
	buttonWeight = 5_000
)

// loaded are the files a page or a script cannot do without; imported within a
// call is what it loads later.
var loaded = regexp.MustCompile(`(?:src="/|href="/|from"\./|import"\./)((?:assets/)?[\w.-]+\.(?:js|css))"`)

func TestPagesAreNoHeavierThanTheyMayBe(t *testing.T) {
	files, err := Assets()
	if errors.Is(err, ErrNotBuilt) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for page, limit := range map[string]int{"room.html": roomWeight, "embed/v1.js": buttonWeight, "embed/thread.js": buttonWeight} {
		names := withAllItLoads(t, files, page)
		weight := 0
		for _, name := range names {
			weight += travels(t, read(t, files, name))
		}
		if weight > limit {
			t.Errorf("%s weighs %d bytes gzipped, with %v; want at most %d", page, weight, names[1:], limit)
		}
		if page == "room.html" && len(names) < 3 {
			t.Errorf("%s loads %v: its scripts were not found", page, names[1:])
		}
		if page != "room.html" && len(names) > 1 {
			t.Errorf("%s loads %v: other sites have nothing but the one file", page, names[1:])
		}
	}
}

// withAllItLoads returns a file and, each once, what is loaded with it.
func withAllItLoads(t *testing.T, files fs.FS, first string) []string {
	t.Helper()
	names := []string{first}
	for i := 0; i < len(names); i++ {
		for _, found := range loaded.FindAllSubmatch(read(t, files, names[i]), -1) {
			name := string(found[1])
			if !bytes.HasPrefix(found[1], []byte("assets/")) { // beside the script
				name = "assets/" + name
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func read(t *testing.T, files fs.FS, name string) []byte {
	t.Helper()
	content, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// travels returns how many bytes a file is when it is sent compressed.
func travels(t *testing.T, content []byte) int {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
