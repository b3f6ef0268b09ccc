package interview

import "time"

// A ZoomState is where an interview's meeting in Zoom stands.
type ZoomState string

// The states. An interview without any has nothing to do with Zoom. One that
// ended or failed can be asked for again.
const (
	// ZoomOffered: somebody's call does not get through, or somebody asks.
	ZoomOffered ZoomState = "offered"
	// ZoomPending: a meeting was decided on, and is being made.
	ZoomPending ZoomState = "pending"
	// ZoomReady: there is a link.
	ZoomReady ZoomState = "ready"
	// ZoomStarted: somebody is in the meeting.
	ZoomStarted ZoomState = "started"
	// ZoomEnded: nobody is any more.
	ZoomEnded ZoomState = "ended"
	// ZoomFailed: the meeting could not be made. The interview goes on here.
	ZoomFailed ZoomState = "failed"
)

// open reports whether people may be in Zoom, or are about to be.
func (s ZoomState) open() bool { return s == ZoomPending || s == ZoomReady || s == ZoomStarted }

// The reasons for which Zoom is offered or chosen: a closed set.
const (
	// ZoomChosen: somebody prefers it.
	ZoomChosen = "chosen"
	// ZoomCannotConnect: somebody's network lets no call through.
	ZoomCannotConnect = "cannot_connect"
	// ZoomPoorConnection: the call gets through, and is no good.
	ZoomPoorConnection = "poor_connection"
)

// The problems of a meeting that could not be made: a closed set.
const (
	ZoomNotSetUp    = "not_set_up"  // this server has no Zoom account
	ZoomRefused     = "refused"     // Zoom does not take the server's credentials, or they may not do it
	ZoomNoHost      = "no_host"     // Zoom knows none of the hosts
	ZoomQuota       = "quota"       // every host has made as many meetings as Zoom allows in a day
	ZoomBusy        = "busy"        // every host has as many meetings open as Zoom allows at a time
	ZoomUnavailable = "unavailable" // Zoom does not answer
)

// Times of an interview that is held in Zoom.
const (
	// ZoomWait is how long an interview whose room is empty waits for news of a
	// meeting that people have the link of.
	ZoomWait = 10 * time.Minute
	// ZoomAtMost is how long it waits for the end of one that began.
	ZoomAtMost = 12 * time.Hour
)

// A Zoom is an interview's meeting in Zoom, as far as everybody in the
// interview may know it. The link is not part of it: it is personal.
type Zoom struct {
	State   ZoomState // empty: none
	Reason  string    // why it was offered or chosen
	By      UserID    // who offered or chose it; empty: the host app
	Name    string    // theirs, as everybody is shown it: who is in the lobby is in no list
	Problem string    // with ZoomFailed
	At      time.Time // since when State is so
}

// MayChooseZoom says whether a participant with role r may move an interview to
// Zoom: it costs the client's side a meeting, so the interviewer's word is
// needed. The error is an *Error with CodeNotAllowed.
func MayChooseZoom(r Role) error {
	if r != RoleInterviewer {
		return errorf(CodeNotAllowed, "Only an interviewer can move the interview to Zoom. You can ask for it.")
	}
	return nil
}

// OfferZoom says that the interview would do better in Zoom. Nothing is
// switched: whoever may choose it decides. It is no error and no event when
// Zoom is on offer or open already.
func (i *Interview) OfferZoom(by Participant, reason string, now time.Time) ([]Event, error) {
	if i.State.Final() {
		return nil, i.over()
	}
	if by.Role == RoleObserver {
		return nil, errorf(CodeNotAllowed, "An observer cannot ask for Zoom.")
	}
	if err := checkZoomReason(reason); err != nil {
		return nil, err
	}
	if i.Zoom.State == ZoomOffered || i.Zoom.State.open() {
		return nil, nil
	}
	return []Event{i.zoomTo(ZoomOffered, reason, by, i.moment(now))}, nil
}

// ChooseZoom has a meeting made. by is empty for the host app. The room stays
// open. It is no error and no event when a meeting is open already.
func (i *Interview) ChooseZoom(by Participant, reason string, now time.Time) ([]Event, error) {
	if i.State.Final() {
		return nil, i.over()
	}
	if err := checkZoomReason(reason); err != nil {
		return nil, err
	}
	if i.Zoom.State.open() {
		return nil, nil
	}
	return []Event{i.zoomTo(ZoomPending, reason, by, i.moment(now))}, nil
}

// ZoomMade says that the meeting that was being made is there.
func (i *Interview) ZoomMade(now time.Time) ([]Event, error) {
	if i.State.Final() {
		return nil, i.over()
	}
	if i.Zoom.State != ZoomPending {
		return nil, nil
	}
	return []Event{i.zoomTo(ZoomReady, i.Zoom.Reason, Participant{ID: i.Zoom.By}, i.moment(now))}, nil
}

// ZoomNotMade says that there will be no meeting, for one of the problems.
func (i *Interview) ZoomNotMade(problem string, now time.Time) ([]Event, error) {
	if i.State.Final() {
		return nil, i.over()
	}
	if i.Zoom.State != ZoomPending {
		return nil, nil
	}
	e := i.zoomTo(ZoomFailed, i.Zoom.Reason, Participant{ID: i.Zoom.By}, i.moment(now))
	i.Zoom.Problem, e.Reason = problem, problem
	events := []Event{e}
	if i.State == StateLive && i.inside() == 0 {
		i.EmptySince = e.At // nobody is there to read it: the usual wait begins now
	}
	return events, nil
}

// ZoomBegan says that somebody is in the meeting since at: an interview that
// rings is live then. News that is older than the meeting's end says nothing.
func (i *Interview) ZoomBegan(at, now time.Time) ([]Event, error) {
	late := i.Zoom.State == ZoomEnded && !at.After(i.Zoom.At)
	if i.State.Final() || late || i.Zoom.State == ZoomStarted || i.Zoom.State == "" || i.State == StateScheduled {
		return nil, nil
	}
	when := i.moment(earlier(at, now))
	events := []Event{i.zoomTo(ZoomStarted, i.Zoom.Reason, Participant{ID: i.Zoom.By}, when)}
	if i.State == StateRinging {
		events = append(events, i.start(when, Participant{}))
		if i.inside() == 0 {
			i.EmptySince = when
		}
	}
	return events, nil
}

// ZoomOver says that nobody is in the meeting any more, which lasted from began
// to at. It ends an interview that was to be held in Zoom, and one whose room is
// empty; otherwise it goes on in the room.
func (i *Interview) ZoomOver(began, at, now time.Time) ([]Event, error) {
	if i.State.Final() || !i.Zoom.State.open() || i.State == StateScheduled {
		return nil, nil
	}
	if i.Zoom.State == ZoomStarted && at.Before(i.Zoom.At.Add(-time.Second)) {
		return nil, nil // of a part of the meeting before this one; Zoom's times have whole seconds
	}
	var events []Event
	if i.Zoom.State != ZoomStarted { // that it began was never told
		var err error
		if events, err = i.ZoomBegan(earlier(began, at), now); err != nil {
			return nil, err
		}
	}
	when := i.moment(earlier(at, now))
	events = append(events, i.zoomTo(ZoomEnded, i.Zoom.Reason, Participant{ID: i.Zoom.By}, when))
	if i.State == StateLive && (i.Mode == ModeZoom || i.inside() == 0) {
		events = append(events, i.finish(StateEnded, ReasonLeft, when, "")...)
	}
	return events, nil
}

// zoomTo moves the meeting to another state.
func (i *Interview) zoomTo(s ZoomState, reason string, by Participant, at time.Time) Event {
	name := by.Named().Name
	if by.ID == i.Zoom.By && name == "" {
		name = i.Zoom.Name
	}
	i.Zoom = Zoom{State: s, Reason: reason, By: by.ID, Name: name, At: at}
	e := i.event(zoomEvents[s], at, by)
	if by.ID != "" && by.Role == "" {
		e.Participant = i.person(by.ID)
	}
	e.Reason = reason
	return e
}

var zoomEvents = map[ZoomState]EventKind{
	ZoomOffered: EventZoomOffered,
	ZoomPending: EventZoomChosen,
	ZoomReady:   EventZoomReady,
	ZoomStarted: EventZoomStarted,
	ZoomEnded:   EventZoomEnded,
	ZoomFailed:  EventZoomFailed,
}

// patience is how long a live interview may have nobody in its room.
func (i *Interview) patience(pol Policy) time.Duration {
	usual := pol.orDefault().EmptyFor
	switch i.Zoom.State {
	case ZoomStarted:
		return max(usual, ZoomAtMost)
	case ZoomPending, ZoomReady:
		return max(usual, ZoomWait)
	}
	return usual
}

func checkZoomReason(reason string) error {
	switch reason {
	case ZoomChosen, ZoomCannotConnect, ZoomPoorConnection:
		return nil
	}
	return errorf(CodeInvalidReason, "The reason for Zoom must be chosen, cannot_connect or poor_connection.")
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
