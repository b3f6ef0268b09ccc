package vault_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"parley/recorder/vault"
)

// Whatever bytes a storage returns: nothing panics, and what is given out was
// sealed at that place.
func FuzzOpen(f *testing.F) {
	content := noise(1, 150_000)
	v, dir := sealed(f, map[string][]byte{"a.webm": content})
	good := read(f, dir, "a.webm.age")
	f.Add(0, []byte{}, 0, int64(0))
	f.Add(10, []byte("-> X25519 "), 3, int64(70_000))
	f.Add(len(good)-1, []byte{0}, 1, int64(149_999))
	f.Add(0, []byte("age-encryption.org/v1\n-> scrypt AAAA 30\n"), 60, int64(1))
	f.Fuzz(func(t *testing.T, at int, put []byte, instead int, from int64) {
		if at < 0 || instead < 0 || at > len(good) || instead > len(good)-at || from < 0 || from > int64(len(content)) {
			t.Skip()
		}
		b := bytes.Join([][]byte{good[:at], put, good[at+instead:]}, nil)
		r, err := v.Open(id, "a.webm", bytes.NewReader(b), int64(len(b)))
		if err == nil {
			var got []byte
			got, err = io.ReadAll(io.NewSectionReader(r, from, 1<<30))
			if !bytes.HasPrefix(content[from:], got) || err == nil && len(got) != len(content)-int(from) {
				t.Fatalf("%d bytes were given out that were not sealed there", len(got))
			}
		}
		if err != nil && !errors.Is(err, vault.ErrAltered) {
			t.Fatalf("got %v, want ErrAltered", err)
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	f.Add([]byte(`{"version":1,"recording":"x","files":[{"name":"a","size":1,"sha256":"00"}]}`))
	f.Add([]byte(`{"version":1,"signer":"","signature":"AA=="}`))
	keys := keyring(f, newKey(f))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := vault.ParseReceipt(text); err == nil && keys.Signed(r) {
			t.Fatal("a receipt that nobody signed was taken for signed")
		}
	})
}
