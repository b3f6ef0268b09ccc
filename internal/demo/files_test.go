package demo

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/interview"
)

// offer offers a file in the client's name and returns what came of it, and
// where it may be brought.
func (s *server) offer(t *testing.T, ref string, size int64) (interview.FileOffer, *chat.Upload) {
	t.Helper()
	told := make(chan chat.Event, 16)
	defer s.chat.Watch(func(e chat.Event) { told <- e })()
	_, err := s.chat.OfferFile(t.Context(), chat.FileDraft{
		Thread: "th_pr_femi", Interview: "iv_1", Author: interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer},
		Ref: ref, File: interview.File{Name: `Größe "neu".pdf`, Size: size, Type: "application/pdf"},
	})
	fatal(t, err)
	for {
		select {
		case e := <-told:
			if e.Type == chat.EventFileGranted || e.Type == chat.EventFileDeclined {
				return *e.File, e.Upload
			}
		case <-t.Context().Done():
			t.Fatal("the app did not answer")
		}
	}
}

func TestAppHasAPlaceForAFileAndShowsItInTheThread(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	states := client.watch()
	until(t, states, "the thread", func(s State) bool { return len(s.Threads) == 1 })

	file, upload := s.offer(t, "a", 5)
	if upload == nil || !strings.HasPrefix(upload.URL, "/app/uploads/"+string(file.ID)+"?key=") {
		t.Fatalf("got %+v and %+v", file, upload)
	}
	if status, _ := client.do("PUT", "/app/uploads/"+string(file.ID)+"?key=another", []byte("hello"), ""); status != http.StatusNotFound {
		t.Errorf("with another key: got status %d", status)
	}
	for _, wrong := range []string{"hell", "hello!"} {
		if status, _ := client.do("PUT", upload.URL, []byte(wrong), ""); status != http.StatusBadRequest {
			t.Errorf("%q of five bytes: got status %d", wrong, status)
		}
	}
	if status, raw := client.do("PUT", upload.URL, []byte("hello"), ""); status != http.StatusNoContent {
		t.Fatalf("got status %d and %s", status, raw)
	}
	if status, _ := client.do("PUT", upload.URL, []byte("other"), ""); status != http.StatusNotFound {
		t.Errorf("a second time: got status %d", status)
	}
	fatal(t, s.chat.UploadedFile(t.Context(), "th_pr_femi", "client", "a"))
	seen := until(t, states, "the file", func(s State) bool { return len(s.Threads[0].Items) == 1 })
	item := seen.Threads[0].Items[0]
	if item.File == nil || item.File.Size != 5 || item.Text != `Größe "neu".pdf` || item.File.Link != file.Link {
		t.Fatalf("the thread shows %+v", item)
	}
	response, err := http.Get(client.url + item.File.Link)
	fatal(t, err)
	defer response.Body.Close()
	if got := response.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename") || strings.ContainsAny(got, "\r\n") {
		t.Errorf("got disposition %q", got)
	}
	if status, raw := client.do("GET", item.File.Link, nil, ""); status != http.StatusOK || string(raw) != "hello" {
		t.Errorf("got status %d and %q", status, raw)
	}
	if status, _ := client.do("GET", "/app/files/"+string(file.ID)+"?key=", nil, ""); status != http.StatusNotFound {
		t.Errorf("without its key: got status %d", status)
	}
}

func TestAppTakesNoMoreThanItHolds(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	until(t, client.watch(), "the thread", func(s State) bool { return len(s.Threads) == 1 })
	if file, upload := s.offer(t, "large", MaxFileMB<<20+1); upload != nil || file.Reason == "" {
		t.Errorf("got %+v and %+v, want it declined in words", file, upload)
	}
	shelf := &client.app.shelf
	for range maxShelf/(MaxFileMB<<20) + 3 {
		shelf.reserve(offeredFile{ID: "fl", Size: MaxFileMB << 20})
	}
	if size := shelf.size(); size > maxShelf {
		t.Errorf("holds %d bytes, want at most %d", size, maxShelf)
	}
	for range maxShelf/leastPlace + 3 {
		shelf.reserve(offeredFile{ID: "fl", Size: 1})
	}
	if n := len(shelf.files); n > maxShelf/leastPlace {
		t.Errorf("has %d places, want at most %d", n, maxShelf/leastPlace)
	}
	kept, _ := s.offer(t, "kept", 5)
	fatal(t, s.chat.WithdrawFile(context.Background(), "th_pr_femi", "client", "kept"))
	second, _ := s.offer(t, "after", 5) // what Parley told before has been dealt with
	if client.app.shelf.find(string(second.ID), "", func(*shelved) string { return "" }) == nil ||
		client.app.shelf.find(string(kept.ID), "", func(*shelved) string { return "" }) != nil {
		t.Error("the place of a file that will not come is kept")
	}
}
