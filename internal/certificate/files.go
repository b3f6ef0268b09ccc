package certificate

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is how often files are looked at. What is compared is their content,
// so that it does not matter how they are replaced: written over, renamed, or
// behind a symbolic link that is turned to another directory.
const lookEvery = 10 * time.Second

// Files is a certificate in two PEM files.
type Files struct {
	certificate, key string
	log              *slog.Logger
	current          atomic.Pointer[tls.Certificate]

	stop context.CancelFunc
	wg   sync.WaitGroup

	// Of the goroutine alone.
	seen   content // what current was read from
	broken content // what was last found wrong
	warned bool    // and whether that was said
}

type content struct{ certificate, key []byte }

func (c content) equal(o content) bool {
	return bytes.Equal(c.certificate, o.certificate) && bytes.Equal(c.key, o.key)
}

// FromFiles reads a certificate chain and its key, and follows their changes
// until Close. Its error says what is wrong with the files.
func FromFiles(certificate, key string, log *slog.Logger) (*Files, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f := &Files{certificate: certificate, key: key, log: log}
	read, err := f.read()
	if err != nil {
		return nil, err
	}
	if err := f.use(read); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	f.stop = stop
	f.wg.Go(func() { f.follow(ctx) })
	return f, nil
}

// GetCertificate is for tls.Config. It never fails.
func (f *Files) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return f.current.Load(), nil
}

// Leaf returns the certificate in use. It is not to be changed.
func (f *Files) Leaf() *x509.Certificate { return f.current.Load().Leaf }

// Close stops following the files. It is idempotent.
func (f *Files) Close() error {
	f.stop()
	f.wg.Wait()
	return nil
}

func (f *Files) follow(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.look()
		case <-ctx.Done():
			return
		}
	}
}

// look takes files that have changed into use. Files that cannot be used leave
// the old certificate; that is said when they are still so the next time, for
// somebody may be writing them.
func (f *Files) look() {
	read, err := f.read()
	if err == nil && read.equal(f.seen) {
		f.broken, f.warned = content{}, false
		return
	}
	if err == nil {
		err = f.use(read)
	}
	if err == nil {
		f.broken, f.warned = content{}, false
		f.log.Info("certificate replaced", "file", f.certificate, "expires", f.Leaf().NotAfter.UTC())
		return
	}
	if again := f.broken.equal(read); again && !f.warned {
		f.warned = true
		f.log.Warn("the new certificate cannot be used; the old one stays", "err", err, "expires", f.Leaf().NotAfter.UTC())
	} else if !again {
		f.broken, f.warned = read, false
	}
}

func (f *Files) read() (c content, err error) {
	if c.certificate, err = os.ReadFile(f.certificate); err != nil {
		return content{}, fmt.Errorf("the certificate cannot be read: %w", err)
	}
	if c.key, err = os.ReadFile(f.key); err != nil {
		return content{}, fmt.Errorf("the key cannot be read: %w", err)
	}
	return c, nil
}

func (f *Files) use(c content) error {
	pair, err := tls.X509KeyPair(c.certificate, c.key) // with its Leaf
	if err != nil {
		return fmt.Errorf("%s and %s do not make a certificate: %w", f.certificate, f.key, err)
	}
	f.seen = c
	f.current.Store(&pair)
	return nil
}
