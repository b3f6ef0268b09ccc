package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Directory is a storage in a directory: the recorder's own, or a mounted share.
// The directory has to exist whenever it is used; so that nothing is written
// under a mount point while the share is away, it is never made.
type Directory struct{ path string }

// NewDirectory returns the storage in a directory.
func NewDirectory(path string) *Directory { return &Directory{path} }

// Put keeps a file, durably.
func (d *Directory) Put(ctx context.Context, key string, f *os.File) (err error) {
	root, err := d.root(key)
	if err != nil {
		return err
	}
	defer root.Close()
	id, name, _ := strings.Cut(key, "/")
	if err := root.Mkdir(id, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	temporary := path.Join(id, "."+name+".part")
	out, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			root.Remove(temporary)
		}
	}()
	_, err = io.Copy(out, &patient{ctx, whole(f)})
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err := root.Rename(temporary, key); err != nil {
		return err
	}
	return errors.Join(syncDir(root, id), syncDir(root, "."))
}

// Open opens a file.
func (d *Directory) Open(_ context.Context, key string) (Object, error) {
	root, err := d.root(key)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(key)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &localObject{f, info.Size()}, nil
}

// List returns the files under an id.
func (d *Directory) List(_ context.Context, id string) ([]Entry, error) {
	root, err := d.root(id + "/x")
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := fs.ReadDir(root.FS(), id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, f := range files {
		if !plain(f.Name()) || !f.Type().IsRegular() {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just been removed
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{f.Name(), info.Size()})
	}
	return entries, nil
}

// Remove removes a file, and the directory of its recording with the last one.
func (d *Directory) Remove(_ context.Context, key string) error {
	root, err := d.root(key)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// It stays while it holds anything.
	root.Remove(path.Dir(key))
	return nil
}

func (d *Directory) root(key string) (*os.Root, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the directory %s is away; mount it, or make it", filepath.Clean(d.path)) // not fs.ErrNotExist: the files may well exist
	}
	return root, err
}

type localObject struct {
	*os.File
	size int64
}

func (o *localObject) Size() int64 { return o.size }

// whole reads a file from its beginning, without moving its offset.
func whole(f io.ReaderAt) io.Reader { return io.NewSectionReader(f, 0, 1<<62) }

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

func syncDir(root *os.Root, name string) error {
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
