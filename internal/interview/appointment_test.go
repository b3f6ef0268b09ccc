package interview

import (
	"testing"
	"time"
)

func TestPeopleAreRemindedThreeTimes(t *testing.T) {
	s := scheduled(t, 48*time.Hour)
	s.want(StateScheduled, "interview.scheduled client")
	for _, ahead := range []time.Duration{24 * time.Hour, time.Hour, 10 * time.Minute} {
		at, ok := s.Deadline(pol)
		if want := s.StartsAt.Add(-ahead); !ok || !at.Equal(want) {
			t.Fatalf("deadline %v, want the reminder at %v", at, want)
		}
		s.now = at.Add(-1)
		s.tick()
		s.want(StateScheduled)
		s.now = at
		s.tick()
		if got := s.events[0].Ahead; got != ahead {
			t.Errorf("reminded %v ahead, want %v", got, ahead)
		}
		s.tick()
		s.want(StateScheduled, "interview.reminder")
	}
	if at, ok := s.Deadline(pol); !ok || !at.Equal(s.StartsAt.Add(LateJoin)) {
		t.Errorf("deadline %v, want when it is missed", at)
	}
}

func TestOnlyTheLastOfSeveralRemindersThatAreDueIsTold(t *testing.T) {
	s := scheduled(t, 48*time.Hour)
	s.now = s.StartsAt.Add(-30 * time.Minute) // nobody let time pass until then
	s.tick()
	if e := s.events[len(s.events)-1]; e.Kind != EventReminder || e.Ahead != time.Hour || len(s.events) != 2 {
		t.Errorf("got %+v, want the reminder of the hour alone", s.events)
	}
}

func TestNobodyIsRemindedOfWhatWasPlannedLaterThanThat(t *testing.T) {
	s := scheduled(t, 30*time.Minute)
	if at, ok := s.Deadline(pol); !ok || !at.Equal(s.StartsAt.Add(-10*time.Minute)) {
		t.Errorf("deadline %v, want ten minutes before", at)
	}
}

func TestSomebodyWhoWaitsAlreadyDoesNotKeepTheOtherFromBeingReminded(t *testing.T) {
	s := scheduled(t, time.Hour)
	s.now = s.StartsAt.Add(-12 * time.Minute)
	s.join(clara)
	s.now = s.StartsAt.Add(-10 * time.Minute)
	s.tick()
	s.want(StateRinging, "interview.scheduled client", "interview.ringing client", "participant.joined client", "interview.reminder")
}

func TestReschedulingMovesItWithItsReminders(t *testing.T) {
	s := scheduled(t, 2*time.Hour)
	s.now = s.StartsAt.Add(-time.Hour)
	s.tick()
	was := s.StartsAt
	to := Appointment{StartsAt: was.Add(72 * time.Hour), Zone: "Africa/Lagos"}
	events, err := s.Reschedule(femi.ID, to, s.now)
	if err != nil || len(events) != 1 || !events[0].Was.Equal(was) || events[0].Participant.ID != femi.ID {
		t.Fatalf("got %+v, %v", events, err)
	}
	if s.State != StateScheduled || !s.StartsAt.Equal(to.StartsAt) || s.Sequence != 1 || s.Zone != "Africa/Lagos" || !s.PlannedAt.Equal(s.now) {
		t.Errorf("got %+v", s.Interview)
	}
	if at, _ := s.Deadline(pol); !at.Equal(to.StartsAt.Add(-24 * time.Hour)) {
		t.Errorf("deadline %v, want a day before the new time", at)
	}
	if events, err := s.Reschedule(femi.ID, to, s.now); events != nil || err != nil || s.Sequence != 1 {
		t.Errorf("moving it to where it is: %v, %v", events, err)
	}
}

func TestWhatCannotBeRescheduled(t *testing.T) {
	later := Appointment{StartsAt: noon.Add(5 * time.Hour)}
	ringing := called(t)
	_, err := ringing.Reschedule("", later, noon)
	wantCode(t, err, CodeAlreadyLive)
	over := scheduled(t, time.Hour)
	over.did(over.Cancel("", noon))
	_, err = over.Reschedule("", later, noon)
	wantCode(t, err, CodeOver)
	for name, a := range map[string]Appointment{
		"the past":  {StartsAt: noon.Add(-time.Hour)},
		"too far":   {StartsAt: noon.Add(2 * MaxAhead)},
		"a blink":   {StartsAt: noon.Add(time.Hour), Length: time.Minute},
		"seconds":   {StartsAt: noon.Add(time.Hour), Length: 10*time.Minute + time.Second},
		"for ever":  {StartsAt: noon.Add(time.Hour), Length: 9 * time.Hour},
		"no zone":   {StartsAt: noon.Add(time.Hour), Zone: "Local"},
		"some path": {StartsAt: noon.Add(time.Hour), Zone: "../etc/passwd"},
	} {
		_, err := scheduled(t, time.Hour).Reschedule("", a, noon)
		t.Run(name, func(t *testing.T) { wantCode(t, err, CodeInvalidTime) })
	}
}

func TestAppointmentsOfAThreadDoNotOverlap(t *testing.T) {
	other := *scheduled(t, 2*time.Hour).Interview // half an hour long, as nobody said
	over := other
	over.ID, over.State = "iv_2", StateMissed
	for name, c := range map[string]struct {
		at, length time.Duration
		but        ID
		free       bool
	}{
		"before":               {time.Hour, time.Hour, "", true},
		"into it":              {time.Hour, 61 * time.Minute, "", false},
		"the same":             {2 * time.Hour, 0, "", false},
		"within it":            {130 * time.Minute, 5 * time.Minute, "", false},
		"right after it":       {150 * time.Minute, 0, "", true},
		"itself, being moved":  {130 * time.Minute, 0, "iv_1", true},
		"around it and beyond": {time.Hour, 8 * time.Hour, "", false},
	} {
		err := Appointment{StartsAt: noon.Add(c.at), Length: c.length}.Free([]Interview{other, over}, c.but)
		if (err == nil) != c.free {
			t.Errorf("%s: got %v, want free %v", name, err, c.free)
		}
	}
}

func TestAStageOnlyGoesForward(t *testing.T) {
	for name, c := range map[string]struct {
		old, put, want Stage
		told           bool
	}{
		"nothing said":      {"", "", StageProposed, false},
		"written to":        {"", StageMessaged, StageMessaged, true},
		"written to, again": {StageMessaged, StageMessaged, StageMessaged, false},
		"left out later":    {StageMessaged, "", StageMessaged, false},
		"an old request":    {StageMessaged, StageProposed, StageMessaged, false},
	} {
		old, put := thread(), thread()
		old.Stage, put.Stage = c.old, c.put
		got, events := put.After(old, noon)
		if got.Stage != c.want || (len(events) == 1) != c.told {
			t.Errorf("%s: got %s and %v", name, got.Stage, events)
		}
		if c.told && (events[0].Kind != EventStageChanged || events[0].From != "proposed" || events[0].To != "messaged" || events[0].Thread != "t1") {
			t.Errorf("%s: got %+v", name, events[0])
		}
	}
	old, put := thread(), thread()
	put.Contract = Contract{State: ContractActive, EffectiveAt: noon.Add(time.Hour)}
	if _, events := put.After(old, noon); len(events) != 1 || events[0].Kind != EventContractChanged || events[0].From != "none" || events[0].To != "active" {
		t.Errorf("got %+v, want that the contract changed", events)
	}
	if _, events := put.After(put, noon); events != nil {
		t.Errorf("nothing changed, and yet %+v", events)
	}
}

func TestZonesAreToldByTheirForm(t *testing.T) {
	for zone, want := range map[string]bool{
		"Europe/Prague": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+5": true, "UTC": true,
		"": false, "Local": false, "/etc/localtime": false, "../UTC": false, "Europe/Prag ue": false, "Zürich": false,
	} {
		if got := ValidZone(zone); got != want {
			t.Errorf("%q: %v, want %v", zone, got, want)
		}
	}
}
