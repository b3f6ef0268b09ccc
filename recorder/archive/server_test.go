package archive_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/recorder/archive"
	"parley/recorder/archive/s3test"
)

// bucketAt returns the storage in a server's bucket, at an address in front of it
// or its own.
func bucketAt(t *testing.T, address string) *archive.S3 {
	t.Helper()
	storage, err := archive.NewS3(archive.S3Config{
		URL: "http://" + address + "/" + s3test.Bucket + "/parley", Region: "us-east-1",
		AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey, PartSize: 5 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { storage.Close() })
	return storage
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("not in a minute: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// recording writes a recording's files and returns their sums.
func recording(t *testing.T, dir, id string, sizes ...int) map[string][32]byte {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, id), 0o700); err != nil {
		t.Fatal(err)
	}
	files := map[string][32]byte{}
	for i, n := range sizes {
		name, content := fmt.Sprintf("%03d-mic.webm.age", i), noise(uint64(i+n), n)
		if err := os.WriteFile(filepath.Join(dir, id, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		files[name] = sha256.Sum256(content)
	}
	return files
}
