package api_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/internal/transcript/transcripttest"
	"parley/recorder/render"
	"parley/sfu"
)

const recorded = "rec_01KJPVJ3G0XW2M8QF5T7R9B4CE"

// newRecordedHost is a host with an interview that is over, of which the sound of
// both people was recorded.
func newRecordedHost(t *testing.T, change ...func(*recording.Config)) (*host, api.Interview) {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	h := newHost(t)             // for its store, rooms and keys
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	dir := t.TempDir()
	config := recording.Config{
		Dir: filepath.Join(dir, "recordings"), KeyFile: filepath.Join(dir, "recording.key"), Store: h.store, Encode: api.EncodeEvent, Logger: log,
	}
	for _, f := range change {
		f(&config)
	}
	library, err := recording.Open(ctx, config)
	fatal(t, err)
	t.Cleanup(func() { must(t, library.Close(ctx)) })
	clerk := chat.New(chat.Config{Store: h.store, Key: make([]byte, 32), Encode: api.EncodeThreadEvent, Logger: log})
	t.Cleanup(func() { must(t, clerk.Close()) })
	h.server = api.New(api.Config{
		Rooms: h.rooms, Store: h.store, Keys: h.keys, Chat: clerk, PublicURL: publicURL, Version: "0.1.0", Logger: log, Library: library,
	})
	front := httptest.NewServer(h.server)
	t.Cleanup(front.Close)
	t.Cleanup(func() { must(t, h.server.Close(ctx)) })
	h.url = front.URL

	iv, _, _ := h.live("th_1")
	h.record(library, iv, recorded)
	return h, iv
}

// record records the sound of both people of a live interview, and ends it.
func (h *host) record(library *recording.Library, iv api.Interview, id interview.RecordingID) {
	h.t.Helper()
	kept, err := h.store.Interview(h.t.Context(), interview.ID(iv.ID))
	fatal(h.t, err)
	kept.Recording = interview.Recording{Mode: interview.RecordingAll, State: interview.RecordingOn, ID: id, AskedBy: "client"}
	tape, err := library.Begin(kept, func(reason string) { h.t.Errorf("the recording failed: %s", reason) })
	fatal(h.t, err)
	for _, p := range kept.Present() {
		c := interview.Consent{
			Participant: p.ID, Kind: interview.ConsentRecording, State: interview.ConsentGranted, Text: "2026-11", Language: "en", At: time.Now().Truncate(time.Microsecond),
		}
		kept.Recording.Consents = append(kept.Recording.Consents, c)
		tape.Answer(c)
		c.Kind = interview.ConsentTranscription
		kept.Recording.Transcription = append(kept.Recording.Transcription, c)
		tape.Answer(c)
	}
	fatal(h.t, h.store.SaveInterview(h.t.Context(), kept))
	for _, p := range kept.Present() {
		tape.Join(p)
		speak(tape.Tap(p.ID, interview.SourceMic, func() {}))
	}
	tape.End(interview.ReasonStopped)
	h.send("POST", "/v1/interviews/"+iv.ID+"/end", "").interview(http.StatusOK)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r, err := h.store.Recording(h.t.Context(), id) // the API has a rate limit
		if err == nil && r.Status == store.RecordingKept {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("got %+v, %v, want it kept", r, err)
		}
	}
}

// speak sends a second of sound.
func speak(tap sfu.Tap) {
	for n := range 50 {
		packet := []byte{0x80, sfu.TappedOpus, 0, byte(n), 0, 0, 0, 0, 0, 0, 0, 1, 0xf8, 0xff, 0xfe}
		binary.BigEndian.PutUint32(packet[4:], uint32(n*960))
		tap.RTP(time.Now(), packet)
	}
}

// opens follows a person's link and returns its token and what it shows.
func (h *host) opens(user string) (token string, shown api.Opened) {
	h.t.Helper()
	var link api.Link
	h.send("POST", "/v1/recordings/"+recorded+"/link", `{"user":{"id":"`+user+`"}}`).into(http.StatusCreated, &link)
	_, token, _ = strings.Cut(link.URL, "#token=")
	h.with(token).send("POST", "/v1/recordings/"+recorded+"/open", "").into(http.StatusOK, &shown)
	return token, shown
}

// with is the same host with another key.
func (h *host) with(key string) *host {
	other := *h
	other.key = key
	return &other
}

func TestARecordingShowsEachPersonWhatTheyMaySee(t *testing.T) {
	h, _ := newRecordedHost(t)
	_, all := h.opens("client")
	token, mine := h.opens("freelancer")
	if len(all.Files) != 2 || len(all.People) != 2 || len(mine.Files) != 1 || len(mine.People) != 1 || mine.Files[0].Participant != "freelancer" {
		t.Fatalf("the client sees %+v, the freelancer %+v", all, mine)
	}
	own, others := mine.Files[0].URL, all.Files[0].URL
	if others == own {
		others = all.Files[1].URL
	}
	freelancer := h.with(token)
	if got := freelancer.send("GET", own, ""); got.status != http.StatusOK || int64(len(got.body)) != mine.Files[0].Size {
		t.Errorf("their own: got status %d and %d bytes, want %d", got.status, len(got.body), mine.Files[0].Size)
	}
	for _, path := range []string{others, "/v1/recordings/" + recorded + "/files/manifest.json", "/v1/recordings/" + recorded + "/files/interview.mp4"} {
		freelancer.send("GET", path, "").problem(http.StatusNotFound, api.CodeNotFound)
	}
	elsewhere := strings.Replace(own, recorded, "rec_other", 1)
	freelancer.send("GET", elsewhere, "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
	freelancer.send("GET", "/v1/recordings/"+recorded, "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
	h.with("").send("GET", own, "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
	h.send("POST", "/v1/recordings/"+recorded+"/link", `{"user":{"id":"stranger"}}`).problem(http.StatusForbidden, api.CodeNotAParticipant)

	// A host app's key sees all of it, if it may.
	var limited api.Key
	h.send("POST", "/v1/keys", `{"name":"reader","scopes":["read"]}`).into(http.StatusCreated, &limited)
	h.with(limited.Key).send("GET", own, "").problem(http.StatusForbidden, api.CodeScopeMissing)
	if got := h.send("GET", others, ""); got.status != http.StatusOK {
		t.Errorf("the host app: got status %d", got.status)
	}
	var views api.ViewList
	h.send("GET", "/v1/recordings/"+recorded+"/views", "").into(http.StatusOK, &views)
	if len(views.Views) != 2 || views.Views[0].Key == "" || views.Views[1].User != "freelancer" || !strings.HasSuffix(own, views.Views[1].File) {
		t.Errorf("looks: got %+v, want the freelancer's and the host app's", views.Views)
	}
}

func TestARecordingThatIsHeldIsDestroyedOnlyAfterwards(t *testing.T) {
	h, iv := newRecordedHost(t)
	path := "/v1/recordings/" + recorded
	var checked api.Verification
	h.send("GET", path+"/verification", "").into(http.StatusOK, &checked)
	var file api.Recorded
	h.send("GET", path, "").into(http.StatusOK, &file)
	if !checked.Whole || len(checked.Problems) > 0 || checked.Files == 0 || file.JournalSHA256 == "" || checked.JournalSHA256 != file.JournalSHA256 {
		t.Errorf("checked: got %+v, and on file is %q", checked, file.JournalSHA256)
	}
	token, mine := h.opens("freelancer")
	var r api.Recorded
	h.send("PATCH", path, `{"held":true}`).into(http.StatusOK, &r)
	if !r.Held || r.Status != "kept" {
		t.Errorf("got %+v, want it held", r)
	}
	h.send("DELETE", path, "").problem(http.StatusConflict, api.CodeRecordingHeld)
	h.send("DELETE", "/v1/participants/freelancer", "").problem(http.StatusConflict, api.CodeRecordingHeld)
	h.send("PATCH", path, `{"held":false}`).into(http.StatusOK, &r)

	var erased api.Erasure
	h.send("DELETE", "/v1/participants/freelancer", "").into(http.StatusOK, &erased)
	if len(erased.Recordings) != 1 || erased.Recordings[0] != recorded {
		t.Errorf("got %+v, want the recording destroyed", erased)
	}
	var receipt api.Destroyed
	h.send("DELETE", path, "").into(http.StatusOK, &receipt)
	if receipt.Reason != "erasure" || len(receipt.Files) == 0 || receipt.By != "" {
		t.Errorf("the receipt again: got %+v", receipt)
	}
	h.with(token).send("GET", mine.Files[0].URL, "").problem(http.StatusGone, api.CodeRecordingDeleted)
	h.send("GET", path+"/verification", "").problem(http.StatusGone, api.CodeRecordingDeleted)
	var list api.RecordedList
	h.send("GET", "/v1/interviews/"+iv.ID+"/recordings", "").into(http.StatusOK, &list)
	if len(list.Recordings) != 1 || list.Recordings[0].Status != "deleted" || list.Recordings[0].DeletedBy != "erasure" {
		t.Errorf("got %+v, want it deleted", list.Recordings)
	}
}

func TestTranscriptsAreShownToTheirOwnersAndTakenBackByThem(t *testing.T) {
	fake := httptest.NewServer(&transcripttest.Service{})
	t.Cleanup(fake.Close)
	h, iv := newRecordedHost(t, func(c *recording.Config) {
		ffmpeg, err := render.Find(t.Context(), "")
		fatal(t, err)
		c.Transcripts = &transcript.Maker{FFmpeg: ffmpeg, Service: transcript.NewService(transcript.ServiceConfig{
			URL: fake.URL + "/v1", Model: transcripttest.Model, Key: transcripttest.Key,
		})}
	})
	path := "/v1/recordings/" + recorded
	becomes := func(files int) (r api.Recorded) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) { // the API has a rate limit
			h.send("GET", path, "").into(http.StatusOK, &r)
			if r.Transcript == "ready" && len(r.Written) == files {
				return r
			}
		}
		t.Fatalf("got %+v, want %d transcripts", r, files)
		return r
	}
	becomes(3) // of each, and of both
	_, all := h.opens("client")
	token, mine := h.opens("freelancer")
	freelancer := h.with(token)
	if len(all.Transcripts) != 3 || len(mine.Transcripts) != 1 || mine.Transcripts[0].Participant != "freelancer" {
		t.Fatalf("the client sees %+v, the freelancer %+v", all.Transcripts, mine.Transcripts)
	}
	own := mine.Transcripts[0].URL
	if got := freelancer.send("GET", own, ""); got.status != http.StatusOK || !strings.HasPrefix(string(got.body), "WEBVTT") {
		t.Errorf("their own: got status %d, %q", got.status, got.body)
	}
	for _, t := range all.Transcripts {
		if t.URL != own {
			freelancer.send("GET", t.URL, "").problem(http.StatusNotFound, api.CodeNotFound)
		}
	}
	freelancer.send("GET", path+"/files/transcripts.json", "").problem(http.StatusNotFound, api.CodeNotFound)

	freelancer.send("DELETE", path+"/transcripts/client", "").problem(http.StatusNotFound, api.CodeNotFound)
	h.with("").send("DELETE", path+"/transcripts/freelancer", "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
	h.send("PATCH", path, `{"held":true}`)
	freelancer.send("DELETE", path+"/transcripts/freelancer", "").problem(http.StatusConflict, api.CodeRecordingHeld)
	h.send("PATCH", path, `{"held":false}`)
	if got := freelancer.send("DELETE", path+"/transcripts/freelancer", ""); got.status != http.StatusNoContent {
		t.Fatalf("taking it back: got status %d, %s", got.status, got.body)
	}
	freelancer.send("GET", own, "").problem(http.StatusNotFound, api.CodeNotFound)
	becomes(2)
	var consents api.ConsentList
	h.send("GET", "/v1/interviews/"+iv.ID+"/consents", "").into(http.StatusOK, &consents)
	last := consents.Consents[len(consents.Consents)-1]
	if len(consents.Consents) != 5 || last.Kind != "transcription" || last.State != "withdrawn" || last.Participant != "freelancer" {
		t.Errorf("got the answers %+v", consents.Consents)
	}
	if got := h.send("DELETE", path+"/transcripts/client", ""); got.status != http.StatusNoContent { // the host app, in their name
		t.Errorf("got status %d", got.status)
	}
}
