package recording

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/recorder"
	"parley/recorder/vault"
)

// written is what one person said.
type written struct {
	part  transcript.Part
	lines []transcript.Line
}

// index says what there is of transcripts, in the file transcript.Index.
type index struct {
	Version     int          `json:"version"`
	Recording   string       `json:"recording"`
	Made        time.Time    `json:"made"`
	Model       string       `json:"model"`
	Transcripts []indexEntry `json:"transcripts"`
}

type indexEntry struct {
	Name        string            `json:"name"`
	Participant string            `json:"participant,omitempty"` // absent: everybody's
	Size        int64             `json:"size"`
	SHA256      string            `json:"sha256"`
	Consent     *recorder.Receipt `json:"consent,omitempty"`
}

// ask has the library's goroutine do something, and waits for it or for ctx.
func (l *Library) ask(ctx context.Context, a arrival) error {
	answer := make(chan error, 1)
	a.answer = answer
	l.arrive(a)
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queueTranscripts notes that a recording is to be put into writing, if anybody in it
// agreed to that.
func (l *Library) queueTranscripts(r store.Recording, m recorder.Manifest) error {
	if l.scribe == nil || len(transcript.Plan(m)) == 0 {
		return nil
	}
	r.Transcript = store.TranscriptQueued
	return l.cfg.Store.SetTranscript(l.ctx, r, nil)
}

// writable says whose words may be put into writing: of those who agreed to it and
// to being recorded, and took back neither.
func (l *Library) writable(ctx context.Context, r store.Recording) (map[interview.UserID]bool, error) {
	receipts, err := l.cfg.Store.Receipts(ctx, r.Interview)
	if err != nil {
		return nil, err
	}
	answers := map[interview.ConsentKind]map[interview.UserID]bool{interview.ConsentRecording: {}, interview.ConsentTranscription: {}}
	for _, each := range receipts { // oldest first
		if c := each.Consent; each.Recording == r.ID && answers[c.Kind] != nil {
			answers[c.Kind][c.Participant] = c.State == interview.ConsentGranted
		}
	}
	agreed := map[interview.UserID]bool{}
	for id, yes := range answers[interview.ConsentTranscription] {
		agreed[id] = yes && answers[interview.ConsentRecording][id]
	}
	return agreed, nil
}

// takeTranscript seals what somebody said beside the recording, unless they took
// their agreement back meanwhile, or what they said was destroyed.
func (l *Library) takeTranscript(id interview.RecordingID, w written) error {
	l.making.Lock()
	defer l.making.Unlock()
	r, err := l.cfg.Store.Recording(l.ctx, id)
	if err != nil || !r.DeletedAt.IsZero() {
		return err
	}
	agreed, err := l.writable(l.ctx, r)
	if err != nil || !agreed[interview.UserID(w.part.Participant)] {
		return err
	}
	gone, err := l.vault.Forgotten(string(id))
	if err != nil {
		return err
	}
	for _, sound := range w.part.Sounds {
		if slices.ContainsFunc(gone, func(g vault.Forgotten) bool { return g.Name == sound.Name }) {
			return nil
		}
	}
	return l.place(id, map[string][]byte{w.part.File: transcript.Encode(w.lines)})
}

// place seals files that are made of a recording and seen by nobody before.
func (l *Library) place(id interview.RecordingID, files map[string][]byte) error {
	if err := os.MkdirAll(l.dir(id), 0o700); err != nil { // it may have been moved away
		return err
	}
	for name, content := range files {
		path := filepath.Join(l.dir(id), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return errors.Join(err, os.Remove(path)) // half of it must not be sealed
		}
	}
	return l.keep(id)
}

// settleTranscripts brings a recording's transcripts in line with who agreed, puts
// them together, and says what became of them.
func (l *Library) settleTranscripts(id interview.RecordingID, problem string) error {
	l.making.Lock()
	defer l.making.Unlock()
	r, err := l.cfg.Store.Recording(l.ctx, id)
	if err != nil || !r.DeletedAt.IsZero() {
		return err
	}
	agreed, err := l.writable(l.ctx, r)
	if err != nil {
		return err
	}
	m, err := l.manifest(id)
	if err != nil {
		return err
	}
	gone := []string{transcript.Merged, transcript.Index}
	kept := map[string]string{} // whose they are, by name
	for n, who := range m.People {
		switch name := transcript.FileName(n); {
		case !agreed[interview.UserID(who.ID)]:
			gone = append(gone, name)
		default:
			if _, ok := l.size(id, name); ok {
				kept[name] = who.ID
			}
		}
	}
	if err := l.forget(id, gone...); err != nil {
		return err
	}
	if len(kept) > 0 {
		if err := l.putTogether(id, m, kept); err != nil {
			return err
		}
	}
	told := r.TranscriptProblem
	r.Transcript, r.TranscriptProblem = store.TranscriptNone, ""
	e := event(r, interview.EventTranscribed, "")
	switch {
	case problem != "" && problem == told: // nobody hears it twice
		r.Transcript, r.TranscriptProblem = store.TranscriptFailed, problem
		return l.cfg.Store.SetTranscript(l.ctx, r, nil)
	case problem != "":
		r.Transcript, r.TranscriptProblem, e.Kind, e.Reason = store.TranscriptFailed, problem, interview.EventTranscriptFailed, problem
	case len(kept) > 0:
		r.Transcript = store.TranscriptReady
	default:
		return l.cfg.Store.SetTranscript(l.ctx, r, nil)
	}
	return l.tell(r, nil, e)
}

// putTogether makes the transcript of everybody and the list of all.
func (l *Library) putTogether(id interview.RecordingID, m recorder.Manifest, kept map[string]string) error {
	var all [][]transcript.Line
	for n := range m.People {
		name := transcript.FileName(n)
		if kept[name] == "" {
			continue
		}
		raw, err := l.read(id, name)
		if err != nil {
			return err
		}
		lines, err := transcript.Decode(raw)
		if err != nil {
			return err
		}
		all = append(all, lines)
	}
	if err := l.place(id, map[string][]byte{transcript.Merged: transcript.Encode(transcript.Merge(all...))}); err != nil {
		return err
	}
	files, err := l.vault.Files(string(id))
	if err != nil {
		return err
	}
	list := index{Version: 1, Recording: string(id), Made: time.Now().UTC().Truncate(time.Second)}
	if l.cfg.Transcripts != nil {
		list.Model = l.cfg.Transcripts.Service.Model()
	}
	consents := map[string]*recorder.Receipt{}
	for _, p := range transcript.Plan(m) {
		consents[p.File] = &p.Consent
	}
	for _, f := range files {
		if who, mine := kept[f.Name]; mine || f.Name == transcript.Merged {
			list.Transcripts = append(list.Transcripts, indexEntry{f.Name, who, f.Size, f.Sum.String(), consents[f.Name]})
		}
	}
	raw, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return l.place(id, map[string][]byte{transcript.Index: append(raw, '\n')})
}

// read returns the content of a small sealed file.
func (l *Library) read(id interview.RecordingID, name string) ([]byte, error) {
	f, err := l.sealed(l.ctx, id, name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.NewSectionReader(f.Reader, 0, f.Size()))
	return raw, errors.Join(err, f.Close())
}

// Untranscribe takes back somebody's agreement to be put into writing, after the
// recording: from when it returns nobody opens what was written of them. That
// there is nothing is no error; otherwise the errors are those of Delete.
func (l *Library) Untranscribe(ctx context.Context, id interview.RecordingID, who interview.UserID) error {
	l.making.Lock()
	defer l.making.Unlock()
	r, err := l.deletable(ctx, id)
	if err != nil {
		return err
	}
	receipts, err := l.cfg.Store.Receipts(ctx, r.Interview)
	if err != nil {
		return err
	}
	var last interview.Consent
	for _, each := range receipts {
		if c := each.Consent; each.Recording == id && c.Participant == who && c.Kind == interview.ConsentTranscription {
			last = c
		}
	}
	if last.State != interview.ConsentGranted {
		return nil
	}
	m, err := l.manifest(id)
	if err != nil {
		return err
	}
	last.State, last.At = interview.ConsentWithdrawn, time.Now().UTC().Truncate(time.Microsecond)
	iv, err := l.cfg.Store.Interview(ctx, r.Interview)
	if err != nil {
		return err
	}
	changed, deleted := event(r, interview.EventConsentChanged, ""), event(r, interview.EventTranscriptDeleted, interview.ReasonConsentWithdrawn)
	changed.Participant, changed.Consent, deleted.Participant = person(iv, who), last, person(iv, who)
	r.Transcript, r.TranscriptProblem = store.TranscriptQueued, ""
	if l.scribe == nil {
		r.Transcript = store.TranscriptNone // nobody would take it up
	}
	if err := l.tell(r, []interview.Consent{last}, changed, deleted); err != nil {
		return err
	}
	names := []string{transcript.Merged, transcript.Index}
	for n, p := range m.People {
		if p.ID == string(who) {
			names = append(names, transcript.FileName(n))
		}
	}
	if err := l.vault.Forget(string(id), names...); err != nil {
		return err
	}
	if l.scribe != nil {
		l.scribe.add(id)
	} else {
		l.arrive(arrival{id: id, settle: true})
	}
	return nil
}

// tell stores what became of a recording's transcripts, with answers that took
// them back, and tells of it.
func (l *Library) tell(r store.Recording, taken []interview.Consent, events ...interview.Event) error {
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	messages, err := l.messages(ctx, r, events...)
	if err != nil {
		return err
	}
	if err := l.cfg.Store.SetTranscript(ctx, r, taken, messages...); err != nil {
		return err
	}
	l.publish(events...)
	return nil
}

// A Transcript is a file of what somebody said.
type Transcript struct {
	Name        string
	Participant string // empty: everybody
	Size        int64
	SHA256      string
}

// Transcripts returns what was put into writing of a recording; people are those of
// its manifest, in that order.
func (l *Library) Transcripts(id interview.RecordingID, people []recorder.Member) (all []Transcript) {
	files, err := l.vault.Files(string(id))
	if err != nil {
		return nil
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".vtt") {
			continue
		}
		t := Transcript{Name: f.Name, Size: f.Size, SHA256: f.Sum.String()}
		for n, p := range people {
			if transcript.FileName(n) == f.Name {
				t.Participant = p.ID
			}
		}
		all = append(all, t)
	}
	return all
}

// TranscriptState is what has become of a recording's transcripts: "none", "queued",
// "running", "ready" or "failed".
func (l *Library) TranscriptState(r store.Recording) string {
	if l.scribe != nil && l.scribe.busy(r.ID) {
		return "running"
	}
	return transcriptState(r)
}

func transcriptState(r store.Recording) string {
	return cmp.Or(string(r.Transcript), "none")
}

// TranscriptStats returns the counters of transcripts; all are 0 where none are made.
func (l *Library) TranscriptStats() TranscriptStats {
	if l.scribe == nil {
		return TranscriptStats{}
	}
	l.scribe.mu.Lock()
	defer l.scribe.mu.Unlock()
	return TranscriptStats{Waiting: len(l.scribe.queue) + len(l.scribe.running), Ended: maps.Clone(l.scribe.ended)}
}

// TranscriptProblem says in a sentence why recordings are not put into writing, as
// far as is known; empty: nothing is in the way, or nobody wants them to be.
func (l *Library) TranscriptProblem() string {
	if l.scribe == nil {
		return l.cfg.NoTranscripts
	}
	l.scribe.mu.Lock()
	defer l.scribe.mu.Unlock()
	if l.scribe.problem == "" {
		return ""
	}
	return "Recordings are not put into writing: " + l.scribe.problem + "."
}
