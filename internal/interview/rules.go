package interview

import "time"

// Ring creates an interview that rings at once, for p.RingFor. by is who calls;
// it may be empty, and is a participant of the thread otherwise. It returns the
// interview and the event that it rings, or an *Error.
func Ring(id ID, t Thread, m Mode, by UserID, now time.Time, p Policy) (*Interview, []Event, error) {
	i, who, err := create(id, t, m, by, now)
	if err != nil {
		return nil, nil, err
	}
	return i, i.ring(i.CreatedAt, who, p), nil
}

func create(id ID, t Thread, m Mode, by UserID, now time.Time) (*Interview, Participant, error) {
	if !ValidID(string(id)) {
		return nil, Participant{}, errorf(CodeInvalidInterview, "An interview's id must be %s.", idRule)
	}
	if err := t.Validate(); err != nil {
		return nil, Participant{}, err
	}
	if !m.Valid() {
		return nil, Participant{}, errorf(CodeInvalidMode, "An interview's mode must be audio, video or zoom.")
	}
	who, ok := t.Participant(by)
	if by != "" && !ok {
		return nil, Participant{}, errorf(CodeNotParticipant, "Only a participant of the thread can start an interview in it.")
	}
	return &Interview{ID: id, Thread: t.ID, Mode: m, CreatedBy: by, CreatedAt: stamp(now)}, who, nil
}

// ring makes the interview ring. A scheduled one rings on until it would have
// been missed anyway, so that coming early costs nobody the appointment.
func (i *Interview) ring(at time.Time, who Participant, p Policy) []Event {
	i.State = StateRinging
	i.RingsUntil = at.Add(p.orDefault().RingFor)
	if !i.StartsAt.IsZero() {
		i.RingsUntil = later(i.RingsUntil, i.StartsAt.Add(LateJoin))
	}
	events := []Event{i.event(EventRinging, at, who)}
	if i.Mode == ModeZoom && i.Zoom.State == "" {
		events = append(events, i.zoomTo(ZoomPending, ZoomChosen, who, at))
	}
	return events
}

// start makes a ringing interview live.
func (i *Interview) start(at time.Time, who Participant) Event {
	i.State, i.StartedAt = StateLive, at
	return i.event(EventStarted, at, who)
}

// Join lets p in. A scheduled interview starts to ring when the first person
// comes, at most EarlyJoin before its time; the second person present makes a
// ringing one live. Joining while present is no error and no event.
// The error is an *Error: over, too early, full, or an invalid participant.
func (i *Interview) Join(p Participant, now time.Time, pol Policy) ([]Event, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if i.State.Final() {
		return nil, i.over()
	}
	if i.open(p.ID) != nil {
		return nil, nil
	}
	at := i.moment(now)
	if i.State == StateScheduled && at.Before(i.OpensAt()) {
		return nil, errorf(CodeTooEarly, "This interview opens %d minutes before its time.", int(EarlyJoin.Minutes()))
	}
	if i.inside() >= pol.orDefault().MaxParticipants || !i.enter(p, at) {
		return nil, errorf(CodeFull, "This interview is full.")
	}

	var events []Event
	if i.State == StateScheduled {
		events = append(events, i.ring(at, p, pol)...)
	}
	events = append(events, i.event(EventJoined, at, p))
	if i.State == StateRinging && i.inside() >= 2 {
		events = append(events, i.start(at, p))
	}
	i.EmptySince = time.Time{}
	return append(events, i.reconsider(at)...), nil
}

// enter opens a stay for p, or continues their latest one when there is no
// room for more. It reports false when p never was here and there is no room.
func (i *Interview) enter(p Participant, at time.Time) bool {
	if len(i.Stays) < maxStays {
		i.Stays = append(i.Stays, Stay{Participant: p, JoinedAt: at})
		return true
	}
	for n := len(i.Stays) - 1; n >= 0; n-- {
		if s := &i.Stays[n]; s.Participant.ID == p.ID {
			s.Participant, s.LeftAt = p, time.Time{}
			return true
		}
	}
	return false
}

// Leave takes a person out; it is no error and no event if they are not in.
//
// A live interview ends at once when the last person present decides to go. If
// their connection was lost or their tab closed, it stays open for Policy.EmptyFor,
// and longer while people may be in Zoom. A ringing one is cancelled when its caller
// decides to go and nobody else is inside; otherwise it rings on, as does an
// appointment, which only Cancel calls off. While people may be in Zoom, nobody's
// going ends or cancels anything.
func (i *Interview) Leave(id UserID, cause LeaveCause, now time.Time) ([]Event, error) {
	s := i.open(id)
	if s == nil {
		return nil, nil
	}
	at := i.moment(now)
	events := []Event{i.close(s, cause, at)}
	if i.inside() > 0 {
		return append(events, i.reconsider(at)...), nil
	}
	switch {
	case i.State == StateLive && cause.deliberate() && !i.Zoom.State.open():
		events = append(events, i.finish(StateEnded, ReasonLeft, at, id)...)
	case i.State == StateLive:
		i.EmptySince = at
		events = append(events, i.reconsider(at)...)
	case i.State == StateRinging && cause.deliberate() && i.StartsAt.IsZero() && id == i.caller() && !i.Zoom.State.open():
		events = append(events, i.finish(StateCancelled, ReasonCancelled, at, id)...)
	}
	return events, nil
}

// Decline says no to an interview that is scheduled or ringing. reason is the
// person's own words, plain text of at most MaxReasonLength characters; it goes
// out with the event and is not kept. Declining twice is no error. Whoever
// called cannot decline, but Cancel.
func (i *Interview) Decline(by UserID, reason string, now time.Time) ([]Event, error) {
	if i.State == StateDeclined {
		return nil, nil
	}
	if err := i.beforeLive("declined"); err != nil {
		return nil, err
	}
	if by != "" && by == i.caller() {
		return nil, errorf(CodeNotAllowed, "Whoever started an interview cannot decline it, but can cancel it.")
	}
	if !plainText(reason, MaxReasonLength) {
		return nil, errorf(CodeInvalidReason, "A reason must be plain text of at most %d characters.", MaxReasonLength)
	}
	events := i.finish(StateDeclined, ReasonDeclined, i.moment(now), by)
	if reason != "" {
		events[len(events)-1].Reason = reason
	}
	return events, nil
}

// Cancel calls off an interview that is scheduled or ringing. Cancelling twice
// is no error.
func (i *Interview) Cancel(by UserID, now time.Time) ([]Event, error) {
	if i.State == StateCancelled {
		return nil, nil
	}
	if err := i.beforeLive("cancelled"); err != nil {
		return nil, err
	}
	return i.finish(StateCancelled, ReasonCancelled, i.moment(now), by), nil
}

// End ends a live interview for everyone, and cancels one that is not live
// yet. reason is ReasonEndedByHost (also when empty), ReasonShutdown or
// ReasonFailed. Ending one that is over is no error: what was asked for is so.
func (i *Interview) End(by UserID, reason string, now time.Time) ([]Event, error) {
	switch reason {
	case "":
		reason = ReasonEndedByHost
	case ReasonEndedByHost, ReasonShutdown, ReasonFailed:
	default:
		return nil, errorf(CodeInvalidReason, "An interview cannot be ended with the reason %.64q.", reason)
	}
	switch {
	case i.State.Final():
		return nil, nil
	case i.State == StateLive:
		return i.finish(StateEnded, reason, i.moment(now), by), nil
	case reason == ReasonEndedByHost:
		reason = ReasonCancelled
	}
	return i.finish(StateCancelled, reason, i.moment(now), by), nil
}

// Tick lets time do its work: a recording starts when its countdown is over; an
// interview that has rung long enough, or was scheduled long enough ago, with nobody
// inside is missed; a live one that has been empty long enough is ended; people are
// reminded of one that is to come. Before the Deadline it does nothing.
//
// The interview is over from the deadline, however late Tick was called, or
// from the moment the last person left, if that was when it really ended.
func (i *Interview) Tick(now time.Time, pol Policy) []Event {
	if at, ok := i.countdown(); ok && !now.Before(at) {
		return i.startRecording(at)
	}
	deadline, ok := i.end(pol)
	if !ok || now.Before(deadline) {
		return i.remind(now)
	}
	switch i.State {
	case StateScheduled:
		return i.finish(StateMissed, ReasonNoShow, deadline, "")
	case StateRinging:
		return i.finish(StateMissed, ReasonNoAnswer, later(deadline, i.lastChange()), "")
	default:
		return i.finish(StateEnded, ReasonEmpty, later(i.EmptySince, i.lastChange()), "")
	}
}

// beforeLive refuses what can only be done to an interview nobody talks in yet.
func (i *Interview) beforeLive(what string) error {
	switch {
	case i.State.Final():
		return i.over()
	case i.State == StateLive:
		return errorf(CodeAlreadyLive, "The interview has begun: it can be ended, but no longer be %s.", what)
	}
	return nil
}

func (i *Interview) over() *Error {
	switch i.State {
	case StateMissed:
		return errorf(CodeOver, "Nobody answered: this interview is over.")
	case StateDeclined:
		return errorf(CodeOver, "This interview was declined.")
	case StateCancelled:
		return errorf(CodeOver, "This interview was cancelled.")
	}
	return errorf(CodeOver, "This interview is over.")
}

// close ends one stay.
func (i *Interview) close(s *Stay, cause LeaveCause, at time.Time) Event {
	s.LeftAt = at
	e := i.event(EventLeft, at, s.Participant)
	e.Cause = cause
	return e
}

// finish moves to a final state: everybody still inside leaves, and the last
// event says what became of the interview.
func (i *Interview) finish(s State, reason string, at time.Time, by UserID) []Event {
	var events []Event
	if i.Recording.State != RecordingNone {
		events = append(events, i.endRecording(EventRecordingStopped, at, "", ReasonInterviewOver))
	}
	for n := range i.Stays {
		if i.Stays[n].LeftAt.IsZero() {
			events = append(events, i.close(&i.Stays[n], CauseEnded, at))
		}
	}
	i.State, i.EndReason, i.EndedAt, i.EmptySince = s, reason, at, time.Time{}
	e := i.event(finalEvents[s], at, Participant{})
	e.Reason = reason
	if by != "" {
		e.Participant = i.person(by)
	}
	return append(events, e)
}

var finalEvents = map[State]EventKind{
	StateEnded:     EventEnded,
	StateMissed:    EventMissed,
	StateDeclined:  EventDeclined,
	StateCancelled: EventCancelled,
}
