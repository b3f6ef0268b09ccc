package conference

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// Recorder keeps what the domain lets it keep.
type Recorder interface {
	// Begin makes ready for the recording that iv.Recording describes. It may wait for
	// the disk, and is called by a goroutine of its own. fail may be called from any
	// goroutine when it cannot go on; its reason is one of interview's Reason constants.
	Begin(iv interview.Interview, fail func(reason string)) (Recording, error)
	// Discard has a recording that has ended destroyed, for somebody who took their
	// agreement back: in RecordingPerTrack what is of them. When it returns without an
	// error no crash forgets it; the destruction itself is not waited for.
	Discard(id interview.RecordingID, by interview.UserID) error
}

// Recording is one recording under way. It lets nobody in by itself: it is told
// who is present, what they answered, and what they publish. Its methods return at
// once, but Forget.
type Recording interface {
	Join(p interview.Participant)
	Leave(id interview.UserID)
	Answer(c interview.Consent)
	// Forget deletes what was kept of somebody who took their agreement back. It
	// returns as Recorder.Discard does.
	Forget(id interview.UserID) error
	Pause(on bool, by interview.UserID)
	Mark(label string, by interview.UserID)
	// Mute says that somebody's source carries nothing, or does again.
	Mute(id interview.UserID, source interview.Source, on bool)
	// Tap makes what takes in a source of a participant; keyframe asks for one, and
	// may be called from any goroutine.
	Tap(id interview.UserID, source interview.Source, keyframe func()) sfu.Tap
	// End closes the recording in the background. reason is why.
	End(reason string)
}

// tape is a room's recording under way. It belongs to the room's goroutine.
type tape struct {
	id   interview.RecordingID
	to   Recording // nil until it is ready
	taps map[tapped]*tapping
}

// tapped names a source of a participant.
type tapped struct {
	who    interview.UserID
	source sfu.Source
}

// tapping is a tap, and the peer it hangs on; nil: on none.
type tapping struct {
	tap   sfu.Tap
	on    atomic.Pointer[sfu.Peer]
	muted bool
}

// readyLetter brings what was made ready for a recording.
type readyLetter struct {
	id  interview.RecordingID
	to  Recording
	err error
}

// failedLetter says that a recording cannot go on.
type failedLetter struct {
	id     interview.RecordingID
	reason string
}

// recordingChanged carries out an event of the recording, and tells everybody, the
// one who did it included: what is said of a recording is said to all in the same
// words. A refusal reaches the recorder before anybody hears of it.
func (r *room) recordingChanged(e interview.Event) {
	r.log.Info(string(e.Kind), "recording", string(e.Recording), "participant", string(e.Participant.ID), "reason", e.Reason)
	switch e.Kind {
	case interview.EventRecordingStarting:
		r.roll()
	case interview.EventRecordingStarted:
		r.roll()
		r.pass(e)
	case interview.EventRecordingStopped, interview.EventRecordingFailed:
		r.cut(e.Reason)
	default:
		r.pass(e)
	}
	r.tell(RecordingChanged{Kind: e.Kind, By: e.Participant.ID, Reason: e.Reason, Interview: r.iv}, nil)
}

// pass hands an event on to the recording, once it is ready.
func (r *room) pass(e interview.Event) {
	if r.tape == nil || r.tape.to == nil {
		return
	}
	to := r.tape.to
	switch e.Kind {
	case interview.EventJoined:
		to.Join(e.Participant)
	case interview.EventLeft:
		to.Leave(e.Participant.ID)
	case interview.EventConsentChanged:
		to.Answer(e.Consent)
	case interview.EventRecordingPaused:
		to.Pause(e.Reason == interview.ReasonPaused, e.Participant.ID)
	case interview.EventRecordingStarted, interview.EventRecordingResumed:
		to.Pause(false, e.Participant.ID)
	case interview.EventRecordingMarked:
		to.Mark(e.Reason, e.Participant.ID)
	}
}

// roll has the recording made ready, while the countdown runs: nobody waits for
// the disk, neither this room nor the first word.
func (r *room) roll() {
	if r.tape != nil {
		return
	}
	id, iv := r.iv.Recording.ID, r.iv.Clone()
	r.tape = &tape{id: id, taps: make(map[tapped]*tapping)}
	fail := func(reason string) { _ = r.mail.put(failedLetter{id: id, reason: reason}) }
	recorder := r.rooms.cfg.Recorder
	if recorder == nil { // it was there when the interview was made
		fail(interview.ReasonStorage)
		return
	}
	r.closing.Go(func() {
		to, err := recorder.Begin(iv, fail)
		if r.mail.put(readyLetter{id: id, to: to, err: err}) != nil && err == nil {
			to.End(interview.ReasonInterrupted)
		}
	})
}

// ready takes up the recording that was made ready, and tells it everything it
// has missed: who is present, and what they answered.
func (r *room) ready(l readyLetter) {
	t := r.tape
	switch {
	case l.err != nil:
		r.log.Error("a recording could not begin", "recording", string(l.id), "err", l.err)
		r.broke(failedLetter{id: l.id, reason: interview.ReasonStorage})
		return
	case t == nil || t.id != l.id || t.to != nil: // it was called off meanwhile
		l.to.End(interview.ReasonStopped)
		return
	}
	t.to = l.to
	if state := r.iv.Recording.State; state != interview.RecordingOn && state != interview.RecordingWaiting {
		t.to.Pause(true, "") // agreed is not yet begun
	}
	for _, c := range slices.Concat(r.iv.Recording.Consents, r.iv.Recording.Transcription) {
		t.to.Answer(c)
	}
	for _, p := range r.iv.Present() {
		t.to.Join(p)
	}
}

// cut ends the recording.
func (r *room) cut(reason string) {
	t := r.tape
	if t == nil {
		return
	}
	r.tape = nil
	for _, each := range t.taps {
		r.unplug(each)
	}
	if t.to != nil {
		t.to.End(reason)
	}
}

// record hangs taps on what may be recorded at this moment, and takes them off
// everything else. Only [interview.Interview.Recorded] says what may.
func (r *room) record() {
	t := r.tape
	if t == nil || t.to == nil || r.media == nil {
		return
	}
	for _, m := range r.inside {
		recorded := m.peer != nil && r.iv.Recorded(m.who.ID)
		for i, source := range sources {
			s := sfu.Source(i)
			key := tapped{m.who.ID, s}
			each := t.taps[key]
			if !recorded || !m.publishing().has(s) {
				if each != nil {
					r.unplug(each)
					t.mute(each, m.who.ID, source, !m.publishing().has(s))
				}
				continue
			}
			if each == nil {
				each = &tapping{}
				each.tap = t.to.Tap(m.who.ID, source, func() {
					if p := each.on.Load(); p != nil {
						p.Keyframe(s)
					}
				})
				t.taps[key] = each
			}
			t.mute(each, m.who.ID, source, false)
			if each.on.Swap(m.peer.media) != m.peer.media {
				m.peer.media.Tap(s, each.tap)
			}
		}
	}
	for key, each := range t.taps {
		if m := r.find(key.who); m == nil || !m.entered {
			r.unplug(each)
		}
	}
}

func (t *tape) mute(each *tapping, who interview.UserID, source interview.Source, on bool) {
	if each.muted != on {
		each.muted = on
		t.to.Mute(who, source, on)
	}
}

// unplug takes a tap off its peer. Nothing reaches it afterwards.
func (r *room) unplug(each *tapping) {
	if each.on.Swap(nil) != nil && r.media != nil {
		r.media.Untap(each.tap)
	}
}

// broke ends a recording that cannot go on.
func (r *room) broke(l failedLetter) {
	if r.iv.Recording.ID == l.id {
		r.failRecording(l.reason)
	}
}

// failRecording ends whatever recording there is, also one that a server which
// stopped has left behind.
func (r *room) failRecording(reason string) {
	if r.iv.Recording.State == interview.RecordingNone {
		return
	}
	events, err := r.apply(func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.FailRecording(reason, now), nil
	})
	if err != nil {
		r.log.Error("the end of a recording was not stored", "err", err)
		r.cut(reason) // it has ended all the same; the next start of the server says so
		return
	}
	r.announce(events, nil)
}

// recordingMode is the mode of a new interview's recording.
func (r *Rooms) recordingMode(wanted interview.RecordingMode) (interview.RecordingMode, error) {
	if wanted == "" {
		wanted = r.cfg.Recording
	}
	if wanted == "" || wanted == interview.RecordingOff {
		return interview.RecordingOff, nil
	}
	if !wanted.Valid() {
		return "", refuse(CodeNoRecorder, fmt.Sprintf("An interview cannot be recorded in the mode %.32q.", string(wanted)))
	}
	if r.cfg.Recorder == nil {
		return "", refuse(CodeNoRecorder, "This server does not record.")
	}
	return wanted, nil
}
