package archive_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"parley/recorder/archive"
)

const (
	accessKey = "test-access"
	secretKey = "test-secret"
	bucket    = "recordings"
)

// gateway is the Versity S3 Gateway, a server that people run in earnest. It is
// a tool of the module in testdata/s3server, built once and kept by the go
// command.
var gateway = sync.OnceValues(func() (string, error) {
	build := exec.Command("go", "tool", "-n", "versitygw")
	build.Dir = "testdata/s3server"
	build.Stderr = os.Stderr
	out, err := build.Output()
	return strings.TrimSpace(string(out)), err
})

// s3Server is an S3 server that can be killed and started again.
type s3Server struct {
	address string
	dir     string
	process *exec.Cmd
}

func startS3(t *testing.T) *s3Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &s3Server{address: l.Addr().String(), dir: t.TempDir()}
	l.Close()
	for _, sub := range []string{"buckets", "sidecar"} {
		if err := os.Mkdir(filepath.Join(s.dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.kill)
	s.start(t)
	client := s.client(t)
	if err := client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *s3Server) client(t *testing.T) *minio.Client {
	t.Helper()
	client, err := minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""), MaxRetries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (s *s3Server) start(t *testing.T) {
	t.Helper()
	path, err := gateway()
	if err != nil {
		t.Fatalf("build the S3 server: %v", err)
	}
	s.process = exec.Command(path, "--quiet", "--port", s.address, "--access", accessKey, "--secret", secretKey,
		"posix", "--disableotmp", "--sidecar", filepath.Join(s.dir, "sidecar"), filepath.Join(s.dir, "buckets"))
	var said strings.Builder
	s.process.Stdout, s.process.Stderr = &said, &said
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	client := s.client(t)
	eventually(t, "the S3 server answers", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, err := client.ListBuckets(ctx)
		return err == nil
	})
}

func (s *s3Server) kill() {
	if s.process != nil {
		s.process.Process.Kill()
		s.process.Wait()
		s.process = nil
	}
}

// bucketAt returns the storage in the server's bucket, at an address in front
// of it or its own.
func (s *s3Server) bucketAt(t *testing.T, address string) *archive.S3 {
	t.Helper()
	storage, err := archive.NewS3(archive.S3Config{
		URL: "http://" + address + "/" + bucket + "/parley", Region: "us-east-1",
		AccessKey: accessKey, SecretKey: secretKey, PartSize: 5 << 20,
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
