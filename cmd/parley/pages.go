package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

// pages serves what the web sources were built to. Pages are never kept by
// browsers, files below /assets/ for good: their names carry a hash of what is
// in them.
type pages struct {
	documents map[string]*document // by name
}

func newPages(files fs.FS) (*pages, error) {
	p := &pages{documents: make(map[string]*document)}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || isPacked(name) {
			return err
		}
		if p.documents[name], err = readDocument(files, name); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"room.html", "recording.html", "check.html", "app.html", "embed/v1.js", "embed/thread.js"} {
		if p.documents[name] == nil {
			return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
		}
	}
	return p, nil
}

// isPacked tells what is another file, packed.
func isPacked(name string) bool {
	return slices.ContainsFunc(codings, func(c coding) bool { return strings.HasSuffix(name, c.ending) })
}

// page answers with a page, whatever the path says besides: the page asks for
// the rest by its token.
func (p *pages) page(name string) http.Handler {
	return p.documents[name]
}

// script answers with one of the scripts that other sites embed. Their names
// never change, so browsers ask again every few minutes whether they did.
func (p *pages) script(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		p.documents[name].ServeHTTP(w, r)
	}
}

func (p *pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	d, found := p.documents[strings.TrimPrefix(path.Clean(r.URL.Path), "/")]
	if !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	d.ServeHTTP(w, r)
}
