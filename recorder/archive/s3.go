package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says which bucket is a storage, and with which credentials.
type S3Config struct {
	// URL is the service, the bucket and, if wanted, a prefix in it:
	// https://s3.eu-central-1.amazonaws.com/bucket/prefix
	URL       string
	Region    string // empty: asked for
	AccessKey string
	SecretKey string
	PartSize  int64 // of an upload in parts; 0: 16 MiB
}

// S3 is a storage in a bucket.
type S3 struct {
	core           minio.Core
	bucket, prefix string
	part           int64
	transport      *http.Transport
}

const (
	defaultPart = 16 << 20
	minPart     = 5 << 20 // S3's own
	// A file that takes longer than this and its size at this rate is stuck.
	patience    = 2 * time.Minute
	slowestRate = 64 << 10 // bytes a second
)

// NewS3 returns the storage in a bucket. It does not connect; Try does. The
// error says which part of the configuration is wrong.
func NewS3(c S3Config) (*S3, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("it is no address of a bucket; write one such as https://s3.eu-central-1.amazonaws.com/bucket")
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" {
		return nil, errors.New("it names no bucket; write the bucket behind the host, such as https://s3.eu-central-1.amazonaws.com/bucket")
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return nil, errors.New("the access key and the secret key are missing")
	}
	if c.PartSize == 0 {
		c.PartSize = defaultPart
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   4,
		DisableCompression:    true, // sizes and ranges are of the stored bytes
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure:     u.Scheme == "https",
		Region:     c.Region,
		Transport:  transport,
		MaxRetries: 2, // the archive tries again itself, with more patience
	})
	if err != nil {
		return nil, errors.New(explain(err))
	}
	return &S3{core: minio.Core{Client: client}, bucket: bucket, prefix: prefix, part: max(c.PartSize, minPart), transport: transport}, nil
}

// Close gives idle connections up.
func (s *S3) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

func (s *S3) object(key string) string { return path.Join(s.prefix, key) }

// Put sends a file, in parts when it is longer than one. The service checks the
// MD5 of what arrives. Parts that an earlier attempt left are thrown away.
func (s *S3) Put(ctx context.Context, key string, f *os.File) error {
	if err := checkKey(key); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience+time.Duration(info.Size()/slowestRate)*time.Second)
	defer cancel()
	if info.Size() > s.part {
		if err := s.core.RemoveIncompleteUpload(ctx, s.bucket, s.object(key)); err != nil {
			return s.wrong(err)
		}
	}
	_, err = s.core.Client.PutObject(ctx, s.bucket, s.object(key), io.NewSectionReader(f, 0, info.Size()), info.Size(), minio.PutObjectOptions{
		ContentType:    "application/octet-stream",
		PartSize:       uint64(s.part),
		NumThreads:     1,
		SendContentMd5: true,
	})
	return s.wrong(err)
}

// Open asks for a file's size. What is read is fetched in blocks as it is asked
// for, and always of the same version of the file.
func (s *S3) Open(ctx context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	info, err := s.core.Client.StatObject(ctx, s.bucket, s.object(key), minio.StatObjectOptions{})
	if err != nil {
		return nil, s.wrong(err)
	}
	return &s3Object{s: s, ctx: ctx, key: s.object(key), size: info.Size, etag: info.ETag}, nil
}

// List returns the files under an id.
func (s *S3) List(ctx context.Context, id string) ([]Entry, error) {
	if err := checkKey(id + "/x"); err != nil {
		return nil, err
	}
	prefix := s.object(id) + "/"
	var entries []Entry
	for o := range s.core.Client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, s.wrong(o.Err)
		}
		if name, ok := strings.CutPrefix(o.Key, prefix); ok && plain(name) {
			entries = append(entries, Entry{name, o.Size})
		}
	}
	return entries, nil
}

// Remove removes a file. A bucket with versions keeps the old ones, by its own
// rules.
func (s *S3) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return s.wrong(s.core.Client.RemoveObject(ctx, s.bucket, s.object(key), minio.RemoveObjectOptions{}))
}

// wrong says in a sentence what the service did.
func (s *S3) wrong(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the object storage does not answer in time: %w", err)
	}
	switch answer := minio.ToErrorResponse(err); answer.Code {
	case "NoSuchKey":
		return fmt.Errorf("the object storage has no such file: %w", fs.ErrNotExist)
	case "NoSuchBucket":
		return fmt.Errorf("there is no bucket %q; make it, or write another", s.bucket)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return errors.New("the object storage refuses the access key or the secret key")
	case "AccessDenied":
		return fmt.Errorf("the access key may not do this in the bucket %q; allow it to list, read, write and delete there", s.bucket)
	case "RequestTimeTooSkewed":
		return errors.New("the object storage refuses the time of this machine; set its clock")
	}
	text := explain(err)
	if answer := minio.ToErrorResponse(err); answer.StatusCode == http.StatusForbidden {
		return fmt.Errorf("the object storage refuses the access key or the secret key: %s", text)
	}
	return fmt.Errorf("the object storage: %s", text)
}

// explain shortens what a service may have answered at length.
func explain(err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
