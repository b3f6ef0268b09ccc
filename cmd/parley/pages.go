package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// pages serves what the web sources were built to. Pages are never kept by
// browsers, files below /assets/ for good: their names carry a hash of what is
// in them.
type pages struct {
	files  fs.FS
	room   []byte
	check  []byte
	player []byte // of recordings
}

func newPages(files fs.FS) (*pages, error) {
	room, err := fs.ReadFile(files, "room.html")
	if err != nil {
		return nil, fmt.Errorf("read the room page: %w", err)
	}
	player, err := fs.ReadFile(files, "recording.html")
	if err != nil {
		return nil, fmt.Errorf("read the page of recordings: %w", err)
	}
	check, err := fs.ReadFile(files, "check.html")
	if err != nil {
		return nil, fmt.Errorf("read the check page: %w", err)
	}
	if _, err := fs.Stat(files, "embed/v1.js"); err != nil {
		return nil, fmt.Errorf("read the call button: %w", err)
	}
	return &pages{files: files, room: room, check: check, player: player}, nil
}

// serveRoom answers with the room page, whatever the interview: the page asks
// for the rest by its token.
func (p *pages) serveRoom(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.room))
}

// servePlayer answers with the page of a recording, whichever it is.
func (p *pages) servePlayer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.player))
}

// serveCheck answers with the page on which people try their network and devices.
func (p *pages) serveCheck(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.check))
}

// serveScript answers with one of the scripts that other sites embed. Their
// names never change, so browsers ask again every few minutes whether they did.
func (p *pages) serveScript(name string) http.HandlerFunc {
	content, err := fs.ReadFile(p.files, name)
	if err != nil {
		return http.NotFound
	}
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("ETag", tag)
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

func (p *pages) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	content, err := fs.ReadFile(p.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// contentType does not depend on the mime tables of the machine.
func contentType(name string) string {
	switch path.Ext(name) {
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
