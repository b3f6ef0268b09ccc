package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"parley/recorder/vault"
)

func TestKeysAreReplacedWithoutTouchingRecordings(t *testing.T) {
	older, newer := newKey(t), newKey(t)
	keys, dir := t.TempDir(), t.TempDir()
	content := noise(1, 100_000)
	write(t, dir, map[string][]byte{"a.webm": content})
	v := newVault(t, keys, keyring(t, older))
	if err := v.Seal(t.Context(), id, dir); err != nil {
		t.Fatal(err)
	}
	file := read(t, dir, "a.webm.age")
	opens := func(keys *vault.Vault) error {
		got, err := open(keys, "a.webm", file)
		if err == nil && !bytes.Equal(got, content) {
			t.Error("another content was opened")
		}
		return err
	}
	if err := opens(newVault(t, keys, keyring(t, newer))); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("with the new key alone, before rewrapping: got %v, want that another key is needed", err)
	}
	both := newVault(t, keys, keyring(t, newer, older))
	if err := opens(both); err != nil {
		t.Errorf("with both keys: %v", err)
	}
	for _, want := range []int{1, 0} {
		if n, err := both.Rewrap(t.Context()); n != want || err != nil {
			t.Errorf("Rewrap = %d, %v; want %d", n, err, want)
		}
	}
	if err := opens(newVault(t, keys, keyring(t, newer))); err != nil {
		t.Errorf("with the new key alone, after rewrapping: %v", err)
	}
	if err := opens(newVault(t, keys, keyring(t, older))); err == nil {
		t.Error("the replaced key still opens")
	}
	if !bytes.Equal(file, read(t, dir, "a.webm.age")) {
		t.Error("the recording itself was changed")
	}
}

func TestAKeyOfAnotherRecordingIsNoKey(t *testing.T) {
	keys := t.TempDir()
	v := newVault(t, keys, keyring(t, newKey(t)))
	for _, other := range []string{id, "01OTHER"} {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"a.webm": noise(1, 10)})
		if err := v.Seal(t.Context(), other, dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(keys, "01OTHER.key"), filepath.Join(keys, id+".key")); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Files(id); !errors.Is(err, vault.ErrAltered) {
		t.Errorf("got %v, want ErrAltered", err)
	}
}

func TestKeyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recording_key")
	first, made, err := vault.OpenKeyring(path, time.Now())
	if err != nil || !made {
		t.Fatalf("no key was made: %v", err)
	}
	again, made, err := vault.OpenKeyring(path, time.Now())
	if err != nil || made || !again.Signer().Equal(first.Signer()) {
		t.Errorf("the second time another key is there: made %v, error %v", made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v, want 0600", info.Mode())
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := vault.OpenKeyring(path, time.Now()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that all may read: got %v, want what to do", err)
	}
}

func TestWhatIsNoKeyIsRefusedAndNotRepeated(t *testing.T) {
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                                   "it holds no key",
		"# nothing\n\n":                      "it holds no key",
		"hunter2":                            "line 1: this is no key",
		"# x\n" + x25519.String() + "x":      "line 2: this is no key",
		x25519.Recipient().String():          "line 1: this is no key",
		"AGE-PLUGIN-YUBIKEY-17XYZQQGQQQQQQQ": "line 1: this is no key",
	} {
		_, err := vault.ReadKeyring(strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if err != nil && len(text) > 6 && strings.Contains(err.Error(), text[4:]) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
	if _, err := vault.ReadKeyring(strings.NewReader(x25519.String())); err != nil {
		t.Errorf("a key from age-keygen: %v", err)
	}
}

// Whoever holds the keys needs no Parley to read a recording.
func TestTheAgeLibraryOpensASealedFile(t *testing.T) {
	content := noise(5, 100_000)
	v, dir := sealed(t, map[string][]byte{"a.webm": content})
	key, err := v.Identity(id, "a.webm")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := age.ParseIdentities(strings.NewReader(key))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(read(t, dir, "a.webm.age")), ids...)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("read %d bytes, error %v", got.Len(), err)
	}
}

const sealDir, sealKeys, sealKeyFile = "VAULT_TEST_DIR", "VAULT_TEST_KEYS", "VAULT_TEST_KEY_FILE"

// TestMain lets the test binary seal on behalf of a test that kills it.
func TestMain(m *testing.M) {
	dir := os.Getenv(sealDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	ring, _, err := vault.OpenKeyring(os.Getenv(sealKeyFile), time.Now())
	if err != nil {
		os.Exit(3)
	}
	v, err := vault.New(os.Getenv(sealKeys), ring)
	if err != nil {
		os.Exit(4)
	}
	os.Stdout.WriteString("sealing\n")
	if v.Seal(context.Background(), id, dir) != nil {
		os.Exit(5)
	}
	os.Exit(0)
}

func TestNothingIsLostWhenSealingIsKilled(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "key")
	ring, _, err := vault.OpenKeyring(keyFile, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for i := range 10 {
		keys, dir := t.TempDir(), t.TempDir()
		files := map[string][]byte{}
		for j := range 6 {
			files["track"+string(rune('a'+j))] = noise(uint64(i*10+j), 50_000+j*400_000)
		}
		write(t, dir, files)
		self := exec.CommandContext(t.Context(), os.Args[0])
		self.Env = append(os.Environ(), sealDir+"="+dir, sealKeys+"="+keys, sealKeyFile+"="+keyFile)
		out, err := self.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := self.Start(); err != nil {
			t.Fatal(err)
		}
		out.Read(make([]byte, 8))                           // it begins
		time.Sleep(time.Duration(i) * 6 * time.Millisecond) // a moment that differs each time
		self.Process.Kill()
		if self.Wait() != nil {
			killed++
		}
		v := newVault(t, keys, ring)
		if err := v.Seal(t.Context(), id, dir); err != nil {
			t.Fatalf("killed after %d×6 ms, going on: %v", i, err)
		}
		for name, want := range files {
			if got, err := open(v, name, read(t, dir, name+vault.Sealed)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("killed after %d×6 ms: %s: %v", i, name, err)
			}
		}
		if entries, _ := os.ReadDir(dir); len(entries) != len(files) {
			t.Errorf("killed after %d×6 ms: the directory holds %v", i, entries)
		}
	}
	if killed == 0 {
		t.Error("it was never killed while it sealed")
	}
}
