package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

// Reader reads a sealed file's content from any place. It has what
// http.ServeContent needs to answer range requests. Its ReadAt may be used by
// many at a time, Read and Seek by one.
type Reader struct {
	*io.SectionReader
	file File
}

// File returns what is known of the file.
func (r *Reader) File() File { return r.file }

// Open opens a sealed file that can be read from src and has size bytes. What
// it returns is read from src as it is asked for; closing src is the caller's.
// Its error, and those of the reader, are ErrAltered when the file is not the
// one that was sealed under this name; then nothing of the chunk concerned is
// given out. Errors of src pass through.
func (v *Vault) Open(id, name string, src io.ReaderAt, size int64) (*Reader, error) {
	f, err := v.file(id, name)
	if err != nil {
		return nil, err
	}
	r, err := open(f, src, size)
	if err != nil {
		return nil, fmt.Errorf("open %s of recording %s: %w", name, id, err)
	}
	return r, nil
}

func open(f keyedFile, src io.ReaderAt, size int64) (*Reader, error) {
	if size != f.Sealed {
		return nil, ErrAltered
	}
	identity, err := age.ParseX25519Identity(f.Identity)
	if err != nil {
		return nil, errors.New("its key cannot be understood")
	}
	plain, length, err := age.DecryptReaderAt(source{src}, size, identity)
	if err != nil {
		return nil, altered(err)
	}
	if length != f.Size {
		return nil, ErrAltered
	}
	return &Reader{SectionReader: io.NewSectionReader(content{plain}, 0, length), file: f.File}, nil
}

// Verify reads a whole sealed file and compares it with what was sealed.
func (v *Vault) Verify(ctx context.Context, id, name string, src io.ReaderAt, size int64) error {
	r, err := v.Open(id, name, src, size)
	if err != nil {
		return err
	}
	if err := r.verify(ctx); err != nil {
		return fmt.Errorf("%s of recording %s: %w", name, id, err)
	}
	return nil
}

func (r *Reader) verify(ctx context.Context) error {
	sum := sha256.New()
	whole := io.NewSectionReader(r.SectionReader, 0, r.Size())
	n, err := io.CopyBuffer(sum, &patient{ctx, whole}, make([]byte, 1<<18))
	if err != nil {
		return err
	}
	if n != r.file.Size || Sum(sum.Sum(nil)) != r.file.Sum {
		return ErrAltered
	}
	return nil
}

// Extract writes the content of a sealed file to a new file at path, which only
// its owner may read. When it fails it leaves nothing there.
func (v *Vault) Extract(ctx context.Context, id, name string, src io.ReaderAt, size int64, path string) (err error) {
	r, err := v.Open(id, name, src, size)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, &patient{ctx, r}, make([]byte, 1<<18))
	return err
}

// content tells a chunk that does not open from a source that cannot be read.
type content struct{ io.ReaderAt }

func (c content) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	return n, altered(err)
}

// source marks the errors of whoever holds the sealed bytes. That they end
// early is no such error: then they are not what was sealed.
type source struct{ io.ReaderAt }

func (s source) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}

type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

func altered(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if cause, ok := errors.AsType[*sourceError](err); ok {
		return cause.err
	}
	return fmt.Errorf("%w (%s)", ErrAltered, err)
}
