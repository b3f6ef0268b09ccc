package conference

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/interview"
)

// Record asks everybody present whether the interview may be recorded. Who asks
// agrees by it, to the text and in the language of c; c's other fields are the
// room's to fill in. The domain's refusals arrive as *Error.
func (s *Session) Record(ctx context.Context, c interview.Consent) error {
	id := interview.RecordingID("rec_" + ulid.Make().String())
	return s.call(ctx, func(by interview.UserID) change {
		c.Participant = by
		return func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
			return iv.AskRecording(id, c, now)
		}
	})
}

// Consent gives the person's answer to a recording.
func (s *Session) Consent(ctx context.Context, id interview.RecordingID, c interview.Consent) error {
	return s.call(ctx, func(by interview.UserID) change {
		c.Participant = by
		return func(iv *interview.Interview, now time.Time) ([]interview.Event, error) { return iv.Answer(id, c, now) }
	})
}

// PauseRecording interrupts the recording.
func (s *Session) PauseRecording(ctx context.Context) error {
	return s.call(ctx, simple((*interview.Interview).PauseRecording))
}

// ResumeRecording goes on with a recording that was interrupted.
func (s *Session) ResumeRecording(ctx context.Context) error {
	return s.call(ctx, simple((*interview.Interview).ResumeRecording))
}

// StopRecording ends the recording, or takes back that it was asked for.
func (s *Session) StopRecording(ctx context.Context) error {
	return s.call(ctx, simple((*interview.Interview).StopRecording))
}

// MarkRecording marks this moment of the recording.
func (s *Session) MarkRecording(ctx context.Context, label string) error {
	return s.call(ctx, func(by interview.UserID) change {
		return func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
			return iv.MarkRecording(by, label, now)
		}
	})
}

// DiscardRecording has the last recording destroyed: whoever took their agreement
// back may, once it has ended. In RecordingPerTrack it is what was recorded of them
// alone, also while the recording goes on. Without an error it is certain that it
// happens, over crashes too. The error is an *Error with CodeNotAllowed
// for everybody else.
func (s *Session) DiscardRecording(ctx context.Context) error {
	return s.room.ask(ctx, &discardLetter{question: ask(), session: s})
}

// discardLetter asks for a recording to be destroyed.
type discardLetter struct {
	question
	session *Session
}

func (r *room) discardRecording(l *discardLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	recording := r.iv.Recording
	own := recording.Mode == interview.RecordingPerTrack
	if recording.Consent(m.who.ID).State != interview.ConsentWithdrawn || recording.State != interview.RecordingNone && !own {
		return refuse(CodeNotAllowed, "Whoever took their agreement back can have a recording deleted, once it has ended.")
	}
	switch t := r.tape; {
	case t != nil && t.to != nil && t.id == recording.ID:
		return t.to.Forget(m.who.ID)
	case r.rooms.cfg.Recorder != nil:
		return r.rooms.cfg.Recorder.Discard(recording.ID, m.who.ID)
	}
	return nil
}

func (s *Session) call(ctx context.Context, call func(by interview.UserID) change) error {
	return s.room.ask(ctx, &callLetter{question: ask(), session: s, call: call})
}

func simple(do func(*interview.Interview, interview.UserID, time.Time) ([]interview.Event, error)) func(interview.UserID) change {
	return func(by interview.UserID) change {
		return func(iv *interview.Interview, now time.Time) ([]interview.Event, error) { return do(iv, by, now) }
	}
}
