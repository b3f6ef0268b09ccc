package conference

import "parley/internal/interview"

// Notice is one piece of news for a session. The set is closed: the types of
// this file, Said, Guarded, Filed and Zoomed. Notices share memory with each other; receivers
// read only.
type Notice interface{ notice() }

// Presence is a participant who is in the room, as others see them.
type Presence struct {
	Participant  interview.Participant
	Reconnecting bool // the connection is gone and may come back within the grace period
	Publishing   []interview.Source
	Paused       []interview.Source // published, but their own connection does not carry them
	Speaking     bool
}

// Places of [Seated].
const (
	PlaceSeat   = "seat"
	PlaceScreen = "screen"
)

// Seated says who is shown at a place of the viewer's own connection. An empty
// Participant empties the place. Seat is 0 for the screen place.
type Seated struct {
	Place       string
	Seat        int
	Participant interview.UserID
}

// Entered answers [Session.Enter]: the room as it is at that moment. It comes
// before anything that happens afterwards.
type Entered struct {
	Interview    interview.Interview
	Participants []Presence // in the order they joined, the viewer included
	Seating      []Seated   // every place of the viewer, empty ones too
}

// Joined says that a participant came in.
type Joined struct{ Presence Presence }

// Left says that a participant is no longer in the room.
type Left struct {
	Participant interview.UserID
	Cause       interview.LeaveCause
}

// Changed says that something about a participant other than speaking and
// publishing is different now: reconnecting, back again, a new name.
type Changed struct{ Presence Presence }

// Published says that a participant began or stopped publishing a source. Paused
// is one that is On, but not sent: the participant's connection is too slow.
type Published struct {
	Participant interview.UserID
	Source      interview.Source
	On          bool
	Paused      bool
}

// Speaking says that a participant began or stopped speaking.
type Speaking struct {
	Participant interview.UserID
	On          bool
}

// Layers says which layers of the session's own source anybody watches, by their
// RIDs from small to large. With a Codec it is wished as one stream that holds its
// layers, in that scalability mode, by the encoding that RIDs names.
type Layers struct {
	Source interview.Source
	RIDs   []string
	Codec  string
	Mode   string
}

// Paused says that the session's connection does not carry the video of a place,
// or that it does again. Seat is 0 for the screen place.
type Paused struct {
	Place string
	Seat  int
	On    bool
}

// Jammed says that what the session sends stands in a long queue on its way up, and how
// much arrives through it, in bit/s; or that the queue has gone.
type Jammed struct {
	On      bool
	Bitrate int
}

// Quality says how a participant's connection does, the session's own or
// another's, every two seconds.
type Quality struct {
	Participant interview.UserID
	Up, Down    Path // Up is from the participant to the server
	Cause       Cause
	CPULimited  bool
	UpLimited   bool
}

// MediaState is the state of a session's own media connection.
type MediaState string

// The states of [Media].
const (
	MediaConnected    MediaState = "connected"
	MediaDisconnected MediaState = "disconnected" // nothing arrives at present; it may come back
	MediaFailed       MediaState = "failed"       // it will not come back; a new offer is needed
)

// Media tells a session about its own media connection.
type Media struct {
	State  MediaState
	Reason string // only with MediaFailed
}

// StateChanged says that the interview began to ring or went live.
type StateChanged struct{ Interview interview.Interview }

// RecordingChanged says that something happened to the interview's recording:
// one of the recording's events, or somebody's answer.
type RecordingChanged struct {
	Kind      interview.EventKind
	By        interview.UserID // empty: nobody
	Reason    string           // or the label of a mark
	Interview interview.Interview
}

// Over says that the interview reached a final state. It is the session's last notice.
type Over struct{ Interview interview.Interview }

// Replaced says that the same participant came in anew and this session is dead.
// It is the session's last notice.
type Replaced struct{}

// GoingAway says that the server shuts down; the interview goes on after the
// restart. It is the session's last notice.
type GoingAway struct{}

func (Entered) notice()          {}
func (Joined) notice()           {}
func (Left) notice()             {}
func (Changed) notice()          {}
func (Seated) notice()           {}
func (Published) notice()        {}
func (Speaking) notice()         {}
func (Layers) notice()           {}
func (Paused) notice()           {}
func (Jammed) notice()           {}
func (Quality) notice()          {}
func (Media) notice()            {}
func (StateChanged) notice()     {}
func (RecordingChanged) notice() {}
func (Over) notice()             {}
func (Replaced) notice()         {}
func (GoingAway) notice()        {}
