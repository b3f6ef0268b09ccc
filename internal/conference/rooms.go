package conference

import (
	"context"
	"log/slog"
	"time"

	"parley/internal/interview"
)

// Store is what rooms need to be remembered by; *store.Store is one. Errors
// are, or wrap, store.ErrNotFound and store.ErrConflict.
type Store interface {
	Thread(ctx context.Context, id interview.ThreadID) (interview.Thread, error)
	SaveInterview(ctx context.Context, iv interview.Interview) error
	Interview(ctx context.Context, id interview.ID) (interview.Interview, error)
	OpenInterview(ctx context.Context, thread interview.ThreadID) (interview.Interview, error)
	OpenInterviews(ctx context.Context) ([]interview.Interview, error)
	RememberKey(ctx context.Context, scope, key string, requestHash []byte, id interview.ID, now time.Time) (existing interview.ID, err error)
}

// Config configures [Open]. Store is required.
type Config struct {
	Store  Store
	Policy interview.Policy // zero: interview.DefaultPolicy()
	Grace  time.Duration    // how long a dropped connection may come back; zero: 30 s
	Seats  int              // seats of a connection at most; zero: 8
	Logger *slog.Logger     // nil: no logs
	NewID  func() string    // identifiers of interviews; nil: "iv_" and a ULID
}

// Rooms holds the rooms of all open interviews. Its methods may be called from
// any goroutine.
type Rooms struct{}

// Open opens a room for every interview in the store that is not over. Who was
// inside when the server stopped counts as reconnecting.
func Open(ctx context.Context, cfg Config) (*Rooms, error) { return &Rooms{}, nil }

// Create asks for an interview in a thread.
type Create struct {
	Thread   interview.ThreadID
	Mode     interview.Mode
	By       interview.UserID
	StartsAt time.Time // zero: ring now

	IdempotencyScope, IdempotencyKey string // an empty key: none
	RequestHash                      []byte
}

// Create makes an interview and opens its room, or returns the one that rings or
// is live in the thread already, or the one an earlier request with the same
// key made; created tells them apart.
func (r *Rooms) Create(ctx context.Context, c Create) (iv interview.Interview, created bool, err error) {
	return interview.Interview{}, false, errGoingAway()
}

// Interview returns an interview, open or over. The error is an *Error with
// CodeNotFound when there is none.
func (r *Rooms) Interview(ctx context.Context, id interview.ID) (interview.Interview, error) {
	return interview.Interview{}, errGoingAway()
}

// End ends a live or ringing interview for everybody. When it is over already,
// the interview is returned together with an *Error with CodeInterviewOver.
func (r *Rooms) End(ctx context.Context, id interview.ID, by interview.UserID, reason string) (interview.Interview, error) {
	return interview.Interview{}, errGoingAway()
}

// Decline declines a ringing interview; otherwise as [Rooms.End].
func (r *Rooms) Decline(ctx context.Context, id interview.ID, by interview.UserID, reason string) (interview.Interview, error) {
	return interview.Interview{}, errGoingAway()
}

// Cancel takes a scheduled or ringing interview back; otherwise as [Rooms.End].
func (r *Rooms) Cancel(ctx context.Context, id interview.ID, by interview.UserID) (interview.Interview, error) {
	return interview.Interview{}, errGoingAway()
}

// Attach gives a participant a session in a room. A participant has one session:
//
//   - With the Resume of their session, attached or within its grace period, it
//     is taken over as it is: the same peer, seats and media (Snapshot.Resumed).
//   - Otherwise the new session replaces the old one, which gets Replaced and is
//     dead at once, its peer closed. The participant stays in the room; the new
//     session publishes nothing until it says so.
//   - A token that is in use on another device at this moment is refused.
//
// Errors for the person are *Error, all of them fatal: CodeNotFound,
// CodeInterviewOver, CodeTokenReused, CodeRoomFull, CodeTooEarly, CodeGoingAway.
func (r *Rooms) Attach(ctx context.Context, a Attach) (*Session, Snapshot, error) {
	return nil, Snapshot{}, errGoingAway()
}

// Watch calls f with every domain event after it is stored, in order per
// interview, until stop is called. f is called from rooms' goroutines and must
// not block; a call under way when stop is called may still be running.
func (r *Rooms) Watch(f func(interview.Event)) (stop func()) { return func() {} }

// Close tells every session GoingAway, closes peers, and returns when every room
// has ended; interviews stay open in the store. When ctx ends first, writes
// under way are given up. Later calls wait as well and return nil.
func (r *Rooms) Close(ctx context.Context) error { return nil }

// Stats are the counters and levels of all rooms.
type Stats struct {
	Rooms        int // open interviews
	Sessions     int // attached sessions
	Participants int // people inside, reconnecting ones too

	Entered       uint64 // participants who came in
	Resumed       uint64 // sessions resumed
	Replaced      uint64 // sessions replaced
	Lost          uint64 // participants who did not come back within the grace period
	StoreFailures uint64 // writes that failed and were given up or tried again
}

// Stats returns the counters. It does not block.
func (r *Rooms) Stats() Stats { return Stats{} }
