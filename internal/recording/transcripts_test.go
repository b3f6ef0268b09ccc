package recording

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
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
	d := &desk{t: t, dir: t.TempDir(), fake: &transcripttest.Service{}}
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
	d.library, err = Open(d.t.Context(), Config{
		Dir: filepath.Join(d.dir, "recordings"), KeyFile: filepath.Join(d.dir, "recording.key"), Store: d.store,
		Transcripts: &transcript.Maker{Service: service, FFmpeg: ffmpeg},
		Publish: func(e interview.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.told = append(d.told, e.Kind)
		},
	})
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

func TestOnlyThoseWhoAgreedToItAreEverSentToTheService(t *testing.T) {
	d := newDesk(t)
	d.fake.Refuse(transcripttest.Refusal{Status: 503})
	id := d.record(
		speaker{clara, 440, yes}, speaker{femi, 1000, nil},
		speaker{ada, 1700, []interview.ConsentState{interview.ConsentGranted, interview.ConsentWithdrawn}})
	d.becomes(id, "ready")
	d.hears(map[int]float64{440: 2})
	d.wasTold(interview.EventRecordingReady, interview.EventTranscribed)
	m, err := d.library.Manifest(t.Context(), id)
	d.must(err)
	lines, from := d.reads(id, "transcript-001.vtt"), m.Files[0].StartMS+2000
	if len(lines) != 1 || lines[0].Speaker != "Clara Novak" || lines[0].Text != transcripttest.Text(440) || math.Abs(float64(lines[0].FromMS-from)) > 100 {
		t.Errorf("hers is %+v, want it from %d on", lines, from)
	}
	if all := d.reads(id, transcript.Merged); !slices.Equal(all, lines) {
		t.Errorf("everybody's is %+v", all)
	}
	all := d.library.Transcripts(id, m.People)
	if len(all) != 2 || all[1].Participant != "" || all[0].Participant != string(clara.ID) {
		t.Errorf("there is %+v", all)
	}
	raw, err := d.library.read(id, transcript.Index)
	d.must(err)
	var list index
	d.must(json.Unmarshal(raw, &list))
	if len(list.Transcripts) != 2 || list.Transcripts[0].SHA256 != all[0].SHA256 || list.Transcripts[0].Consent.TextVersion != "t1" || list.Model != transcripttest.Model {
		t.Errorf("the list is %s", raw)
	}
	open, err := filepath.Glob(filepath.Join(d.dir, "recordings", "*", string(id), "*.vtt"))
	if sealed, err2 := os.ReadFile(filepath.Join(d.library.dir(id), "transcript.vtt.age")); err != nil || err2 != nil || len(open) > 0 || bytes.Contains(sealed, []byte("WEBVTT")) {
		t.Errorf("open lies %v, %v, %v", open, err, err2)
	}

	// She takes it back: nothing of hers is left, and that is on file.
	d.must(d.library.Untranscribe(t.Context(), id, clara.ID))
	for _, name := range []string{"transcript-001.vtt", transcript.Merged, transcript.Index} {
		if f, err := d.library.Open(t.Context(), id, name, store.View{}); err == nil {
			t.Errorf("%s opens after it was taken back", name)
			f.Close()
		}
	}
	d.becomes(id, "none")
	d.wasTold(interview.EventConsentChanged, interview.EventTranscriptDeleted)
	left, err := filepath.Glob(filepath.Join(d.library.dir(id), "transcript*"))
	if err != nil || len(left) > 0 {
		t.Errorf("on the disk: %v, %v", left, err)
	}
	receipts, err := d.library.Receipts(t.Context(), d.iv.ID)
	d.must(err)
	if last := receipts[len(receipts)-1].Consent; last.Kind != interview.ConsentTranscription || last.State != interview.ConsentWithdrawn || last.Text != "t1" {
		t.Errorf("the last answer is %+v", last)
	}
	d.must(d.library.Untranscribe(t.Context(), id, femi.ID)) // there was nothing
	d.wasTold()
	d.hears(map[int]float64{440: 2})
}

func TestWritingGoesOnAfterARestartAndNothingIsSentTwice(t *testing.T) {
	d := newDesk(t)
	id := d.record(speaker{clara, 440, yes}, speaker{femi, 1000, yes})
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, made := d.library.size(id, "transcript-001.vtt"); made {
			break
		}
		if time.Now().After(end) {
			t.Fatal("hers is not made")
		}
	}
	d.close()
	d.open()
	d.becomes(id, "ready")
	heard := d.fake.Heard()
	if s := heard[transcripttest.Text(440)]; math.Abs(s-2) > 0.15 {
		t.Errorf("%v s were heard of who was done, want 2", s)
	}
	all := d.reads(id, transcript.Merged)
	if len(all) != 2 || all[0].Speaker == all[1].Speaker {
		t.Errorf("everybody's is %+v", all)
	}
	d.must(d.library.Untranscribe(t.Context(), id, clara.ID))
	d.becomes(id, "ready")
	if all := d.reads(id, transcript.Merged); len(all) != 1 || all[0].Speaker != femi.Name {
		t.Errorf("everybody's, without hers, is %+v", all)
	}
	_, err := d.library.Delete(t.Context(), id, "", "host")
	d.must(err)
	if _, err := os.Stat(d.library.dir(id)); !os.IsNotExist(err) {
		t.Errorf("its files are there: %v", err)
	}
}

func TestAServiceThatRefusesIsSaidAndAskedAgainAfterARestart(t *testing.T) {
	d := newDesk(t)
	d.fake.Refuse(transcripttest.Refusal{Status: 401})
	id := d.record(speaker{clara, 440, yes})
	r := d.becomes(id, "failed")
	if !strings.Contains(r.TranscriptProblem, "does not take the key") {
		t.Errorf("the problem is %q", r.TranscriptProblem)
	}
	d.wasTold(interview.EventRecordingReady, interview.EventTranscriptFailed)
	if p := d.library.TranscriptProblem(); !strings.Contains(p, "does not take the key") {
		t.Errorf("the library's problem is %q", p)
	}
	d.close()
	d.fake.Refuse(transcripttest.Refusal{Status: 401}, transcripttest.Refusal{Status: 401}) // the try, and the recording
	d.open()
	d.idle()
	if r, err := d.library.Recording(t.Context(), id); err != nil || r.Transcript != store.TranscriptFailed {
		t.Errorf("refused again it is %+v, %v", r, err)
	}
	d.wasTold() // once is enough
	d.close()
	d.open()
	if r := d.becomes(id, "ready"); r.TranscriptProblem != "" {
		t.Errorf("the problem is still %q", r.TranscriptProblem)
	}
	if p := d.library.TranscriptProblem(); p != "" {
		t.Errorf("the library's problem is still %q", p)
	}
	d.hears(map[int]float64{440: 2})
}

func TestWhatIsDestroyedIsNotPutIntoWriting(t *testing.T) {
	d := newDesk(t)
	d.fake.Refuse(slices.Repeat([]transcripttest.Refusal{{Status: 503}}, 9)...)
	id := d.record(speaker{clara, 440, yes})
	d.becomes(id, "running")
	_, err := d.library.Delete(t.Context(), id, clara.ID, interview.ReasonConsentWithdrawn)
	d.must(err)
	if d.library.scribe.busy(id) {
		t.Error("it is still at work")
	}
	d.hears(nil)
}

func TestWritingGoesOnWithoutOneWhoseTracksWereDestroyed(t *testing.T) {
	d := newDesk(t)
	d.fake.Refuse(transcripttest.Refusal{Status: 503})
	id := d.record(speaker{clara, 440, yes}, speaker{femi, 1000, yes}, speaker{ada, 1700, yes})
	for d.fake.Requests() < 2 { // it waits to be asked again for what Clara said
		time.Sleep(time.Millisecond)
	}
	d.must(d.library.DeleteOf(t.Context(), id, femi.ID, "host"))
	d.becomes(id, "ready")
	d.idle()
	d.hears(map[int]float64{440: 2, 1700: 2})
	// What was written before comes too late.
	m, err := d.library.manifest(id)
	d.must(err)
	late := written{transcript.Plan(m)[1], []transcript.Line{{Speaker: femi.Name, Text: "late"}}}
	d.must(d.library.ask(t.Context(), arrival{id: id, written: &late}))
	d.must(d.library.Untranscribe(t.Context(), id, clara.ID))
	d.idle()
	d.becomes(id, "ready")
	all := d.library.Transcripts(id, m.People)
	if len(all) != 2 || all[1].Participant != "" || all[0].Participant != string(ada.ID) {
		t.Errorf("there is %+v", all)
	}
}

func TestEverybodyWhoWishesItHasTheirPartDestroyed(t *testing.T) {
	d := newDesk(t)
	d.mode = interview.RecordingPerTrack
	id := d.record(speaker{clara, 440, nil}, speaker{femi, 1000, nil}, speaker{ada, 1700, nil})
	d.library.Discard(id, clara.ID)
	d.library.Discard(id, femi.ID)
	var left []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if m, err := d.library.Manifest(t.Context(), id); err == nil {
			if left = of(m); slices.Equal(left, []string{string(ada.ID)}) {
				return
			}
		}
	}
	t.Errorf("kept of %v", left)
}

func TestWhatCannotBeReadIsBegunAgain(t *testing.T) {
	d := newDesk(t)
	id := d.record(speaker{clara, 440, yes})
	d.becomes(id, "ready")
	r, err := d.library.Recording(t.Context(), id)
	d.must(err)
	r.Transcript, r.TranscriptProblem = store.TranscriptFailed, unreadable
	d.must(d.store.SetTranscript(t.Context(), r, nil))
	d.library.scribe.resume()
	d.idle()
	if r, err := d.library.Recording(t.Context(), id); err != nil || r.Transcript != store.TranscriptReady || r.TranscriptProblem != "" {
		t.Errorf("it is %+v, %v", r, err)
	}
	d.hears(map[int]float64{440: 2}) // what was there is not sent again
}
