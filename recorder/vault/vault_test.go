package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/recorder/vault"
)

const id = "01K9X7QZ3M5T8B2C4D6E8F0GHJ"

// noise is content that cannot be compressed or come about by chance.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(b)
	return b
}

func newKey(t testing.TB) string {
	t.Helper()
	key, err := vault.NewKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func keyring(t testing.TB, keys ...string) *vault.Keyring {
	t.Helper()
	k, err := vault.ReadKeyring(strings.NewReader(strings.Join(keys, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newVault(t testing.TB, dir string, keys *vault.Keyring) *vault.Vault {
	t.Helper()
	v, err := vault.New(dir, keys)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sealed returns a vault with one recording of the given files.
func sealed(t testing.TB, files map[string][]byte) (v *vault.Vault, dir string) {
	t.Helper()
	v, dir = newVault(t, t.TempDir(), keyring(t, newKey(t))), t.TempDir()
	write(t, dir, files)
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	return v, dir
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(v *vault.Vault, name string, content []byte) ([]byte, error) {
	r, err := v.Open(id, name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestWhatWasSealedIsReadAgain(t *testing.T) {
	files := map[string][]byte{}
	for _, n := range []int{0, 1, 1000, 1<<16 - 1, 1 << 16, 1<<16 + 1, 3 << 16, 200_001} {
		files["track"+string(rune('a'+len(files)))+".webm"] = noise(uint64(n), n)
	}
	v, dir := sealed(t, files)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), vault.Sealed) {
			t.Errorf("%s was left beside what was sealed", e.Name())
		}
		for name, content := range files {
			if len(content) >= 1000 && bytes.Contains(read(t, dir, e.Name()), content[:64]) {
				t.Errorf("%s shows what is in %s", e.Name(), name)
			}
		}
	}
	known, err := v.Files(id)
	if err != nil {
		t.Fatal(err)
	}
	if len(known) != len(files) {
		t.Errorf("the vault knows %d files, want %d", len(known), len(files))
	}
	for _, f := range known {
		want := files[f.Name]
		got, err := open(v, f.Name, read(t, dir, f.Name+vault.Sealed))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes and %v, want the %d that were sealed", f.Name, len(got), err, len(want))
		}
		if f.Size != int64(len(want)) || f.Sum != sha256.Sum256(want) {
			t.Errorf("%s is known with size %d and sum %s", f.Name, f.Size, f.Sum)
		}
	}
}

func TestABrowserSeeksInASealedFile(t *testing.T) {
	content := noise(7, 300_000)
	v, dir := sealed(t, map[string][]byte{"a.webm": content})
	file := read(t, dir, "a.webm.age")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r, err := v.Open(id, "a.webm", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Error(err)
			return
		}
		http.ServeContent(w, q, "a.webm", time.Time{}, r)
	}))
	defer server.Close()
	for _, tt := range []struct {
		header   string
		from, to int
	}{
		{"bytes=0-", 0, 300_000},
		{"bytes=0-0", 0, 1},
		{"bytes=65535-65536", 65535, 65537},
		{"bytes=131072-199999", 131072, 200_000},
		{"bytes=-1", 299_999, 300_000},
		{"bytes=250000-999999", 250_000, 300_000},
	} {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Range", tt.header)
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(got, content[tt.from:tt.to]) {
			t.Errorf("%s: status %d, %d bytes, error %v; want bytes %d to %d", tt.header, answer.StatusCode, len(got), err, tt.from, tt.to)
		}
	}
}

func TestWhatWasAlteredIsRefused(t *testing.T) {
	content := noise(3, 5<<16)
	v, dir := sealed(t, map[string][]byte{"a.webm": content, "b.webm": content})
	good := read(t, dir, "a.webm.age")
	const chunk = 1<<16 + 16
	start := len(good) - 5*chunk // of the first chunk
	splice := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	at := func(i int) []byte { return good[start+i*chunk : start+(i+1)*chunk] }
	altered := map[string][]byte{
		"empty":                        {},
		"cut off in the header":        good[:20],
		"cut off after the header":     good[:start],
		"the last chunk missing":       good[:len(good)-chunk],
		"the last byte missing":        good[:len(good)-1],
		"a byte too many":              splice(good, []byte{0}),
		"the first chunk missing":      splice(good[:start], good[start+chunk:]),
		"two chunks exchanged":         splice(good[:start], at(1), at(0), at(2), at(3), at(4)),
		"a chunk twice":                splice(good[:start], at(0), at(0), at(2), at(3), at(4)),
		"another file under this name": read(t, dir, "b.webm.age"),
	}
	for _, i := range []int{0, 30, start - 40, start - 8, start, start + chunk - 1, start + 2*chunk + 5, len(good) - 1} {
		b := bytes.Clone(good)
		b[i] ^= 1
		altered["bit flipped at "+string(rune('a'+len(altered)))] = b
	}
	for how, b := range altered {
		got, err := open(v, "a.webm", b)
		if !errors.Is(err, vault.ErrAltered) {
			t.Errorf("%s: got %d bytes and error %v, want ErrAltered", how, len(got), err)
		}
		if !bytes.HasPrefix(content, got) {
			t.Errorf("%s: bytes were given out that were never sealed", how)
		}
		if err := v.Verify(t.Context(), id, "a.webm", bytes.NewReader(b), int64(len(b))); !errors.Is(err, vault.ErrAltered) {
			t.Errorf("%s: Verify says %v, want ErrAltered", how, err)
		}
	}
	if _, err := open(v, "a.webm", good); err != nil {
		t.Errorf("the file itself: %v", err)
	}
}

type brokenDisk struct{ after int64 }

var errDisk = errors.New("disk on fire")

func (b brokenDisk) ReadAt(p []byte, off int64) (int, error) { return 0, errDisk }

func TestADiskThatFailsIsNotTakenForTampering(t *testing.T) {
	v, dir := sealed(t, map[string][]byte{"a.webm": noise(1, 100)})
	size := int64(len(read(t, dir, "a.webm.age")))
	_, err := v.Open(id, "a.webm", brokenDisk{}, size)
	if !errors.Is(err, errDisk) || errors.Is(err, vault.ErrAltered) {
		t.Errorf("got %v, want the disk's own error", err)
	}
}

func TestNamesThatLeadElsewhereAreRefused(t *testing.T) {
	v := newVault(t, t.TempDir(), keyring(t, newKey(t)))
	for _, bad := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a\x00", "x y", strings.Repeat("a", 65)} {
		if err := v.Seal(t.Context(), bad, t.TempDir()); err == nil {
			t.Errorf("sealed a recording with the id %q", bad)
		}
		if _, err := v.Receipt(bad); err == nil || errors.Is(err, os.ErrNotExist) {
			t.Errorf("receipt of %q: got %v, want a refusal", bad, err)
		}
	}
	dir := t.TempDir()
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "a.webm")); err != nil {
		t.Fatal(err)
	}
	if err := v.Seal(t.Context(), id, dir); err == nil {
		t.Error("followed a symbolic link out of the recording")
	}
}

func TestWhatComesLaterIsSealedBesideTheRest(t *testing.T) {
	v, dir := sealed(t, map[string][]byte{"a.webm": noise(1, 100)})
	write(t, dir, map[string][]byte{"interview.mp4": noise(2, 100), ".lock": nil})
	for range 2 { // the second time there is nothing to do
		if err := v.Seal(t.Context(), id, dir); err != nil {
			t.Fatal(err)
		}
	}
	for name, seed := range map[string]uint64{"a.webm": 1, "interview.mp4": 2} {
		if got, err := open(v, name, read(t, dir, name+vault.Sealed)); err != nil || !bytes.Equal(got, noise(seed, 100)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Made again, it has another key.
	write(t, dir, map[string][]byte{"interview.mp4": noise(3, 100)})
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	if got, err := open(v, "interview.mp4", read(t, dir, "interview.mp4.age")); err != nil || !bytes.Equal(got, noise(3, 100)) {
		t.Errorf("the file that was made again: %v", err)
	}
}

func TestExtractLeavesNothingWhenItFails(t *testing.T) {
	content := noise(9, 200_000)
	v, dir := sealed(t, map[string][]byte{"a.webm": content})
	file := read(t, dir, "a.webm.age")
	out := filepath.Join(t.TempDir(), "a.webm")
	extract := func(ctx context.Context, b []byte) error {
		return v.Extract(ctx, id, "a.webm", bytes.NewReader(b), int64(len(b)), out)
	}
	broken := bytes.Clone(file)
	broken[len(broken)-100_000] ^= 1
	if err := extract(t.Context(), broken); !errors.Is(err, vault.ErrAltered) {
		t.Errorf("got %v, want ErrAltered", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := extract(stopped, file); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was stopped", err)
	}
	if err := extract(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Dir(out), "a.webm"); !bytes.Equal(got, content) {
		t.Error("the extracted file is another")
	}
}
