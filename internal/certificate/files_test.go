package certificate_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/certificate"
)

// pair is a certificate of a name and its key, as PEM.
func pair(t *testing.T, host string, life time.Duration) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: now.AddDate(0, 0, -89), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func place(t *testing.T, dir, host string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cert, key := pair(t, host, time.Hour)
	write(t, dir, "cert.pem", cert)
	write(t, dir, "key.pem", key)
}

func TestFilesThatChangeAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := t.TempDir()
		dir := filepath.Join(base, "live")
		place(t, filepath.Join(base, "1"), "one.example")
		place(t, filepath.Join(base, "2"), "two.example")
		link := func(to string) { // as certificate tools do: the new link replaces the old one at once
			if err := os.Symlink(to, dir+"-new"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(dir+"-new", dir); err != nil {
				t.Fatal(err)
			}
		}
		link("1")
		var log buffer
		f, err := certificate.FromFiles(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		serves := func(want string) {
			t.Helper()
			time.Sleep(25 * time.Second)
			synctest.Wait()
			c, err := f.GetCertificate(nil)
			if err != nil || c.Leaf.DNSNames[0] != want || !f.Leaf().Equal(c.Leaf) {
				t.Fatalf("serves %v (%v), want %s", c.Leaf.DNSNames, err, want)
			}
		}
		serves("one.example")
		if log.String() != "" {
			t.Errorf("nothing has changed, and the log says: %s", log.String())
		}
		link("2")
		serves("two.example")

		write(t, dir, "cert.pem", []byte("no certificate"))
		serves("two.example")
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := strings.Count(log.String(), "the old one stays"); got != 1 {
			t.Errorf("a broken file is spoken of %d times, want once:\n%s", got, log.String())
		}
		os.Remove(filepath.Join(dir, "key.pem"))
		serves("two.example")

		place(t, dir, "three.example")
		serves("three.example")
		if got := strings.Count(log.String(), "certificate replaced"); got != 2 {
			t.Errorf("the log tells of %d replacements, want 2:\n%s", got, log.String())
		}
	})
}

func TestFilesThatAreNoCertificateAreRefusedInWords(t *testing.T) {
	dir := t.TempDir()
	cert, key := pair(t, "one.example", time.Hour)
	_, other := pair(t, "one.example", time.Hour)
	good, goodKey := write(t, dir, "cert", cert), write(t, dir, "key", key)
	for name, test := range map[string]struct{ cert, key, want string }{
		"no file":     {filepath.Join(dir, "none"), goodKey, "the certificate cannot be read"},
		"no key":      {good, filepath.Join(dir, "none"), "the key cannot be read"},
		"another key": {good, write(t, dir, "other", other), "do not make a certificate"},
		"no PEM":      {write(t, dir, "text", []byte("text")), goodKey, "do not make a certificate"},
		"swapped":     {goodKey, good, "do not make a certificate"},
	} {
		if _, err := certificate.FromFiles(test.cert, test.key, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
