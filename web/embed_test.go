package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAssetsAreWholeOrSayHowToBuildThem(t *testing.T) {
	files, err := Assets()
	if errors.Is(err, ErrNotBuilt) {
		t.Log(err)
		return
	}
	if err != nil {
		t.Fatalf("Assets: %v", err)
	}
	scripts, err := fs.Glob(files, "assets/*.js")
	if err != nil || len(scripts) == 0 {
		t.Errorf("scripts in assets: got %v, %v; want at least one", scripts, err)
	}
}

func TestAPageThatIsMissingIsNamed(t *testing.T) {
	all := []string{"room.html", "check.html", "app.html", "recording.html", "embed/v1.js", "embed/thread.js"}
	files := fstest.MapFS{}
	for _, page := range all {
		files[page] = &fstest.MapFile{}
	}
	if err := whole(files); err != nil {
		t.Errorf("with everything: got %v", err)
	}
	for _, page := range all {
		delete(files, page)
		if err := whole(files); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), page) {
			t.Errorf("without %s: got %v, want ErrNotBuilt and its name", page, err)
		}
		files[page] = &fstest.MapFile{}
	}
}

// Brotli is unpacked by the browsers of test/e2e: Go has nothing that does.
func TestWhatGetsSmallerIsPackedAndNothingElse(t *testing.T) {
	files, err := Assets()
	if errors.Is(err, ErrNotBuilt) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	packed := 0
	for _, name := range names(t, files) {
		switch path.Ext(name) {
		case ".br", ".gz":
			packed++
			original := read(t, files, strings.TrimSuffix(name, path.Ext(name)))
			content := read(t, files, name)
			if len(content) >= len(original) {
				t.Errorf("%s has %d bytes, and what is packed in it %d", name, len(content), len(original))
			}
			if path.Ext(name) == ".gz" && !bytes.Equal(unpacked(t, name, content), original) {
				t.Errorf("%s does not hold what it is named for", name)
			}
		case ".js", ".css", ".html":
			for _, ending := range []string{".br", ".gz"} {
				if _, err := fs.Stat(files, name+ending); err != nil && len(read(t, files, name)) > 1000 {
					t.Errorf("%s is not packed in %s", name, ending)
				}
			}
		}
	}
	if packed == 0 {
		t.Error("nothing is packed")
	}
}

func names(t *testing.T, files fs.FS) (all []string) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func unpacked(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	content, err = io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return content
}
