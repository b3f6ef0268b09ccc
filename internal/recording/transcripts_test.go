package recording

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/internal/transcript/transcripttest"
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
	d.must(d.library.Discard(id, clara.ID))
	d.must(d.library.Discard(id, femi.ID))
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
