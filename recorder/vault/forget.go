package vault

import (
	"errors"
	"fmt"
	"time"
)

// Forget destroys the keys of some of a recording's files and leaves the others.
// From then on no copy of them opens, as after Destroy, but in a backup that holds
// the key record as it was before. Removing the sealed files is the caller's. Names
// that have no key are passed over.
func (v *Vault) Forget(id string, names ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, _, err := v.read(id)
	if errors.Is(err, ErrNoKey) {
		return nil
	}
	if err != nil {
		return err
	}
	if !r.forget(names, v.now().UTC().Truncate(time.Second)) {
		return nil
	}
	if err := v.write(r); err != nil {
		return fmt.Errorf("forget files of recording %s: %w", id, err)
	}
	return nil
}

// Forgotten returns which files of a recording Forget has destroyed the keys of, and
// when.
func (v *Vault) Forgotten(id string) ([]Forgotten, error) {
	r, _, err := v.read(id)
	if err != nil {
		return nil, err
	}
	return r.Forgotten, nil
}
