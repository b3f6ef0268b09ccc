// Package web holds the pages Parley serves: the room, the call button and the reference messaging app. Their sources
// are TypeScript beside this file; `npm run build` turns them into dist, which is embedded in the binary.
package web

import (
	"embed"
	"errors"
	"io/fs"
)

// dist is embedded with "all:" for the sake of its .gitkeep: a fresh clone has nothing else in it, and still compiles.
//
//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that this binary was compiled before the pages were built.
var ErrNotBuilt = errors.New("the web pages are not in this binary: run `make build`, which builds them first")

// Assets returns what the pages were built to: room.html, check.html, app.html, recording.html, embed/v1.js, and
// under assets the files whose names carry a hash of their content. It returns ErrNotBuilt when the binary was compiled without them.
func Assets() (fs.FS, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	for _, page := range []string{"room.html", "check.html", "app.html", "recording.html", "embed/v1.js"} {
		if _, err := fs.Stat(files, page); err != nil {
			return nil, ErrNotBuilt
		}
	}
	return files, nil
}
