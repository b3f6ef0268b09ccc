package interview

import (
	"slices"
	"testing"
	"time"
)

// inZoom makes a live interview whose two people have a link to Zoom.
func inZoom(t *testing.T, m Mode) *Interview {
	t.Helper()
	i, _, err := Ring("iv_1", thread(), m, clara.ID, noon, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Participant{clara, femi} {
		if _, err := i.Join(p, noon.Add(time.Second), Policy{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := i.ChooseZoom(clara, ZoomCannotConnect, noon.Add(2*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := i.ZoomMade(noon.Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return i
}

func kinds(events []Event) []EventKind {
	var out []EventKind
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

func wantKinds(t *testing.T, events []Event, err error, want ...EventKind) {
	t.Helper()
	if got := kinds(events); err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, %v, want %v", got, err, want)
	}
}

func TestAnInterviewInZoomAsksForItsMeetingWhenItRings(t *testing.T) {
	i, events, err := Ring("iv_1", thread(), ModeZoom, clara.ID, noon, Policy{})
	wantKinds(t, events, err, EventRinging, EventZoomChosen)
	if i.Zoom.State != ZoomPending || i.Zoom.By != clara.ID || i.Zoom.Reason != ZoomChosen {
		t.Errorf("got %+v", i.Zoom)
	}
	later, events, err := Schedule("iv_2", thread(), ModeZoom, clara.ID, Appointment{StartsAt: noon.Add(time.Hour)}, noon)
	wantKinds(t, events, err, EventScheduled)
	events, err = later.Join(femi, noon.Add(50*time.Minute), Policy{})
	wantKinds(t, events, err, EventRinging, EventZoomChosen, EventJoined)
}

func TestZoomIsOfferedByEitherSideAndChosenOnce(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeVideo, clara.ID, noon, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	events, err := i.OfferZoom(femi, ZoomCannotConnect, noon.Add(time.Second))
	wantKinds(t, events, err, EventZoomOffered)
	if e := events[0]; e.Participant != femi || e.Reason != ZoomCannotConnect {
		t.Errorf("got %+v", e)
	}
	events, err = i.OfferZoom(clara, ZoomChosen, noon.Add(2*time.Second))
	wantKinds(t, events, err)
	events, err = i.ChooseZoom(clara, ZoomCannotConnect, noon.Add(3*time.Second))
	wantKinds(t, events, err, EventZoomChosen)
	events, err = i.ChooseZoom(clara, ZoomChosen, noon.Add(4*time.Second))
	wantKinds(t, events, err)
	if i.State != StateRinging {
		t.Errorf("the interview is %s: choosing Zoom is not an answer", i.State)
	}
	wantCode(t, MayChooseZoom(RoleInterviewee), CodeNotAllowed)
	_, err = i.OfferZoom(Participant{ID: "o", Role: RoleObserver}, ZoomChosen, noon)
	wantCode(t, err, CodeNotAllowed)
	_, err = i.ChooseZoom(clara, "because", noon)
	wantCode(t, err, CodeInvalidReason)
}

func TestAFailureOfZoomLeavesTheInterviewAsItWas(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeZoom, clara.ID, noon, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	events, err := i.ZoomNotMade(ZoomQuota, noon.Add(time.Second))
	wantKinds(t, events, err, EventZoomFailed)
	if i.State != StateRinging || i.Zoom.Problem != ZoomQuota || events[0].Reason != ZoomQuota {
		t.Errorf("got %s, %+v, %+v", i.State, i.Zoom, events[0])
	}
	events, err = i.ChooseZoom(clara, ZoomChosen, noon.Add(2*time.Second))
	wantKinds(t, events, err, EventZoomChosen)
	if i.Zoom.Problem != "" {
		t.Errorf("got %+v, want no problem any more", i.Zoom)
	}
}

func TestPeopleWhoLeaveTheRoomForZoomDoNotEndTheInterview(t *testing.T) {
	i := inZoom(t, ModeVideo)
	for _, p := range []Participant{clara, femi} {
		events, err := i.Leave(p.ID, CauseLeft, noon.Add(time.Minute))
		wantKinds(t, events, err, EventLeft)
	}
	if due, ok := i.Deadline(Policy{}); !ok || !due.Equal(noon.Add(time.Minute+ZoomWait)) {
		t.Errorf("nobody began yet: got deadline %v, %v", due, ok)
	}
	events, err := i.ZoomBegan(noon.Add(2*time.Minute), noon.Add(2*time.Minute))
	wantKinds(t, events, err, EventZoomStarted)
	if due, _ := i.Deadline(Policy{}); due.Before(noon.Add(ZoomAtMost)) {
		t.Errorf("they talk in Zoom: got deadline %v", due)
	}
	events, err = i.ZoomOver(noon.Add(2*time.Minute), noon.Add(40*time.Minute), noon.Add(41*time.Minute))
	wantKinds(t, events, err, EventZoomEnded, EventEnded)
	if !i.EndedAt.Equal(noon.Add(40*time.Minute)) || i.EndReason != ReasonLeft {
		t.Errorf("got %v because %s, want the moment Zoom named", i.EndedAt, i.EndReason)
	}
}

func TestTheRoomIsStillThereWhenZoomEnds(t *testing.T) {
	i := inZoom(t, ModeVideo)
	if _, err := i.ZoomBegan(noon.Add(time.Minute), noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	events, err := i.ZoomOver(noon, noon.Add(40*time.Minute), noon.Add(40*time.Minute))
	wantKinds(t, events, err, EventZoomEnded)
	if i.State != StateLive {
		t.Fatalf("got %s, want live: both are in the room", i.State)
	}
	events, err = i.ZoomBegan(noon.Add(39*time.Minute), noon.Add(42*time.Minute))
	wantKinds(t, events, err) // news from before the end
	events, err = i.ZoomBegan(noon.Add(43*time.Minute), noon.Add(43*time.Minute))
	wantKinds(t, events, err, EventZoomStarted)
}

func TestZoomMovesAnInterviewThatNobodyEnteredHere(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeZoom, clara.ID, noon, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.ZoomMade(noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	events, err := i.ZoomBegan(noon.Add(time.Minute), noon.Add(time.Minute))
	wantKinds(t, events, err, EventZoomStarted, EventStarted)
	if events := i.Tick(noon.Add(time.Hour), Policy{}); events != nil {
		t.Errorf("after an hour: got %v, want them to talk on", events)
	}
	events, err = i.ZoomOver(noon.Add(time.Minute), noon.Add(90*time.Minute), noon.Add(90*time.Minute))
	wantKinds(t, events, err, EventZoomEnded, EventEnded)
	if i.Duration() != 89*time.Minute {
		t.Errorf("got %v, want 89 minutes", i.Duration())
	}
}

func TestTheEndOfAMeetingWhoseBeginWasNeverTold(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeZoom, clara.ID, noon, Policy{RingFor: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	events, err := i.ZoomOver(noon.Add(2*time.Minute), noon.Add(30*time.Minute), noon.Add(31*time.Minute))
	wantKinds(t, events, err, EventZoomStarted, EventStarted, EventZoomEnded, EventEnded)
	if i.Duration() != 28*time.Minute {
		t.Errorf("got %v, want 28 minutes", i.Duration())
	}
}

func TestTheCallerWhoGoesToZoomDoesNotTakeTheCallBack(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeZoom, clara.ID, noon, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Join(clara, noon.Add(time.Second), Policy{}); err != nil {
		t.Fatal(err)
	}
	events, err := i.Leave(clara.ID, CauseLeft, noon.Add(2*time.Second))
	wantKinds(t, events, err, EventLeft)
	if i.State != StateRinging {
		t.Errorf("got %s, want ringing", i.State)
	}
	wantKinds(t, i.Tick(noon.Add(5*time.Minute), Policy{}), nil, EventMissed)
}

func TestNoZoomForAnInterviewThatIsOver(t *testing.T) {
	i := inZoom(t, ModeVideo)
	if _, err := i.End(clara.ID, "", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err := i.ChooseZoom(clara, ZoomChosen, noon.Add(2*time.Minute))
	wantCode(t, err, CodeOver)
	_, err = i.ZoomMade(noon.Add(2 * time.Minute))
	wantCode(t, err, CodeOver)
	events, err := i.ZoomOver(noon, noon.Add(2*time.Minute), noon.Add(2*time.Minute))
	wantKinds(t, events, err)
}
