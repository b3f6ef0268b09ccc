package recording

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/internal/transcript"
	"parley/internal/transcript/transcripttest"
	"parley/recorder/render"
	"parley/sfu"
)

// desk is a library with a service that puts what it keeps into writing. Everybody
// speaks in a tone of their own, so that the service can tell whom it heard.
type desk struct {
	t       *testing.T
	dir     string
	store   *store.Store
	library *Library
	fake    *transcripttest.Service
	url     string
	iv      interview.Interview
	mode    interview.RecordingMode // empty: RecordingAll
	films   bool                    // films are made
	faults  *faults                 // nil: the library's database has none

	mu   sync.Mutex
	told []interview.EventKind
}

// speaker is somebody who was recorded.
type speaker struct {
	interview.Participant
	tone    int
	answers []interview.ConsentState // to transcription, one after the other
}

var findFFmpeg = sync.OnceValues(func() (*render.FFmpeg, error) { return render.Find(context.Background(), "") })

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: storetest.Dir(t), fake: &transcripttest.Service{}}
	server := httptest.NewServer(d.fake)
	t.Cleanup(server.Close)
	d.url = server.URL + "/v1"
	d.open()
	t.Cleanup(func() { d.close() })
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) open() {
	d.t.Helper()
	ffmpeg, err := findFFmpeg()
	d.must(err)
	d.store, err = store.Open(d.t.Context(), d.dir, slog.New(slog.DiscardHandler))
	d.must(err)
	before := d.fake.Requests()
	service := transcript.NewService(transcript.ServiceConfig{URL: d.url, Model: transcripttest.Model, Key: transcripttest.Key})
	cfg := Config{
		Dir: filepath.Join(d.dir, "recordings"), KeyFile: filepath.Join(d.dir, "recording.key"), Store: d.store,
		Transcripts: &transcript.Maker{Service: service, FFmpeg: ffmpeg},
		Publish: func(e interview.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.told = append(d.told, e.Kind)
		},
	}
	if d.films {
		cfg.FFmpeg = ffmpeg
	}
	if d.faults != nil {
		cfg.Store = faultyStore{d.store, d.faults}
	}
	d.library, err = Open(d.t.Context(), cfg)
	d.must(err)
	for d.fake.Requests() == before { // it is tried at the start
		time.Sleep(time.Millisecond)
	}
}

func (d *desk) close() {
	ctx := context.WithoutCancel(d.t.Context())
	d.must(errors.Join(d.library.Close(ctx), d.store.Close()))
}

// record has people talk for four seconds, of which they are heard in the last two.
func (d *desk) record(people ...speaker) interview.RecordingID {
	d.t.Helper()
	thread := interview.Thread{ID: "t1"}
	for _, p := range people {
		thread.Participants = append(thread.Participants, p.Participant)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	d.must(d.store.PutThread(d.t.Context(), thread, now))
	iv, _, err := interview.Ring("iv_1", thread, interview.ModeVideo, people[0].ID, now, interview.Policy{RingFor: time.Hour, MaxParticipants: 9})
	d.must(err)
	iv.Recording = interview.Recording{Mode: cmp.Or(d.mode, interview.RecordingAll), State: interview.RecordingOn, ID: "rec_1", AskedBy: people[0].ID, Transcripts: true}
	tape, err := d.library.Begin(*iv, func(reason string) { d.t.Errorf("the recording failed: %s", reason) })
	d.must(err)
	for _, p := range people {
		yes := interview.Consent{Participant: p.ID, Kind: interview.ConsentRecording, State: interview.ConsentGranted, Text: "1", Language: "en", At: now}
		iv.Recording.Consents = append(iv.Recording.Consents, yes)
		tape.Answer(yes)
		for n, state := range p.answers {
			c := yes
			c.Kind, c.Text, c.State, c.At = interview.ConsentTranscription, "t1", state, now.Add(time.Duration(n)*time.Microsecond)
			iv.Recording.Transcription = []interview.Consent{c}
			d.must(d.store.SaveInterview(d.t.Context(), *iv))
			tape.Answer(c)
		}
	}
	d.must(d.store.SaveInterview(d.t.Context(), *iv))
	for _, p := range people {
		tape.Join(p.Participant)
	}
	for _, p := range people {
		packets, err := transcripttest.Opus(d.t.Context(), p.tone, 2, 2)
		d.must(err)
		say(tape.Tap(p.ID, interview.SourceMic, func() {}), packets)
	}
	tape.End(interview.ReasonStopped)
	d.iv = *iv
	return "rec_1"
}

func say(tap sfu.Tap, packets [][]byte) {
	now := time.Now()
	for n, payload := range packets {
		packet := append([]byte{0x80, sfu.TappedOpus, byte(n >> 8), byte(n), 0, 0, 0, 0, 0, 0, 0, 1}, payload...)
		binary.BigEndian.PutUint32(packet[4:], uint32(n*960))
		tap.RTP(now.Add(time.Duration(n)*20*time.Millisecond), packet)
	}
}

// becomes waits until a recording's transcripts are in some state.
func (d *desk) becomes(id interview.RecordingID, want string) store.Recording {
	d.t.Helper()
	var r store.Recording
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var err error
		r, err = d.library.Recording(d.t.Context(), id)
		if err == nil && r.Status == store.RecordingKept && d.library.TranscriptState(r) == want {
			return r
		}
	}
	d.t.Fatalf("transcripts are %q, want %q: %+v", d.library.TranscriptState(r), want, r)
	return r
}

// idle waits until nothing is put into writing, and nothing is to be.
func (d *desk) idle() {
	d.t.Helper()
	s := d.library.scribe
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s.mu.Lock()
		left := len(s.queue) + len(s.running)
		s.mu.Unlock()
		if left == 0 {
			return
		}
	}
	d.t.Fatal("it is still at work")
}

// reads returns the lines of a transcript.
func (d *desk) reads(id interview.RecordingID, name string) []transcript.Line {
	d.t.Helper()
	f, err := d.library.Open(d.t.Context(), id, name, store.View{User: clara.ID})
	d.must(err)
	raw, err := io.ReadAll(f.Reader)
	d.must(errors.Join(err, f.Close()))
	lines, err := transcript.Decode(raw)
	d.must(err)
	return lines
}

func (d *desk) hears(want map[int]float64) {
	d.t.Helper()
	heard := d.fake.Heard()
	for _, hz := range transcripttest.Tones() {
		if got := heard[transcripttest.Text(hz)]; math.Abs(got-want[hz]) > 0.15 {
			d.t.Errorf("the service heard %v s of %d Hz, want %v", got, hz, want[hz])
		}
	}
	if seconds := heard[transcripttest.Sound]; seconds > 0 {
		d.t.Errorf("the service heard %v s of something else", seconds)
	}
	if wrong := d.fake.Rejected(); len(wrong) > 0 {
		d.t.Errorf("the service does not take %v", wrong)
	}
}

func (d *desk) wasTold(want ...interview.EventKind) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.told, want) {
		d.t.Errorf("told %v, want %v", d.told, want)
	}
	d.told = nil
}

var (
	ada = interview.Participant{ID: "ada", Name: "Ada", Role: interview.RoleObserver}
	yes = []interview.ConsentState{interview.ConsentGranted}
)
