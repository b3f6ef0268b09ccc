package vault

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"filippo.io/age"
)

// Keyring is the operator's keys. The first seals, all of them open.
type Keyring struct {
	seal    age.Recipient
	current age.Identity
	open    []age.Identity
	signing []ed25519.PrivateKey // one per identity, the first signs
}

// NewKey makes a key: a line for the file that ReadKeyring reads, with a
// comment above it. It withstands quantum computers as well.
func NewKey(now time.Time) (string, error) {
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", fmt.Errorf("make a key for recordings: %w", err)
	}
	return fmt.Sprintf("# made %s; whoever has this can open every recording\n%s\n", now.UTC().Format(time.RFC3339), key), nil
}

// ReadKeyring reads age identities, one in a line, the newest first. Empty
// lines and lines that begin with # are passed over. Its error repeats nothing
// of what it has read.
func ReadKeyring(r io.Reader) (*Keyring, error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	keys := &Keyring{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := keys.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if keys.seal == nil {
		return nil, errors.New("it holds no key; a key is a line that begins with AGE-SECRET-KEY-")
	}
	return keys, nil
}

func (k *Keyring) add(line string) error {
	ids, err := age.ParseIdentities(strings.NewReader(line))
	if err != nil || len(ids) != 1 {
		return errors.New("this is no key; a key is a line that begins with AGE-SECRET-KEY-, as age-keygen prints it")
	}
	var to age.Recipient
	switch id := ids[0].(type) {
	case *age.X25519Identity:
		to = id.Recipient()
	case *age.HybridIdentity:
		to = id.Recipient()
	default:
		return errors.New("keys of this kind cannot seal recordings; make one with age-keygen")
	}
	seed, err := hkdf.Key(sha256.New, []byte(line), nil, "parley: receipts of destroyed recordings", ed25519.SeedSize)
	if err != nil {
		return err
	}
	if k.seal == nil {
		k.seal, k.current = to, ids[0]
	}
	k.open = append(k.open, ids[0])
	k.signing = append(k.signing, ed25519.NewKeyFromSeed(seed))
	return nil
}

// OpenKeyring reads the keys in a file. When there is no such file, it makes a
// key and a file that only its owner may read. It refuses a file that others
// may read. made says whether it made one.
func OpenKeyring(path string, now time.Time) (keys *Keyring, made bool, err error) {
	text, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := NewKey(now)
		if err != nil {
			return nil, false, err
		}
		if err := replace(path, []byte(key)); err != nil {
			return nil, false, fmt.Errorf("%s cannot be written: %w", path, err)
		}
		text, made = []byte(key), true
	} else if err != nil {
		return nil, false, err
	}
	keys, err = ReadKeyring(bytes.NewReader(text))
	if err != nil {
		return nil, false, fmt.Errorf("%s, %w", path, err)
	}
	return keys, made, nil
}

func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others than its owner; run: chmod 600 %s", path, path)
	}
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

// Signer returns the public key that this keyring's receipts are verified with.
func (k *Keyring) Signer() ed25519.PublicKey { return k.signing[0].Public().(ed25519.PublicKey) }

// Signed reports whether a receipt is unchanged and was signed with one of the
// operator's keys.
func (k *Keyring) Signed(r Receipt) bool {
	for _, key := range k.signing {
		if r.Verify(key.Public().(ed25519.PublicKey)) == nil {
			return true
		}
	}
	return false
}
