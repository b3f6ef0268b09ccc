package vault

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Order says who destroys a recording and why. Both end up in the receipt, so
// they hold ids and not names.
type Order struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Receipt proves that a recording was destroyed: which files it had, and when
// its keys and the files went. Verify checks its signature.
type Receipt struct {
	Version     int       `json:"version"`
	Recording   string    `json:"recording"`
	DestroyedAt time.Time `json:"destroyed_at"`
	Order
	Files     []Gone `json:"files"`
	Key       Sum    `json:"key_sha256"` // of the destroyed key record
	Signer    []byte `json:"signer"`     // Ed25519 public key
	Signature []byte `json:"signature,omitempty"`
}

// Gone is a file that a receipt is for.
type Gone struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Sum  Sum    `json:"sha256"`
}

const (
	orderSuffix   = ".destroying"
	receiptSuffix = ".receipt.json"
)

func (v *Vault) orderPath(id string) string   { return filepath.Join(v.dir, id+orderSuffix) }
func (v *Vault) receiptPath(id string) string { return filepath.Join(v.dir, id+receiptSuffix) }

// Destroy destroys a recording's keys and then its files, and returns the
// signed receipt, which is kept. From the moment the keys are gone no copy of
// the files can be opened, wherever it is. remove has to remove the files from
// every place they are kept in; when it fails, Destroy does, and is called
// again later: Destroying lists what has to be. Once there is a receipt,
// Destroy returns it.
func (v *Vault) Destroy(ctx context.Context, id string, order Order, remove func(context.Context) error) (Receipt, error) {
	if r, err := v.Receipt(id); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	receipt, err := v.destroyKey(id, order)
	if err != nil {
		return Receipt{}, err
	}
	if err := remove(ctx); err != nil {
		return Receipt{}, fmt.Errorf("the keys of recording %s are destroyed, its files could not be removed yet: %w", id, err)
	}
	receipt.DestroyedAt = v.now().UTC().Truncate(time.Second)
	if err := receipt.sign(v.keys.signing[0]); err != nil {
		return Receipt{}, err
	}
	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return Receipt{}, err
	}
	if err := replace(v.receiptPath(id), append(text, '\n')); err != nil {
		return Receipt{}, fmt.Errorf("keep the receipt of recording %s: %w", id, err)
	}
	if err := os.Remove(v.orderPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Receipt{}, err
	}
	return receipt, nil
}

// destroyKey removes the key record. What the receipt will say is written down
// before, since it cannot be read any more afterwards.
func (v *Vault) destroyKey(id string, order Order) (Receipt, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r, err := v.order(id); err == nil {
		return r, v.removeKey(id)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Receipt{}, err
	}
	rec, _, err := v.read(id)
	if err != nil {
		return Receipt{}, err
	}
	sealed, err := os.ReadFile(v.recordPath(id))
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Version: 1, Recording: id, Order: order, Files: []Gone{}, Key: sha256.Sum256(sealed)}
	for _, f := range rec.Files {
		r.Files = append(r.Files, Gone{Name: f.Name, Size: f.Size, Sum: f.Sum})
	}
	for _, f := range rec.Forgotten {
		r.Files = append(r.Files, f.Gone)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return Receipt{}, err
	}
	if err := replace(v.orderPath(id), text); err != nil {
		return Receipt{}, fmt.Errorf("note that recording %s is to be destroyed: %w", id, err)
	}
	return r, v.removeKey(id)
}

// removeKey overwrites the record before it removes it, for disks on which that
// helps.
func (v *Vault) removeKey(id string) error {
	path := v.recordPath(id)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, info.Size()), 0)
	}
	if err := errors.Join(err, f.Sync(), f.Close(), os.Remove(path)); err != nil {
		return fmt.Errorf("destroy the key of recording %s: %w", id, err)
	}
	return syncDir(v.dir)
}

func (v *Vault) order(id string) (Receipt, error) { return readReceipt(id, v.orderPath(id)) }

// Receipt returns the receipt of a destroyed recording, or an error that is
// fs.ErrNotExist when there is none.
func (v *Vault) Receipt(id string) (Receipt, error) { return readReceipt(id, v.receiptPath(id)) }

func readReceipt(id, path string) (Receipt, error) {
	if err := checkID(id); err != nil {
		return Receipt{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of recording %s: %w", id, err)
	}
	return ParseReceipt(text)
}

// Destroying returns the ids of recordings whose destruction was begun and has
// not ended: their keys are gone or about to be, their files may still be there.
func (v *Vault) Destroying() ([]string, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), orderSuffix); ok && checkID(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// ParseReceipt reads a receipt. It does not verify it.
func ParseReceipt(text []byte) (Receipt, error) {
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return Receipt{}, fmt.Errorf("this is no receipt: %w", err)
	}
	if r.Version != 1 {
		return Receipt{}, fmt.Errorf("this receipt has version %d, and this parley knows version 1", r.Version)
	}
	return r, nil
}

func (r *Receipt) sign(key ed25519.PrivateKey) error {
	r.Signer, r.Signature = key.Public().(ed25519.PublicKey), nil
	text, err := r.signed()
	if err != nil {
		return err
	}
	r.Signature = ed25519.Sign(key, text)
	return nil
}

// signed is what the signature is of: the receipt as compact JSON, its members
// in the order of the struct, without the signature.
func (r Receipt) signed() ([]byte, error) {
	r.Signature = nil
	return json.Marshal(r)
}

// Verify checks that the receipt is unchanged since the owner of a public key
// signed it.
func (r Receipt) Verify(signer ed25519.PublicKey) error {
	text, err := r.signed()
	if err != nil {
		return err
	}
	if len(signer) != ed25519.PublicKeySize || !signer.Equal(ed25519.PublicKey(r.Signer)) || !ed25519.Verify(signer, text, r.Signature) {
		return errors.New("the receipt was changed, or signed by somebody else")
	}
	return nil
}
