package signaling

import (
	"context"
	"strings"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// record does what a client wants done about the recording.
func (c *socket) record(ctx context.Context, m wire.Record) error {
	switch m.Action {
	case wire.ActionStart:
		return c.session.Record(ctx, interview.Consent{Text: m.Text, Language: m.Language})
	case wire.ActionPause:
		return c.session.PauseRecording(ctx)
	case wire.ActionResume:
		return c.session.ResumeRecording(ctx)
	case wire.ActionDelete:
		return c.session.DiscardRecording(ctx)
	case wire.ActionMark:
		return c.session.MarkRecording(ctx, m.Label)
	default:
		return c.session.StopRecording(ctx)
	}
}

func answered(m wire.Answered) (interview.RecordingID, interview.Consent) {
	return interview.RecordingID(m.Recording), interview.Consent{
		Kind: interview.ConsentKind(m.Kind), State: interview.ConsentState(m.State), Text: m.Text, Language: m.Language,
	}
}

func recordingChanged(n conference.RecordingChanged) wire.RecordingChanged {
	_, change, _ := strings.Cut(string(n.Kind), ".")
	if n.Kind == interview.EventConsentChanged {
		change = "consent"
	}
	return wire.RecordingChanged{Change: change, By: string(n.By), Reason: n.Reason, Interview: interviewOf(n.Interview)}
}

// recording is an interview's recording as the protocol shows it; nil where
// there can be none.
func recording(iv interview.Interview) *wire.Recording {
	r := iv.Recording
	if r.Mode == "" || r.Mode == interview.RecordingOff {
		return nil
	}
	out := &wire.Recording{
		Mode: string(r.Mode), State: string(r.State), ID: string(r.ID), AskedBy: string(r.AskedBy),
		StartsAt: utc(r.StartsAt), StartedAt: utc(r.StartedAt),
		Consents: each(r.Consents, consent), Transcripts: r.Transcripts,
		Awaited: each(iv.Awaited(), func(id interview.UserID) string { return string(id) }),
	}
	if out.State == "" {
		out.State = "none"
	}
	if len(r.Transcription) > 0 {
		out.Transcription = each(r.Transcription, consent)
	}
	return out
}

func consent(c interview.Consent) wire.Consent {
	return wire.Consent{Participant: string(c.Participant), State: string(c.State), Text: c.Text, Language: c.Language, At: c.At.UTC()}
}
