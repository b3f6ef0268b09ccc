package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Vault holds the keys of recordings.
type Vault struct {
	dir  string
	keys *Keyring
	now  func() time.Time

	mu sync.Mutex // guards the records' files while one is read and written again
}

// New opens the vault whose key records lie in dir, and makes the directory
// when there is none.
func New(dir string, keys *Keyring) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for the keys of recordings: %w", err)
	}
	// What a crash left half written has never been of use.
	left, err := filepath.Glob(filepath.Join(dir, ".*"+recordSuffix+"-*"))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	return &Vault{dir: dir, keys: keys, now: time.Now}, nil
}

// Recordings returns the ids of the recordings that have a key here.
func (v *Vault) Recordings() ([]string, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, fmt.Errorf("list the keys of recordings: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), recordSuffix); ok && checkID(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Files returns what was sealed of a recording, by name.
func (v *Vault) Files(id string) ([]File, error) {
	r, _, err := v.read(id)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(r.Files))
	for i, f := range r.Files {
		files[i] = f.File
	}
	return files, nil
}

// Identity returns the key of one file, as age --decrypt --identity takes it.
func (v *Vault) Identity(id, name string) (string, error) {
	f, err := v.file(id, name)
	return f.Identity, err
}

func (v *Vault) file(id, name string) (keyedFile, error) {
	r, _, err := v.read(id)
	if err != nil {
		return keyedFile{}, err
	}
	f, ok := r.file(name)
	if !ok {
		return keyedFile{}, fmt.Errorf("file %q of recording %s: %w", name, id, ErrNoKey)
	}
	return f, nil
}

// Rewrap seals the key records that an older key opens to the first key of the
// keyring, and returns how many it sealed. The recordings themselves stay as
// they are. When it returns without an error the older keys are needed no more.
func (v *Vault) Rewrap(ctx context.Context) (int, error) {
	ids, err := v.Recordings()
	if err != nil {
		return 0, err
	}
	sealed := 0
	var wrong []error
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return sealed, err
		}
		changed, err := v.rewrap(id)
		if changed {
			sealed++
		}
		if err != nil && !errors.Is(err, ErrNoKey) { // it was destroyed meanwhile
			wrong = append(wrong, err)
		}
	}
	return sealed, errors.Join(wrong...)
}

func (v *Vault) rewrap(id string) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, current, err := v.read(id)
	if err != nil || current {
		return false, err
	}
	return true, v.write(r)
}
