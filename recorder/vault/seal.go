package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"
)

// Seal replaces the files in dir by sealed ones and keeps their keys. The files
// have to be closed, and nobody may write them meanwhile. A file is removed
// only after its sealed form lies on the disk, was read back and holds the
// same. Names that begin with a dot are passed over.
//
// Seal may be interrupted at any moment, and called again: it goes on where it
// was. Called when there is nothing to seal it does nothing. A file that comes
// later, such as a rendered one, is sealed by another call.
func (v *Vault) Seal(ctx context.Context, id, dir string) error {
	if err := checkID(id); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("seal recording %s: %w", id, err)
	}
	defer root.Close()
	names, err := unsealed(root)
	if err != nil {
		return fmt.Errorf("seal recording %s: %w", id, err)
	}
	for _, name := range names {
		if err := v.sealFile(ctx, root, id, name); err != nil {
			return fmt.Errorf("seal %s of recording %s: %w", name, id, err)
		}
	}
	return nil
}

// unsealed lists what is to be sealed.
func unsealed(root *os.Root) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, Sealed) || strings.HasSuffix(name, Sealed+part) {
			continue
		}
		if !e.Type().IsRegular() {
			return nil, fmt.Errorf("%q is no file", name)
		}
		if err := checkName(name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (v *Vault) sealFile(ctx context.Context, root *os.Root, id, name string) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	f := keyedFile{File: File{Name: name}, Identity: identity.String()}
	if err := encrypt(ctx, root, &f.File, identity.Recipient()); err != nil {
		return errors.Join(err, removeIfThere(root, name+Sealed+part))
	}
	if err := readBack(ctx, root, f); err != nil {
		return errors.Join(err, removeIfThere(root, name+Sealed+part))
	}
	// Until the last step the file itself is there, so that whatever is lost
	// before is made again.
	if err := root.Rename(name+Sealed+part, name+Sealed); err != nil {
		return err
	}
	if err := syncRoot(root); err != nil {
		return err
	}
	if err := v.keep(id, f); err != nil {
		return err
	}
	if err := root.Remove(name); err != nil {
		return err
	}
	return syncRoot(root)
}

// keep adds a file's key to the recording's record.
func (v *Vault) keep(id string, f keyedFile) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, _, err := v.read(id)
	if errors.Is(err, ErrNoKey) {
		if _, err := os.Lstat(v.orderPath(id)); err == nil {
			return errors.New("it is being destroyed")
		}
		r, err = &record{Version: recordVersion, Recording: id, Created: v.now().UTC()}, nil
	}
	if err != nil {
		return err
	}
	r.put(f)
	return v.write(r)
}

func encrypt(ctx context.Context, root *os.Root, f *File, to age.Recipient) (err error) {
	in, err := root.Open(f.Name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(f.Name+Sealed+part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w, err := age.Encrypt(out, to)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if f.Size, err = io.Copy(io.MultiWriter(sum, w), &patient{ctx, in}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	sum.Sum(f.Sum[:0])
	if f.Sealed, err = out.Seek(0, io.SeekCurrent); err != nil {
		return err
	}
	return out.Sync()
}

// readBack opens the sealed file that was just written and compares it.
func readBack(ctx context.Context, root *os.Root, f keyedFile) error {
	sealed, err := root.Open(f.Name + Sealed + part)
	if err != nil {
		return err
	}
	defer sealed.Close()
	r, err := open(f, sealed, f.Sealed)
	if err != nil {
		return err
	}
	return r.verify(ctx)
}

// patient is a reader that ends when its context does.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

func removeIfThere(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncRoot(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
