package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/minio/minio-go/v7"
)

// block is how much is fetched at a time: a few seconds of video, and 16 of the
// chunks that are sealed as one.
const block = 1 << 20

// s3Object reads a file of a bucket in blocks, and keeps the last two: a chunk
// may lie across their border.
type s3Object struct {
	s    *S3
	ctx  context.Context
	key  string
	size int64
	etag string

	mu     sync.Mutex // guards blocks, and is held while one is fetched
	blocks [2]fetched
}

type fetched struct {
	index int64
	bytes []byte
}

func (o *s3Object) Size() int64  { return o.size }
func (o *s3Object) Close() error { return nil }

func (o *s3Object) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read before the beginning")
	}
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= o.size {
			return n, io.EOF
		}
		b, err := o.block(at / block)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], b[at%block:])
	}
	return n, nil
}

func (o *s3Object) block(index int64) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.blocks {
		if b.bytes != nil && b.index == index {
			return b.bytes, nil
		}
	}
	b, err := o.fetch(index*block, min(block, o.size-index*block))
	if err != nil {
		return nil, err
	}
	o.blocks = [2]fetched{{index, b}, o.blocks[0]}
	return b, nil
}

func (o *s3Object) fetch(off, n int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(o.ctx, patience)
	defer cancel()
	var ask minio.GetObjectOptions
	if err := ask.SetRange(off, off+n-1); err != nil {
		return nil, err
	}
	if o.etag != "" {
		if err := ask.SetMatchETag(o.etag); err != nil {
			return nil, err
		}
	}
	body, info, _, err := o.s.core.GetObject(ctx, o.s.bucket, o.key, ask)
	if err != nil {
		return nil, o.s.wrong(err)
	}
	defer body.Close()
	if info.Size != n {
		return nil, fmt.Errorf("the object storage sends %d bytes where %d were asked for", info.Size, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, o.s.wrong(err)
	}
	return b, nil
}
