package interview

import "time"

// An EventKind names what happened. Host apps see these names.
type EventKind string

// The event kinds.
const (
	EventScheduled EventKind = "interview.scheduled"
	EventRinging   EventKind = "interview.ringing"
	EventStarted   EventKind = "interview.started"
	EventEnded     EventKind = "interview.ended"
	EventMissed    EventKind = "interview.missed"
	EventDeclined  EventKind = "interview.declined"
	EventCancelled EventKind = "interview.cancelled"
	EventJoined    EventKind = "participant.joined"
	EventLeft      EventKind = "participant.left"
	EventReady     EventKind = "participant.ready"

	EventRescheduled EventKind = "interview.rescheduled"
	EventReminder    EventKind = "interview.reminder"

	EventProposed  EventKind = "proposal.created"
	EventAccepted  EventKind = "proposal.accepted"
	EventRefused   EventKind = "proposal.declined"
	EventWithdrawn EventKind = "proposal.withdrawn"

	EventStageChanged    EventKind = "thread.stage.changed"
	EventContractChanged EventKind = "thread.contract.changed"

	EventRecordingAsked    EventKind = "recording.asked"
	EventRecordingStarting EventKind = "recording.starting" // the countdown runs
	EventRecordingStarted  EventKind = "recording.started"
	EventRecordingPaused   EventKind = "recording.paused"
	EventRecordingResumed  EventKind = "recording.resumed"
	EventRecordingMarked   EventKind = "recording.marked"
	EventRecordingStopped  EventKind = "recording.stopped"
	EventRecordingFailed   EventKind = "recording.failed"
	EventRecordingReady    EventKind = "recording.ready"       // its files are closed and can be opened
	EventRecordingRendered EventKind = "recording.rendered"    // its film can be opened
	EventTranscribed       EventKind = "recording.transcribed" // what people said in it can be read
	EventTranscriptFailed  EventKind = "recording.transcript_failed"
	EventTranscriptDeleted EventKind = "recording.transcript_deleted"
	EventTracksDeleted     EventKind = "recording.tracks_deleted" // what is of the participant
	EventRecordingDeleted  EventKind = "recording.deleted"
	EventDeletionRequested EventKind = "recording.deletion_requested"
	EventConsentChanged    EventKind = "consent.changed"

	EventZoomOffered EventKind = "zoom.offered"
	EventZoomChosen  EventKind = "zoom.chosen"
	EventZoomReady   EventKind = "zoom.ready"
	EventZoomStarted EventKind = "zoom.started"
	EventZoomEnded   EventKind = "zoom.ended"
	EventZoomFailed  EventKind = "zoom.failed"
)

// An Event is one thing that happened to an interview, a proposal or a thread.
// Methods return events in the order in which they happened; the one that ends an
// interview is last.
type Event struct {
	Kind      EventKind
	At        time.Time
	Interview ID // empty when it is about a thread alone
	Thread    ThreadID
	// Participant is who joined, left or is ready, or who rang, declined, cancelled or
	// ended the interview. It is zero when nobody did, as for a missed one, and
	// holds only the id of a person the interview does not know.
	Participant Participant
	// Cause says why somebody left; empty for every other kind.
	Cause LeaveCause
	// Reason is the interview's EndReason on the events that end it. For a
	// declined interview it is the person's own words when they gave any. For a
	// recording it is why it is interrupted or over, or a mark's label; of Zoom's
	// events it is the reason for Zoom, or the problem when it failed.
	Reason string
	// Recording is the recording that an event is about, if it is about one.
	Recording RecordingID
	// Consent is the answer on EventConsentChanged.
	Consent Consent

	// Proposal is the proposal an event is about, as the event left it.
	Proposal *Proposal
	// Was is when a rescheduled interview was to take place before.
	Was time.Time
	// Ahead is how long before the interview a reminder is meant to come.
	Ahead time.Duration
	// From and To are a thread's stages, or the states of its contract.
	From, To string
}

// A LeaveCause says why a participant is no longer present.
type LeaveCause string

// The leave causes.
const (
	// CauseLeft: the person pressed Leave.
	CauseLeft LeaveCause = "left"
	// CauseLost: the connection was gone for longer than the grace period.
	CauseLost LeaveCause = "lost"
	// CauseClosed: the person closed the tab or the browser.
	CauseClosed LeaveCause = "closed"
	// CauseRemoved: somebody with the right to do so took them out.
	CauseRemoved LeaveCause = "removed"
	// CauseEnded: the interview ended while they were inside.
	CauseEnded LeaveCause = "ended"
)

// deliberate reports whether somebody decided that the person leaves, so that
// nobody needs to wait for them to come back.
func (c LeaveCause) deliberate() bool { return c == CauseLeft || c == CauseRemoved }

// Subject names what the event is told in order with: its interview or, for
// what is about a proposal or a thread, the thread.
func (e Event) Subject() string {
	if e.Interview == "" || e.Proposal != nil {
		return string(e.Thread)
	}
	return string(e.Interview)
}
