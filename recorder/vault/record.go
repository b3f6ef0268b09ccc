package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
)

// File is what is known of a sealed file.
type File struct {
	Name   string `json:"name"`        // before it was sealed
	Size   int64  `json:"size"`        // of its content
	Sum    Sum    `json:"sha256"`      // of its content
	Sealed int64  `json:"sealed_size"` // of the age file
}

// record is everything that opens one recording.
type record struct {
	Version   int         `json:"version"`
	Recording string      `json:"recording"`
	Created   time.Time   `json:"created"`
	Files     []keyedFile `json:"files"`
	Forgotten []Forgotten `json:"forgotten,omitempty"` // their keys were destroyed
}

// Forgotten is a file whose key was destroyed, and the others' not.
type Forgotten struct {
	Gone
	At time.Time `json:"at"`
}

type keyedFile struct {
	File
	Identity string `json:"identity"`
}

const (
	recordVersion = 1
	recordSuffix  = ".key"
	maxRecord     = 1 << 22
)

func (r *record) file(name string) (keyedFile, bool) {
	i := slices.IndexFunc(r.Files, func(f keyedFile) bool { return f.Name == name })
	if i < 0 {
		return keyedFile{}, false
	}
	return r.Files[i], true
}

func (r *record) put(f keyedFile) {
	r.Files = slices.DeleteFunc(r.Files, func(old keyedFile) bool { return old.Name == f.Name })
	r.Files = append(r.Files, f)
	r.Forgotten = slices.DeleteFunc(r.Forgotten, func(old Forgotten) bool { return old.Name == f.Name })
	slices.SortFunc(r.Files, func(a, b keyedFile) int { return strings.Compare(a.Name, b.Name) })
}

// forget drops the keys of some files, and reports whether there were any.
func (r *record) forget(names []string, at time.Time) bool {
	had := len(r.Files)
	r.Files = slices.DeleteFunc(r.Files, func(f keyedFile) bool {
		if !slices.Contains(names, f.Name) {
			return false
		}
		r.Forgotten = append(r.Forgotten, Forgotten{Gone{Name: f.Name, Size: f.Size, Sum: f.Sum}, at})
		return true
	})
	return len(r.Files) < had
}

func (v *Vault) recordPath(id string) string { return filepath.Join(v.dir, id+recordSuffix) }

// read returns a recording's record, and whether the current key opens it.
func (v *Vault) read(id string) (r *record, current bool, err error) {
	if err := checkID(id); err != nil {
		return nil, false, err
	}
	sealed, err := os.ReadFile(v.recordPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, fmt.Errorf("recording %s: %w", id, ErrNoKey)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the key of recording %s: %w", id, err)
	}
	current = true
	plain, err := age.Decrypt(bytes.NewReader(sealed), v.keys.current)
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		current = false
		plain, err = age.Decrypt(bytes.NewReader(sealed), v.keys.open...)
	}
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return nil, false, fmt.Errorf("recording %s was sealed with another key than the operator's keys given here; add that key below the first", id)
	}
	if err != nil {
		return nil, false, fmt.Errorf("the key of recording %s: %w", id, ErrAltered)
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxRecord))
	if err != nil {
		return nil, false, fmt.Errorf("the key of recording %s: %w", id, ErrAltered)
	}
	r = &record{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, false, fmt.Errorf("the key of recording %s cannot be understood: %w", id, err)
	}
	if r.Version != recordVersion {
		return nil, false, fmt.Errorf("the key of recording %s has version %d, and this parley knows version %d; use a newer one", id, r.Version, recordVersion)
	}
	if r.Recording != id {
		return nil, false, fmt.Errorf("the key of recording %s is that of %s: %w", id, r.Recording, ErrAltered)
	}
	return r, current, nil
}

// write seals a record to the current key and replaces the old one.
func (v *Vault) write(r *record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.keys.seal)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := replace(v.recordPath(r.Recording), sealed.Bytes()); err != nil {
		return fmt.Errorf("keep the key of recording %s: %w", r.Recording, err)
	}
	return nil
}

// replace writes a file that only its owner may read, durably. Whoever reads it
// sees the old content or the new, never a part.
func replace(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes renames and removals in a directory last through a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
