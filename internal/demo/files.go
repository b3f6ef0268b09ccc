package demo

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of the files that the app keeps in memory.
const (
	MaxFileMB   = 10              // of one file, in MB
	maxShelf    = 64 << 20        // bytes, of all
	leastPlace  = 64 << 10        // bytes that a place counts for at least, so that tiny files are bounded as well
	uploadTakes = 2 * time.Minute // at most
)

// The events and bodies of Parley's API about files.
type (
	offeredFile struct {
		ID        string `json:"id"`
		Thread    string `json:"thread"`
		Name      string `json:"name"`
		Size      int64  `json:"size"`
		MediaType string `json:"media_type"`
		State     string `json:"state"`
	}
	uploadBody struct {
		URL       string    `json:"url"`
		ExpiresAt time.Time `json:"expires_at"`
		Link      string    `json:"link"`
	}
	declineFileBody struct {
		Reason string `json:"reason"`
	}
)

// shelf holds files in memory, the newest ones: a place that a real host app
// would have on a disk or in a bucket. Nobody signs in here, so whoever has a
// file's key may open it.
type shelf struct {
	mu    sync.Mutex
	files []*shelved // in the order they were offered
}

// shelved is a file, or the place for one. Only content changes, once.
type shelved struct {
	offeredFile
	in, out string // keys: to bring it once, and to open it
	content []byte // nil: it was not brought
}

// reserve makes a place for a file and throws out the oldest that do not fit
// beside it.
func (s *shelf) reserve(f offeredFile) *shelved {
	place := &shelved{offeredFile: f, in: rand.Text(), out: rand.Text()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, place)
	for size := s.size(); size > maxShelf; size = s.size() {
		s.files = slices.Delete(s.files, 0, 1)
	}
	return place
}

// size is what the files take when all are brought. s.mu is held.
func (s *shelf) size() (n int64) {
	for _, f := range s.files {
		n += max(f.Size, leastPlace)
	}
	return n
}

// drop gives up a place.
func (s *shelf) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = slices.DeleteFunc(s.files, func(f *shelved) bool { return f.ID == id })
}

// find returns a file by its id and one of its keys.
func (s *shelf) find(id, key string, keyOf func(*shelved) string) *shelved {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.ID == id && subtle.ConstantTimeCompare([]byte(keyOf(f)), []byte(key)) == 1 {
			return f
		}
	}
	return nil
}

// put stores the content of a file whose place is still there and empty.
func (s *shelf) put(place *shelved, content []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.files, place) || place.content != nil {
		return false
	}
	place.content = content
	return true
}

// content returns what was brought for a file.
func (s *shelf) content(f *shelved) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.content
}

// takeFile answers Parley when somebody offers a file in a room, and gives the
// place up when it will not come.
func (a *App) takeFile(ctx context.Context, f offeredFile) {
	if _, ours := strings.CutPrefix(f.Thread, threadID("")); !ours {
		return
	}
	switch f.State {
	case "offered":
	case "expired", "withdrawn":
		a.shelf.drop(f.ID)
		return
	default:
		return
	}
	var err error
	if f.Size > MaxFileMB<<20 {
		err = a.parley.call(ctx, http.MethodPost, "/v1/files/"+f.ID+"/decline", "", declineFileBody{"This app takes files of up to 10 MB."}, nil)
	} else {
		place := a.shelf.reserve(f)
		err = a.parley.call(ctx, http.MethodPost, "/v1/files/"+f.ID+"/upload", "", uploadBody{
			URL: "/app/uploads/" + f.ID + "?key=" + place.in, ExpiresAt: time.Now().Add(uploadTakes), Link: "/app/files/" + f.ID + "?key=" + place.out,
		}, nil)
	}
	if err != nil {
		a.shelf.drop(f.ID)
		a.cfg.Logger.Warn("file not answered", "file", f.ID, "err", err)
	}
}

// bringFile is PUT /app/uploads/{id}: the room page brings a file itself.
func (a *App) bringFile(w http.ResponseWriter, r *http.Request) error {
	place := a.shelf.find(r.PathValue("id"), r.URL.Query().Get("key"), func(f *shelved) string { return f.in })
	if place == nil {
		return refuse(codeNotFound, "There is no place for this file.")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTakes)) // the server's own is for small bodies
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, place.Size))
	if err != nil || int64(len(content)) != place.Size {
		return refuse(codeInvalidRequest, "The file is not as large as it was said to be.")
	}
	if !a.shelf.put(place, content) {
		return refuse(codeNotFound, "There is no place for this file any more.")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// openFile is GET /app/files/{id}. What people bring is only ever saved, and
// never shown as a page of this app's.
func (a *App) openFile(w http.ResponseWriter, r *http.Request) error {
	f := a.shelf.find(r.PathValue("id"), r.URL.Query().Get("key"), func(f *shelved) string { return f.out })
	if f == nil || a.shelf.content(f) == nil {
		return refuse(codeNotFound, "This file is not here any more: the demo keeps files in memory, and only for a while.")
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	if _, err := w.Write(a.shelf.content(f)); err != nil {
		return errors.Join(errors.New("file not delivered"), err)
	}
	return nil
}

// File is a file of a message. Its link is a path of this app's.
type File struct {
	Size int64  `json:"size"`
	Link string `json:"link"`
}

// ownLink reports whether a link is a path of this app's, as those it gave are.
func ownLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/app/files/")
}
