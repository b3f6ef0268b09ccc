package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"time"
)

// document is one file of what the web sources were built to, ready to be sent.
//
// Only such files are packed, once, when they are built: they are the same for
// everybody. What the API and the messaging app answer is not. It holds secrets
// (links into a room) beside what other people wrote, and the length of a packed
// answer tells whether the one repeats the other (BREACH); besides, it goes to a
// server nearby, a page of a list at a time, and would have to be packed anew for
// each.
type document struct {
	contentType string
	tag         string // says which content it is
	content     []byte
	packed      map[string][]byte // by the name of the coding; empty for what does not get smaller
	offered     []string          // the keys of packed, in the order of codings
}

// readDocument takes a file in, with those that the build has packed it in.
func readDocument(files fs.FS, name string) (*document, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	d := &document{contentType: contentType(name), tag: hex.EncodeToString(sum[:8]), content: content, packed: map[string][]byte{}}
	for _, c := range codings {
		packed, err := fs.ReadFile(files, name+c.ending)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("packed as %s: %w", c.name, err)
		}
		d.packed[c.name] = packed
		d.offered = append(d.offered, c.name)
	}
	return d, nil
}

// ServeHTTP answers with the file, packed as the client takes it best. Each way
// of packing is a representation with a tag and ranges of its own (RFC 9110 §8.8.3.3).
func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, tag := d.content, d.tag
	if len(d.offered) > 0 {
		h.Add("Vary", "Accept-Encoding")
		if name := chooseCoding(r.Header.Values("Accept-Encoding"), d.offered); name != identity {
			body, tag = d.packed[name], tag+"-"+name
			h.Set("Content-Encoding", name)
			// net/http leaves the length of what is packed to us, and sets that of a range itself.
			h.Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	h.Set("Content-Type", d.contentType)
	h.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// contentType does not depend on the mime tables of the machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
