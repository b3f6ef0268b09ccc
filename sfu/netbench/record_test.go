package netbench

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

var record = flag.String("record", "", "record what estimators see into files of this directory")

// recording is a trace of one viewer's estimator, with what the way carries.
type recording struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (r *recording) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.Write(b)
}

// carries notes what the way carries from now on, for who replays the trace.
func (r *recording) carries(bits int) { fmt.Fprintf(r, "k 0 %d\n", bits) }

// save writes the trace, compressed.
func (r *recording) save(name string) error {
	r.mu.Lock() // the call goes on
	defer r.mu.Unlock()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(r.lines.Bytes()); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// change is what a way carries from a moment of a trace on.
type change struct {
	at   time.Duration
	path sfutest.Path
}

func lossy(bits int, loss float64) sfutest.Path {
	p := narrow(bits)
	p.Loss = loss
	return p
}

// TestRecordTraces plays calls in which one way down is narrow, and records what the
// estimator of that way sees.
func TestRecordTraces(t *testing.T) {
	if *record == "" {
		t.Skip("writes files: make bench-network RECORD=directory")
	}
	if err := os.MkdirAll(*record, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		ways    []change
		length  time.Duration
		sharing bool // the publisher is behind it too
	}{
		{"500k", []change{{0, narrow(500_000)}}, 30 * time.Second, false},
		{"500k-shared", []change{{0, narrow(500_000)}}, 30 * time.Second, true},
		{"300k-start", []change{{0, narrow(300_000)}}, 20 * time.Second, false},
		{"dip", []change{{0, narrow(2_500_000)}, {10 * time.Second, narrow(400_000)}, {25 * time.Second, narrow(2_500_000)}}, 40 * time.Second, false},
		{"10-percent-lost", []change{{0, lossy(3_000_000, 0.1)}}, 30 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var kept recording
				r := openWith(t, 1, func(id sfu.PeerID) io.Writer {
					if id == "viewer" {
						return &kept
					}
					return nil
				})
				defer r.close()
				camera := sfutest.Adaptive(sfu.Camera, fps, rate)
				publisher, up := []sfutest.Option{sfutest.Up(clean()), sfutest.Down(clean()), camera}, clean()
				if c.sharing {
					publisher, up = []sfutest.Option{sfutest.Behind(r.router), camera}, c.ways[0].path
				}
				r.router.SetPath(up, c.ways[0].path)
				a := r.join("alice", publisher...)
				viewer := r.join("viewer", sfutest.Behind(r.router), camera)
				kept.carries(c.ways[0].path.Rate)
				viewer.show(a)
				a.show(viewer)
				start := time.Now()
				for _, w := range c.ways[1:] {
					time.Sleep(w.at - time.Since(start))
					r.router.SetPath(clean(), w.path)
					kept.carries(w.path.Rate)
				}
				time.Sleep(c.length - time.Since(start))
				if err := kept.save(filepath.Join(*record, c.name+".gz")); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}
