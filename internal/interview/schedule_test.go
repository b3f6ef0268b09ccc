package interview

import (
	"testing"
	"time"
)

func TestAScheduledInterviewRingsWhenTheFirstOneComes(t *testing.T) {
	s := scheduled(t, time.Hour)
	s.want(StateScheduled, "interview.scheduled client")
	s.now = s.StartsAt.Add(-EarlyJoin - 1)
	_, err := s.Join(femi, s.now, pol)
	wantCode(t, err, CodeTooEarly)
	s.now = s.StartsAt.Add(-EarlyJoin)
	s.join(clara)
	s.want(StateRinging, "interview.ringing client", "participant.joined client")
	s.leave(clara, CauseLeft) // coming early costs nobody the appointment
	s.now = s.StartsAt.Add(LateJoin - 1)
	s.tick()
	s.want(StateRinging, "participant.left client left", "interview.reminder")
	s.join(clara)
	s.join(femi)
	s.want(StateLive, "participant.joined client", "participant.joined freelancer", "interview.started freelancer")
}

func TestAScheduledInterviewThatNobodyComesToIsMissed(t *testing.T) {
	s := scheduled(t, 5*time.Minute) // too late for any reminder
	s.now = s.StartsAt.Add(LateJoin)
	deadline, ok := s.Deadline(pol)
	if !ok || !deadline.Equal(s.now) {
		t.Errorf("deadline %v, %v", deadline, ok)
	}
	s.wait(24 * time.Hour)
	s.tick()
	s.want(StateMissed, "interview.scheduled client", "interview.missed no_show")
	if !s.EndedAt.Equal(deadline) {
		t.Errorf("ended at %v, want %v", s.EndedAt, deadline)
	}
}

func TestComingLateToAnAppointmentRingsForTheOther(t *testing.T) {
	s := scheduled(t, time.Hour)
	s.now = s.StartsAt.Add(LateJoin - time.Minute)
	s.join(femi)
	if want := s.now.Add(pol.RingFor); !s.RingsUntil.Equal(want) {
		t.Errorf("rings until %v, want %v", s.RingsUntil, want)
	}
}

func TestWhatIsWrongWithANewInterview(t *testing.T) {
	bad := thread()
	bad.ID = ""
	for name, c := range map[string]struct {
		id       ID
		thread   Thread
		mode     Mode
		by       UserID
		startsAt time.Time
		want     string
	}{
		"no id":         {"", thread(), ModeVideo, clara.ID, noon.Add(time.Hour), CodeInvalidInterview},
		"a bad thread":  {"iv_1", bad, ModeVideo, clara.ID, noon.Add(time.Hour), CodeInvalidThread},
		"no mode":       {"iv_1", thread(), "", clara.ID, noon.Add(time.Hour), CodeInvalidMode},
		"instant":       {"iv_1", thread(), "instant", clara.ID, noon.Add(time.Hour), CodeInvalidMode},
		"by a stranger": {"iv_1", thread(), ModeVideo, "stranger", noon.Add(time.Hour), CodeNotParticipant},
		"now":           {"iv_1", thread(), ModeVideo, clara.ID, noon, CodeInvalidTime},
		"yesterday":     {"iv_1", thread(), ModeVideo, clara.ID, noon.AddDate(0, 0, -1), CodeInvalidTime},
		"never":         {"iv_1", thread(), ModeVideo, clara.ID, time.Time{}, CodeInvalidTime},
		"in two years":  {"iv_1", thread(), ModeVideo, clara.ID, noon.AddDate(2, 0, 0), CodeInvalidTime},
	} {
		t.Run(name, func(t *testing.T) {
			i, events, err := Schedule(c.id, c.thread, c.mode, c.by, Appointment{StartsAt: c.startsAt}, noon)
			wantCode(t, err, c.want)
			if i != nil || events != nil {
				t.Errorf("got %v, %v with an error", i, events)
			}
			if c.want == CodeInvalidTime {
				return
			}
			_, _, err = Ring(c.id, c.thread, c.mode, c.by, noon, pol)
			wantCode(t, err, c.want)
		})
	}
}
