package vault_test

import (
	"bytes"
	"io"
	"testing"
)

const benchSize = 64 << 20

// BenchmarkSeal measures the whole way: reading, encrypting, writing, syncing,
// reading back, comparing, removing.
func BenchmarkSeal(b *testing.B) {
	v, dir := newVault(b, b.TempDir(), keyring(b, newKey(b))), b.TempDir()
	content := noise(1, benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		b.StopTimer()
		write(b, dir, map[string][]byte{"a.webm": content})
		b.StartTimer()
		if err := v.Seal(b.Context(), id, dir); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	v, dir := sealed(b, map[string][]byte{"a.webm": noise(1, benchSize)})
	file := read(b, dir, "a.webm.age")
	b.SetBytes(benchSize)
	for b.Loop() {
		r, err := v.Open(id, "a.webm", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSeek measures what a browser waits for when it seeks.
func BenchmarkSeek(b *testing.B) {
	v, dir := sealed(b, map[string][]byte{"a.webm": noise(1, benchSize)})
	file := read(b, dir, "a.webm.age")
	piece := make([]byte, 32<<10)
	at := int64(0)
	for b.Loop() {
		r, err := v.Open(id, "a.webm", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.ReadAt(piece, at%(benchSize-1<<16)); err != nil {
			b.Fatal(err)
		}
		at += 7_777_777
	}
}
