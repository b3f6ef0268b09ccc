// Package s3test runs an S3 server for tests: the Versity S3 Gateway, which people
// run in earnest. It is a tool of the module in ../testdata/s3server, built once and
// kept by the go command.
package s3test

import (
	"context"
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
)

// What opens every Server, and the bucket that it has.
const (
	AccessKey = "test-access"
	SecretKey = "test-secret"
	Bucket    = "recordings"
)

var gateway = sync.OnceValues(func() (string, error) {
	module := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "parley")
	dir, err := module.Output()
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "tool", "-n", "versitygw")
	build.Dir = filepath.Join(strings.TrimSpace(string(dir)), "recorder", "archive", "testdata", "s3server")
	build.Stderr = os.Stderr
	out, err := build.Output()
	return strings.TrimSpace(string(out)), err
})

// Server is an S3 server that can be killed and started again. The end of the test
// kills it.
type Server struct {
	Address string // host and port
	Buckets string // the directory in which it has a directory for each bucket
	sidecar string
	process *exec.Cmd
}

// New starts a server with an empty bucket.
func New(t *testing.T) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), Buckets: t.TempDir(), sidecar: t.TempDir()}
	l.Close()
	t.Cleanup(s.Kill)
	s.Start(t)
	if err := s.Client(t).MakeBucket(t.Context(), Bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// Client returns a client of the server.
func (s *Server) Client(t *testing.T) *minio.Client {
	t.Helper()
	client, err := minio.New(s.Address, &minio.Options{Creds: credentials.NewStaticV4(AccessKey, SecretKey, ""), MaxRetries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Objects returns the keys in the bucket.
func (s *Server) Objects(t *testing.T) (keys []string) {
	t.Helper()
	for o := range s.Client(t).ListObjectsIter(t.Context(), Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// Start starts the server, again after Kill, and waits until it answers.
func (s *Server) Start(t *testing.T) {
	t.Helper()
	path, err := gateway()
	if err != nil {
		t.Fatalf("build the S3 server: %v", err)
	}
	s.process = exec.Command(path, "--quiet", "--port", s.Address, "--access", AccessKey, "--secret", SecretKey,
		"posix", "--disableotmp", "--sidecar", s.sidecar, s.Buckets)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	client := s.Client(t)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := client.ListBuckets(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the S3 server does not answer: %v", err)
		}
	}
}

// Kill ends the server at once.
func (s *Server) Kill() {
	if s.process != nil {
		// It may have ended by itself; that it ended badly is what was asked for.
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}
