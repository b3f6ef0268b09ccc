package archive_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/recorder/archive"
	"parley/recorder/archive/s3test"
)

func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}).Read(b)
	return b
}

func put(t *testing.T, s archive.Storage, key string, content []byte) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), key, f); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func get(t *testing.T, s archive.Storage, key string) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	defer o.Close()
	b, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return b
}

// Both storages keep, find, list and remove alike.
func TestStorages(t *testing.T) {
	server := s3test.New(t)
	for name, s := range map[string]archive.Storage{
		"directory": archive.NewDirectory(t.TempDir()),
		"bucket":    bucketAt(t, server.Address),
	} {
		t.Run(name, func(t *testing.T) {
			if err := archive.Try(t.Context(), s); err != nil {
				t.Errorf("Try: %v", err)
			}
			sizes := []int{0, 1, 100_000, 1 << 20, 5<<20 + 1, 12<<20 + 345} // the last two in parts
			var want []archive.Entry
			for i, n := range sizes {
				file := string(rune('a'+i)) + ".webm.age"
				put(t, s, "01A/"+file, noise(uint64(n), n))
				want = append(want, archive.Entry{Name: file, Size: int64(n)})
			}
			put(t, s, "01AB/x", noise(1, 1)) // a neighbour whose id begins alike
			for i, n := range sizes {
				if got := get(t, s, "01A/"+want[i].Name); !bytes.Equal(got, noise(uint64(n), n)) {
					t.Errorf("of %d bytes %d came back, or others", n, len(got))
				}
			}
			got, err := s.List(t.Context(), "01A")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("List = %v, %v; want %v", got, err, want)
			}
			put(t, s, "01A/a.webm.age", noise(9, 2_000_000))
			if got := get(t, s, "01A/a.webm.age"); !bytes.Equal(got, noise(9, 2_000_000)) {
				t.Error("a file that was put again is the old one")
			}
			for range 2 { // the second time there is none
				if err := s.Remove(t.Context(), "01A/a.webm.age"); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Open(t.Context(), "01A/a.webm.age"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opening what was removed: %v, want fs.ErrNotExist", err)
			}
			if got, err := s.List(t.Context(), "01NONE"); err != nil || len(got) != 0 {
				t.Errorf("List of nothing = %v, %v", got, err)
			}
			for _, bad := range []string{"", "a", "/a", "a/", "../a", "a/..", "a/../b", "a/b/c", "a/.b", `a\b/c`} {
				if _, err := s.Open(t.Context(), bad); err == nil || errors.Is(err, fs.ErrNotExist) {
					t.Errorf("key %q: %v, want a refusal", bad, err)
				}
			}
		})
	}
}

func TestRangesAreReadFromABucket(t *testing.T) {
	server := s3test.New(t)
	s := bucketAt(t, server.Address)
	content := noise(3, 3<<20+17)
	put(t, s, "01A/a", content)
	o, err := s.Open(t.Context(), "01A/a")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]int{{0, 10}, {1<<20 - 5, 1<<20 + 5}, {500_000, 3_000_000}, {len(content) - 1, len(content)}} {
		got := make([]byte, r[1]-r[0])
		if _, err := o.ReadAt(got, int64(r[0])); err != nil || !bytes.Equal(got, content[r[0]:r[1]]) {
			t.Errorf("bytes %d to %d: %v", r[0], r[1], err)
		}
	}
	if n, err := o.ReadAt(make([]byte, 10), int64(len(content)-3)); n != 3 || err != io.EOF {
		t.Errorf("over the end: %d, %v; want 3 and the end", n, err)
	}
	// Exchanged while somebody reads, it is not mixed with what was there before.
	put(t, s, "01A/a", noise(4, len(content)))
	got := make([]byte, 10)
	if _, err := o.ReadAt(got, 2<<20+500_000); err != nil || !bytes.Equal(got, content[2<<20+500_000:][:10]) {
		t.Errorf("a block that is at hand: %v", err)
	}
	if _, err := o.ReadAt(got, 0); err == nil {
		t.Error("a block of another version was read")
	}
}

func TestABucketThatCannotBeUsedSaysWhy(t *testing.T) {
	server := s3test.New(t)
	for name, tt := range map[string]struct {
		config archive.S3Config
		want   string
	}{
		"another bucket":  {archive.S3Config{URL: "http://" + server.Address + "/nothing", AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey}, `there is no bucket "nothing"`},
		"another secret":  {archive.S3Config{URL: "http://" + server.Address + "/" + s3test.Bucket, AccessKey: s3test.AccessKey, SecretKey: "x"}, "refuses the access key or the secret key"},
		"another key":     {archive.S3Config{URL: "http://" + server.Address + "/" + s3test.Bucket, AccessKey: "nobody", SecretKey: "x"}, "access key"},
		"nobody there":    {archive.S3Config{URL: "http://127.0.0.1:1/" + s3test.Bucket, AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey}, "connection refused"},
		"no bucket":       {archive.S3Config{URL: "http://127.0.0.1:1/", AccessKey: "a", SecretKey: "b"}, "it names no bucket"},
		"no address":      {archive.S3Config{URL: "my-bucket", AccessKey: "a", SecretKey: "b"}, "it is no address of a bucket"},
		"secret in url":   {archive.S3Config{URL: "https://a:b@s3.example/x", AccessKey: "a", SecretKey: "b"}, "it is no address of a bucket"},
		"no keys":         {archive.S3Config{URL: "https://s3.example/x"}, "the access key and the secret key are missing"},
		"no such service": {archive.S3Config{URL: "ftp://s3.example/x", AccessKey: "a", SecretKey: "b"}, "it is no address of a bucket"},
	} {
		tt.config.Region = "us-east-1"
		s, err := archive.NewS3(tt.config)
		if err == nil {
			err = archive.Try(t.Context(), s)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if err := archive.Try(t.Context(), archive.NewDirectory(filepath.Join(t.TempDir(), "away"))); err == nil || !strings.Contains(err.Error(), "is away") {
		t.Errorf("a directory that is not there: %v", err)
	}
}
