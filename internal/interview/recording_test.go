package interview

import (
	"testing"
	"time"
)

func answer(p Participant, state ConsentState) Consent {
	return Consent{Participant: p.ID, State: state, Text: "2026-11", Language: "en"}
}

// recordable is an interview in which Clara and Femi talk.
func recordable(t *testing.T, mode RecordingMode) *story {
	t.Helper()
	s := called(t)
	s.Recording.Mode = mode
	s.join(clara)
	s.join(femi)
	s.events = nil
	return s
}

func (s *story) asks(p Participant) {
	s.t.Helper()
	s.did(s.AskRecording("rec_1", answer(p, ""), s.now))
}

func (s *story) answers(p Participant, state ConsentState) {
	s.t.Helper()
	s.did(s.Answer("rec_1", answer(p, state), s.now))
}

func (s *story) recorded(people ...Participant) {
	s.t.Helper()
	want := map[UserID]bool{}
	for _, p := range people {
		want[p.ID] = true
	}
	for _, p := range []Participant{clara, femi, ingrid} {
		if s.Recorded(p.ID) != want[p.ID] {
			s.t.Errorf("%s recorded: %v", p.Name, !want[p.ID])
		}
	}
}

func TestARecordingStartsWhenEverybodyAgreedAndNobodyObjected(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.want(StateLive, "recording.asked client", "consent.changed client")
	s.answers(femi, ConsentGranted)
	s.want(StateLive, "consent.changed freelancer", "recording.starting client")
	s.recorded()
	if at, ok := s.Deadline(pol); !ok || at.Sub(s.now) != Countdown {
		t.Errorf("the countdown ends at %v, %v", at, ok)
	}
	s.wait(Countdown)
	s.tick()
	s.want(StateLive, "recording.started client")
	s.recorded(clara, femi)
	s.did(s.StopRecording(femi.ID, s.now))
	s.want(StateLive, "recording.stopped freelancer stopped")
	s.recorded()
}

func TestSomebodyWhoComesLateInterruptsARecordingUntilTheyAnswer(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.answers(femi, ConsentGranted)
	s.wait(Countdown)
	s.tick()
	s.events = nil
	s.join(ingrid)
	s.want(StateLive, "participant.joined watcher", "recording.paused awaiting_consent")
	s.recorded()
	s.answers(ingrid, ConsentGranted)
	s.want(StateLive, "consent.changed watcher", "recording.resumed")
	s.recorded(clara, femi, ingrid)
	s.leave(ingrid, CauseLeft)
	s.join(ingrid)
	s.want(StateLive, "participant.left watcher left", "participant.joined watcher")
	s.answers(ingrid, ConsentDeclined)
	s.want(StateLive, "consent.changed watcher", "recording.stopped watcher consent_withdrawn")
}

func TestSomebodyWhoComesLateAndDeclinesIsWaitedFor(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.answers(femi, ConsentGranted)
	s.wait(Countdown)
	s.tick()
	s.join(ingrid)
	s.events = nil
	s.answers(ingrid, ConsentDeclined)
	s.want(StateLive, "consent.changed watcher")
	s.recorded()
	s.leave(ingrid, CauseLeft)
	s.want(StateLive, "participant.left watcher left", "recording.resumed")
	s.recorded(clara, femi)
}

func TestANoEndsWhatWasAskedForAndNothingElse(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.answers(femi, ConsentDeclined)
	s.want(StateLive, "recording.asked client", "consent.changed client", "consent.changed freelancer", "recording.stopped freelancer consent_declined")
	if s.inside() != 2 || !s.Recording.StartedAt.IsZero() {
		t.Errorf("%d inside, started %v", s.inside(), s.Recording.StartedAt)
	}
	s.asks(clara) // may be asked again
	s.want(StateLive, "recording.asked client", "consent.changed client")
}

func TestOnlyThoseWhoAgreedAreRecordedTrackByTrack(t *testing.T) {
	s := recordable(t, RecordingPerTrack)
	s.asks(clara)
	s.wait(Countdown)
	s.tick()
	s.recorded(clara)
	s.answers(femi, ConsentDeclined)
	s.recorded(clara)
	s.answers(femi, ConsentGranted)
	s.recorded(clara, femi)
	s.events = nil
	s.answers(clara, ConsentWithdrawn)
	s.want(StateLive, "consent.changed client")
	s.recorded(femi)
	s.answers(femi, ConsentWithdrawn)
	s.want(StateLive, "consent.changed freelancer", "recording.stopped freelancer consent_withdrawn")
}

func TestAPauseHoldsUntilAnInterviewerResumes(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.answers(femi, ConsentGranted)
	s.wait(Countdown)
	s.tick()
	s.events = nil
	s.did(s.PauseRecording(clara.ID, s.now))
	s.join(ingrid)
	s.did(s.ResumeRecording(clara.ID, s.now))
	s.want(StateLive, "recording.paused client paused", "participant.joined watcher", "recording.paused client awaiting_consent")
	s.answers(ingrid, ConsentGranted)
	s.did(s.MarkRecording(clara.ID, "Question 1", s.now))
	s.want(StateLive, "consent.changed watcher", "recording.resumed", "recording.marked client Question 1")
	s.did(s.FailRecording(ReasonDiskFull, s.now), nil)
	s.want(StateLive, "recording.failed disk_full")
}

func TestTheEndOfAnInterviewEndsItsRecordingFirst(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	s.answers(femi, ConsentGranted)
	s.wait(Countdown)
	s.tick()
	s.events = nil
	s.leave(femi, CauseLost)
	s.leave(clara, CauseLost)
	s.want(StateLive, "participant.left freelancer lost", "participant.left client lost", "recording.paused awaiting_consent")
	s.wait(time.Minute)
	s.tick()
	s.want(StateEnded, "recording.stopped interview_over", "interview.ended empty")
}

func TestWhoMayNotRecordIsToldWhy(t *testing.T) {
	s := recordable(t, RecordingAll)
	_, err := s.AskRecording("rec_1", answer(femi, ""), s.now)
	wantCode(t, err, CodeNotAllowed)
	_, err = s.AskRecording("rec_1", Consent{Participant: clara.ID}, s.now)
	wantCode(t, err, CodeInvalidConsent)
	_, err = s.Answer("rec_1", answer(femi, ConsentGranted), s.now)
	wantCode(t, err, CodeNoRecording)
	s.asks(clara)
	_, err = s.Answer("rec_0", answer(femi, ConsentGranted), s.now)
	wantCode(t, err, CodeNoRecording)
	_, err = s.Answer("rec_1", answer(ingrid, ConsentGranted), s.now)
	wantCode(t, err, CodeNotAllowed)
	_, err = s.MarkRecording(clara.ID, "", s.now)
	wantCode(t, err, CodeNoRecording)
	_, err = s.PauseRecording(clara.ID, s.now)
	wantCode(t, err, CodeNoRecording)

	off := recordable(t, "")
	_, err = off.AskRecording("rec_1", answer(clara, ""), off.now)
	wantCode(t, err, CodeNotAllowed)
	early := called(t)
	early.Recording.Mode = RecordingAll
	early.join(clara)
	_, err = early.AskRecording("rec_1", answer(clara, ""), early.now)
	wantCode(t, err, CodeNotAllowed)
}

func transcription(p Participant, state ConsentState) Consent {
	c := answer(p, state)
	c.Kind, c.Text = ConsentTranscription, "2026-11t"
	return c
}

func TestBeingPutIntoWritingIsAgreedToAndTakenBackByItself(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.Recording.Transcripts = true
	s.asks(clara)
	_, err := s.Answer("rec_1", transcription(femi, ConsentGranted), s.now)
	wantCode(t, err, CodeNotAllowed) // before being recorded
	s.answers(femi, ConsentGranted)
	if c := s.Recording.Transcribed(femi.ID); c.State != ConsentUnknown {
		t.Errorf("agreeing to be recorded agreed to %+v", c)
	}
	s.wait(Countdown)
	s.tick()
	s.events = nil
	s.did(s.Answer("rec_1", transcription(clara, ConsentDeclined), s.now))
	s.did(s.Answer("rec_1", transcription(femi, ConsentGranted), s.now))
	s.did(s.Answer("rec_1", transcription(femi, ConsentDeclined), s.now))
	s.want(StateLive, "consent.changed client", "consent.changed freelancer", "consent.changed freelancer")
	if c := s.Recording.Transcribed(femi.ID); c.State != ConsentWithdrawn || c.Text != "2026-11t" {
		t.Errorf("a no after a yes is %+v", c)
	}
	s.recorded(clara, femi) // nothing of it touches the recording
	s.did(s.Answer("rec_1", transcription(femi, ConsentGranted), s.now))
	s.events = nil
	s.answers(femi, ConsentWithdrawn)
	s.want(StateLive, "consent.changed freelancer", "consent.changed freelancer", "recording.stopped freelancer consent_withdrawn")
	if c := s.Recording.Transcribed(femi.ID); c.State != ConsentWithdrawn {
		t.Errorf("whoever may not be recorded is still transcribed: %+v", c)
	}
	s.asks(clara)
	if !s.Recording.Transcripts || len(s.Recording.Transcription) > 0 {
		t.Errorf("the next recording begins with %+v", s.Recording)
	}
}

func TestNothingIsAgreedToWhereNothingIsPutIntoWriting(t *testing.T) {
	s := recordable(t, RecordingAll)
	s.asks(clara)
	_, err := s.Answer("rec_1", transcription(clara, ConsentGranted), s.now)
	wantCode(t, err, CodeNotAllowed)
	c := answer(clara, ConsentGranted)
	c.Kind = "voiceprint"
	_, err = s.Answer("rec_1", c, s.now)
	wantCode(t, err, CodeInvalidConsent)
}
