// Package web holds the pages Parley serves: the room, the call button and the reference messaging app. Their sources
// are TypeScript beside this file; `npm run build` turns them into dist, which is embedded in the binary.
package web

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// dist is embedded with "all:" for the sake of its .gitkeep: a fresh clone has nothing else in it, and still compiles.
//
//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that this binary was compiled before the pages were built.
var ErrNotBuilt = errors.New("the web pages are not in this binary: run `make build`, which builds them first")

// Assets returns what the pages were built to: room.html, check.html, app.html, recording.html, embed/v1.js,
// embed/thread.js, and under assets the files whose names carry a hash of their content; beside each that gets smaller
// a packed one, in .br and in .gz. Its error is ErrNotBuilt, and names what is missing, when the binary was compiled without them.
func Assets() (fs.FS, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	if err := whole(files); err != nil {
		return nil, err
	}
	return files, nil
}

// whole says which page is missing, if one is.
func whole(files fs.FS) error {
	for _, page := range []string{"room.html", "check.html", "app.html", "recording.html", "embed/v1.js", "embed/thread.js"} {
		if _, err := fs.Stat(files, page); err != nil {
			return fmt.Errorf("%w (there is no %s)", ErrNotBuilt, page)
		}
	}
	return nil
}
