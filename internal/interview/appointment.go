package interview

import "time"

// Limits of an appointment.
const (
	// DefaultLength is how long a scheduled interview is taken to last when
	// nobody said.
	DefaultLength = 30 * time.Minute
	MinLength     = 5 * time.Minute
	MaxLength     = 8 * time.Hour
)

// An Appointment says when a scheduled interview takes place.
type Appointment struct {
	StartsAt time.Time
	Length   time.Duration // whole minutes; zero: nobody said
	Zone     string        // the time zone it is planned in; may be empty
}

// check holds what is true of every appointment. The error is an *Error.
func (a Appointment) check(now time.Time) error {
	if err := checkMoment(a.StartsAt, now); err != nil {
		return err.at("starts_at")
	}
	return checkLength(a.Length, a.Zone)
}

func checkMoment(at, now time.Time) *Error {
	if !stamp(at).After(stamp(now)) {
		return errorf(CodeInvalidTime, "An interview can only be scheduled for a time to come.")
	}
	if at.Sub(now) > MaxAhead {
		return errorf(CodeInvalidTime, "An interview can be scheduled at most a year ahead.")
	}
	return nil
}

func checkLength(length time.Duration, zone string) error {
	if length != 0 && (length < MinLength || length > MaxLength || length%time.Minute != 0) {
		return errorf(CodeInvalidTime, "An interview lasts from 5 minutes to 8 hours, in whole minutes.").at("duration_min")
	}
	if zone != "" && !ValidZone(zone) {
		return errorf(CodeInvalidTime, "The time zone must be %s.", zoneRule).at("time_zone")
	}
	return nil
}

// EndsAt returns when a scheduled interview is meant to be over: zero for one
// that is not scheduled.
func (i Interview) EndsAt() time.Time {
	if i.StartsAt.IsZero() {
		return time.Time{}
	}
	return i.StartsAt.Add(orDefaultLength(i.Length))
}

// OpensAt returns from when on people can come to a scheduled interview: zero for
// one that is not scheduled.
func (i Interview) OpensAt() time.Time {
	if i.StartsAt.IsZero() {
		return time.Time{}
	}
	return i.StartsAt.Add(-EarlyJoin)
}

func orDefaultLength(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultLength
	}
	return d
}

// Free refuses an appointment that overlaps one of others, which are interviews
// of its thread. but, when there is one, is being moved and does not count.
// Those that are over do not count either. The error is an *Error with
// CodeOverlap.
func (a Appointment) Free(others []Interview, but ID) error {
	end := a.StartsAt.Add(orDefaultLength(a.Length))
	for _, o := range others {
		if o.ID == but || o.State.Final() || o.StartsAt.IsZero() {
			continue
		}
		if a.StartsAt.Before(o.EndsAt()) && o.StartsAt.Before(end) {
			return errorf(CodeOverlap, "Another interview of this thread takes place at that time.")
		}
	}
	return nil
}

// Schedule creates an interview for a, which lies in the future and at most
// MaxAhead away. It starts to ring when the first person joins.
func Schedule(id ID, t Thread, m Mode, by UserID, a Appointment, now time.Time) (*Interview, []Event, error) {
	i, who, err := create(id, t, m, by, now)
	if err != nil {
		return nil, nil, err
	}
	if err := a.check(now); err != nil {
		return nil, nil, err
	}
	i.plan(a, i.CreatedAt)
	i.State = StateScheduled
	return i, []Event{i.event(EventScheduled, i.CreatedAt, who)}, nil
}

func (i *Interview) plan(a Appointment, at time.Time) {
	i.StartsAt, i.Length, i.PlannedAt, i.Reminded = stamp(a.StartsAt), a.Length, at, 0
	if a.Zone != "" {
		i.Zone = a.Zone
	}
}

// Reschedule moves an interview that nobody has come to yet. A length of zero
// leaves it as long as it was. Moving it to where it is changes nothing. People
// keep the way in that they have.
func (i *Interview) Reschedule(by UserID, a Appointment, now time.Time) ([]Event, error) {
	if err := i.beforeLive("rescheduled"); err != nil {
		return nil, err
	}
	if i.State != StateScheduled {
		return nil, errorf(CodeAlreadyLive, "Somebody is there already, or it rings: it can no longer be rescheduled.")
	}
	if a.Length == 0 {
		a.Length = i.Length
	}
	if err := a.check(now); err != nil {
		return nil, err
	}
	if i.StartsAt.Equal(stamp(a.StartsAt)) && i.Length == a.Length {
		return nil, nil
	}
	at, was := i.moment(now), i.StartsAt
	i.plan(a, at)
	i.Sequence++
	e := i.event(EventRescheduled, at, Participant{})
	e.Was = was
	if by != "" {
		e.Participant = i.person(by)
	}
	return []Event{e}, nil
}

// reminders lists how long before a scheduled interview people are reminded of
// it, the longest first.
var reminders = [...]time.Duration{24 * time.Hour, time.Hour, 10 * time.Minute}

// nextReminder returns the reminder that comes next, if there is one: none
// that would have come before the interview was planned.
func (i *Interview) nextReminder() (ahead time.Duration, at time.Time, ok bool) {
	if i.StartsAt.IsZero() || i.State != StateScheduled && i.State != StateRinging {
		return 0, time.Time{}, false
	}
	for _, ahead := range reminders {
		at := i.StartsAt.Add(-ahead)
		if (i.Reminded == 0 || ahead < i.Reminded) && at.After(i.PlannedAt) {
			return ahead, at, true
		}
	}
	return 0, time.Time{}, false
}

// remind tells of the last reminder that is due. Those before it were due while
// nobody let time pass, and would say what is no longer so. The last one is told
// however late: nobody has come, and the interview can still be held.
func (i *Interview) remind(now time.Time) []Event {
	var due time.Duration
	for {
		ahead, at, ok := i.nextReminder()
		if !ok || now.Before(at) {
			break
		}
		i.Reminded, due = ahead, ahead
	}
	if due == 0 {
		return nil
	}
	e := i.event(EventReminder, i.moment(now), Participant{})
	e.Ahead = due
	return []Event{e}
}
