package recording

import (
	"context"
	"fmt"
	"sync"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
	"parley/recorder/frames"
	"parley/sfu"
)

// Begin begins a recording: see [conference.Recorder].
func (l *Library) Begin(iv interview.Interview, fail func(reason string)) (conference.Recording, error) {
	mode := recorder.ModeAll
	if iv.Recording.Mode == interview.RecordingPerTrack {
		mode = recorder.ModePerTrack
	}
	s := &session{home: l, id: iv.Recording.ID, interview: iv.ID, thread: iv.Thread, asked: iv.Recording.AskedBy, fail: fail}
	tape, err := l.recorder.Start(recorder.Options{ID: string(iv.Recording.ID), Interview: string(iv.ID), Mode: mode, Deliver: s.heard})
	if err != nil {
		return nil, err
	}
	s.tape = tape
	return s, nil
}

// session is one recording under way, between its room and the recorder.
type session struct {
	home      *Library
	id        interview.RecordingID
	interview interview.ID
	thread    interview.ThreadID
	asked     interview.UserID
	fail      func(reason string)
	tape      *recorder.Recording
	entered   sync.Once
}

// heard takes the recorder's news. It is called by the recorder's goroutines.
func (s *session) heard(event recorder.Event) {
	log := s.home.cfg.Logger
	switch e := event.(type) {
	case recorder.Changed:
		if e.State == recorder.Running {
			s.entered.Do(func() { s.enter(e.At) })
		}
	case recorder.Failed:
		reason := interview.ReasonStorage
		if e.Reason == recorder.DiskFull {
			reason = interview.ReasonDiskFull
		}
		s.fail(reason)
	case recorder.Forgotten:
		s.home.arrive(arrival{id: s.id, forgot: store.Wish{Recording: s.id, User: interview.UserID(e.Participant), Reason: interview.ReasonConsentWithdrawn, At: e.At}})
	case recorder.Closed:
		s.home.arrive(arrival{id: s.id, manifest: e.Manifest})
	case recorder.Slow:
		log.Warn("the disk does not follow a recording", "recording", string(s.id), "dropped", e.Dropped, "behind", e.Behind)
	case recorder.DiskFilling:
		log.Warn("the disk for recordings is nearly full", "used", e.Used, "free", e.Free)
	}
}

// enter puts the recording on file, from its first moment on: files without a row
// would belong to nobody after a crash. It is the recorder's goroutine that waits.
func (s *session) enter(at time.Time) {
	ctx, cancel := context.WithTimeout(s.home.ctx, writeLimit)
	defer cancel()
	err := s.home.cfg.Store.PutRecording(ctx, store.Recording{
		ID: s.id, Interview: s.interview, Thread: s.thread, Status: store.RecordingOpen, AskedBy: s.asked, StartedAt: at.UTC().Truncate(time.Microsecond),
	})
	if err != nil {
		s.home.cfg.Logger.Error("a recording is not on file", "recording", string(s.id), "err", err)
		s.fail(interview.ReasonStorage)
	}
}

func (s *session) Join(p interview.Participant) {
	p = p.Named()
	s.check(s.tape.Join(recorder.Person{ID: string(p.ID), Name: p.Name, Role: string(p.Role)}))
}

func (s *session) Leave(id interview.UserID) { s.check(s.tape.Leave(string(id))) }

func (s *session) Answer(c interview.Consent) {
	kind := recorder.KindRecording
	if c.Kind == interview.ConsentTranscription {
		kind = recorder.KindTranscription
	}
	s.check(s.tape.Consent(recorder.Consent{
		Participant: string(c.Participant), Kind: kind, Answer: recorder.Answer(c.State),
		TextVersion: c.Text, Language: c.Language, At: c.At,
	}))
}

// Forget deletes what was kept of somebody, or has it destroyed once the recording,
// which ends by itself at this moment, is taken in. The wish is on file until the
// recorder has it in the journal: a disk that stands still is no reason to lose it.
func (s *session) Forget(id interview.UserID) error {
	if err := s.home.wish(s.id, id); err != nil {
		return err
	}
	if err := s.tape.Forget(string(id), string(id)); err != nil {
		s.check(err)
		s.home.arrive(arrival{id: s.id, discard: true})
	}
	return nil
}

func (s *session) Pause(on bool, by interview.UserID) {
	if on {
		s.check(s.tape.Pause(string(by)))
	} else {
		s.check(s.tape.Resume(string(by)))
	}
}

func (s *session) Mark(label string, by interview.UserID) { s.check(s.tape.Mark(label, string(by))) }

func (s *session) Mute(id interview.UserID, source interview.Source, on bool) {
	s.check(s.tape.Mute(string(id), recorder.Source(source), on))
}

func (s *session) End(reason string) { s.tape.Stop(reason) }

// check logs what the recorder did not take. It is no reason to disturb the room:
// a recording that cannot go on says so by itself.
func (s *session) check(err error) {
	if err != nil {
		s.home.cfg.Logger.Debug("the recorder does not take it", "recording", string(s.id), "err", err)
	}
}

// Tap returns what takes in a source of a participant. Which codec it has shows
// with its first packet.
func (s *session) Tap(id interview.UserID, source interview.Source, keyframe func()) sfu.Tap {
	return &tap{session: s, who: string(id), source: recorder.Source(source), keyframe: keyframe}
}

// tap is a track of the recorder as soon as its codec is known. Its methods are
// called by one goroutine, which may be another one after a while.
type tap struct {
	session  *session
	who      string
	source   recorder.Source
	keyframe func()
	pt       uint8
	track    *recorder.Track
	early    *report // came before the first packet, and says where that belongs
}

type report struct {
	arrived time.Time
	ntp     uint64
	rtp     uint32
}

// RTP implements [sfu.Tap].
func (t *tap) RTP(arrived time.Time, packet []byte) {
	if pt := packet[1] & 0x7f; t.track == nil || pt != t.pt {
		t.open(pt)
	}
	if t.track != nil {
		t.track.RTP(arrived, packet)
	}
}

// SenderReport implements [sfu.Tap].
func (t *tap) SenderReport(arrived time.Time, ntp uint64, rtp uint32) {
	if t.track == nil {
		t.early = &report{arrived, ntp, rtp}
		return
	}
	t.track.SenderReport(arrived, ntp, rtp)
}

// open makes the track for a codec. One that cannot be made is tried again with the
// next codec only.
func (t *tap) open(pt uint8) {
	t.pt, t.track = pt, nil
	codec, err := codecOf(pt)
	if err == nil {
		t.track, err = t.session.tape.Track(recorder.TrackOptions{Participant: t.who, Source: t.source, Codec: codec, Keyframe: t.keyframe})
	}
	if err != nil {
		t.session.home.cfg.Logger.Error("a source is not recorded", "recording", string(t.session.id), "participant", t.who, "source", string(t.source), "err", err)
		return
	}
	if r := t.early; r != nil {
		t.track.SenderReport(r.arrived, r.ntp, r.rtp)
		t.early = nil
	}
}

func codecOf(pt uint8) (frames.Codec, error) {
	switch pt {
	case sfu.TappedOpus:
		return frames.Opus, nil
	case sfu.TappedVP8:
		return frames.VP8, nil
	case sfu.TappedH264:
		return frames.H264, nil
	}
	return "", fmt.Errorf("payload type %d is of no codec that can be kept", pt)
}
