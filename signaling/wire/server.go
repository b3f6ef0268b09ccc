package wire

import "time"

// The types of the messages the server sends. "publish" and
// "recording" travel both ways.
const (
	TypeWelcome     = "welcome"
	TypeICEServers  = "ice_servers"
	TypeAnswer      = "answer"
	TypeEntered     = "entered"
	TypeParticipant = "participant"
	TypeSeat        = "seat"
	TypeSpeaking    = "speaking"
	TypeLayers      = "layers"
	TypePaused      = "paused"
	TypeJam         = "jam"
	TypeQuality     = "quality"
	TypeMedia       = "media"
	TypeInterview   = "interview"
	TypeRecording   = "recording"
	TypeEnded       = "ended"
	TypeGoingAway   = "going_away"
	TypePong        = "pong"
	TypeError       = "error"
)

// ServerTypes returns the type of every message the server can send: a closed
// set, in the protocol's order.
func ServerTypes() []string {
	return []string{
		TypeWelcome, TypeICEServers, TypeAnswer, TypeEntered, TypeParticipant, TypeSeat, TypePublish, TypeSpeaking,
		TypeLayers, TypePaused, TypeJam, TypeQuality, TypeChat, TypeReceipt, TypeFile, TypeHistory, TypeGuard, TypeAppeal, TypeComplaint,
		TypeMedia, TypeZoom, TypeInterview, TypeRecording, TypeEnded, TypeGoingAway, TypePong, TypeError,
	}
}

// Person is somebody, as the host app names them.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// Presence is a participant who is in the room, as the others see them.
type Presence struct {
	Person
	// Reconnecting: their connection is lost and their place is kept.
	Reconnecting bool     `json:"reconnecting"`
	Publishing   []Source `json:"publishing"`
	// Paused are those of Publishing that their own connection does not carry.
	Paused   []Source `json:"paused,omitempty"`
	Speaking bool     `json:"speaking"`
}

// Place is the kind of place somebody can be shown at.
type Place string

// The places: a numbered seat, or the one screen.
const (
	PlaceSeat   Place = "seat"
	PlaceScreen Place = "screen"
)

// Seated says who is shown at a place. An empty Participant is an empty place.
// Seat is the place's index in the offer's seats, and 0 for the screen.
type Seated struct {
	Place       Place  `json:"place"`
	Seat        int    `json:"seat"`
	Participant string `json:"participant"`
}

// Stay is one stretch of somebody's presence in an interview.
type Stay struct {
	Person
	JoinedAt time.Time `json:"joined_at"`
	LeftAt   time.Time `json:"left_at,omitzero"`
}

// Interview is an interview as every interface of Parley shows it; REST uses
// the same JSON. Times are RFC 3339 in UTC, absent until they are known.
type Interview struct {
	ID           string    `json:"id"`
	Thread       string    `json:"thread"`
	Mode         string    `json:"mode"`
	State        string    `json:"state"`
	CreatedBy    string    `json:"created_by"`
	CreatedAt    time.Time `json:"created_at"`
	StartsAt     time.Time `json:"starts_at,omitzero"`
	OpensAt      time.Time `json:"opens_at,omitzero"`      // from when on people can come, when it is scheduled
	Minutes      int       `json:"duration_min,omitempty"` // how long it is meant to last
	Zone         string    `json:"time_zone,omitempty"`    // the time zone it was planned in
	Sequence     int       `json:"sequence,omitempty"`     // how often it was rescheduled
	RingsUntil   time.Time `json:"rings_until,omitzero"`
	StartedAt    time.Time `json:"started_at,omitzero"`
	EndedAt      time.Time `json:"ended_at,omitzero"`
	EndReason    string    `json:"end_reason,omitempty"`
	DurationS    int64     `json:"duration_s"`
	Participants []Stay    `json:"participants"`
	Present      []string  `json:"present"`
	// Zoom is where the meeting in Zoom stands, when there is or was to be one.
	Zoom *ZoomStatus `json:"zoom,omitempty"`
	// Recording is there when the interview may be recorded.
	Recording *Recording `json:"recording,omitempty"`
}

// ICEServer is a STUN or TURN server, in the shape RTCPeerConnection takes.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Welcome answers Hello with everything a client needs to show the room.
type Welcome struct {
	Session string `json:"session"`
	// Resume is a secret: presented in the Hello of the next connection it
	// continues this session.
	Resume string `json:"resume"`
	// Resumed: peer, seats and media of the session before are still there,
	// and the client keeps its RTCPeerConnection.
	Resumed bool `json:"resumed"`
	// Entered: the participant is in the room already, not in the lobby.
	Entered      bool        `json:"entered"`
	Interview    Interview   `json:"interview"`
	You          Person      `json:"you"`
	May          []Source    `json:"may"`
	Seats        int         `json:"seats"`
	Participants []Presence  `json:"participants"`
	Seating      []Seated    `json:"seating"`
	ICEServers   []ICEServer `json:"ice_servers"`
	// PingMS is how often the client sends Ping, in milliseconds.
	PingMS int64 `json:"ping_ms"`
	// Zoom is there when the interview may move to Zoom.
	Zoom *ZoomChoice `json:"zoom,omitempty"`
	// Files is there when the participant may offer files.
	Files *FileLimits `json:"files,omitempty"`
}

// ICEServers takes the place of Welcome's list before its credentials expire.
// The client gives it to its RTCPeerConnection; a path that stands stays.
type ICEServers struct {
	ICEServers []ICEServer `json:"ice_servers"`
}

// Answer is the server's session description for the offer of the same ID.
type Answer struct {
	ID  int64  `json:"id"`
	SDP string `json:"sdp"`
}

// Entered answers Enter with the room as it is now.
type Entered struct {
	Participants []Presence `json:"participants"`
	Seating      []Seated   `json:"seating"`
	Interview    Interview  `json:"interview"`
}

// Change is what happened to a participant.
type Change string

// The changes: a closed set.
const (
	ChangeJoined  Change = "joined"
	ChangeLeft    Change = "left"
	ChangeChanged Change = "changed"
)

// Participant says that somebody came, went or changed. Cause is there when
// they left. Of a participant who left, only the id is to be relied on.
type Participant struct {
	Change      Change   `json:"change"`
	Cause       string   `json:"cause,omitempty"`
	Participant Presence `json:"participant"`
}

// Seat says that somebody else is shown at a place from now on.
type Seat struct {
	Seated
}

// Published says that somebody's source carries something, or no more.
type Published struct {
	Participant string `json:"participant"`
	Source      Source `json:"source"`
	On          bool   `json:"on"`
	// Paused: it is on, but their own connection does not carry it at present.
	Paused bool `json:"paused,omitempty"`
}

// Speaking says that somebody began or stopped to speak.
type Speaking struct {
	Participant string `json:"participant"`
	On          bool   `json:"on"`
}

// MediaState is what became of the client's own media connection.
type MediaState string

// The media states: a closed set.
const (
	MediaConnected    MediaState = "connected"
	MediaDisconnected MediaState = "disconnected"
	MediaFailed       MediaState = "failed"
)

// Media reports the server's view of the client's media connection.
type Media struct {
	State  MediaState `json:"state"`
	Reason string     `json:"reason,omitempty"`
}

// InterviewChanged carries the interview after it changed state.
type InterviewChanged struct {
	Interview Interview `json:"interview"`
}

// Ended is the last message of an interview; the connection closes after it.
type Ended struct {
	Interview Interview `json:"interview"`
}

// GoingAway says that the server is stopping: come back after RetryMS
// milliseconds with the resume value.
type GoingAway struct {
	RetryMS int64 `json:"retry_ms"`
}

// Pong answers the Ping of the same number.
type Pong struct {
	N int64 `json:"n"`
}

// Error is a refusal. When Fatal, the connection closes right after it. Re is
// the type of the message that was refused, ID the offer's and Ref that of
// the chat message, the file or the complaint.
type Error struct {
	Code Code `json:"code"`
	// Message is a plain English sentence for people.
	Message string `json:"message"`
	Fatal   bool   `json:"fatal"`
	Re      string `json:"re,omitempty"`
	ID      int64  `json:"id,omitempty"`
	Ref     string `json:"ref,omitempty"`
	// Timing is there with too_early and interview_over.
	Timing *Timing `json:"timing,omitempty"`
}

// Timing says when an interview is, or was to be.
type Timing struct {
	Interview Interview `json:"interview"`
	You       Person    `json:"you"`
	People    []Zoned   `json:"people"` // of the thread
	// Now is the server's time, by which the interview opens.
	Now time.Time `json:"now"`
}

// Zoned is somebody and the time zone they live in, an IANA name, or empty.
type Zoned struct {
	Person
	Zone string `json:"time_zone,omitempty"`
}

// Type returns "welcome".
func (Welcome) Type() string { return TypeWelcome }

// Type returns "ice_servers".
func (ICEServers) Type() string { return TypeICEServers }

// Type returns "answer".
func (Answer) Type() string { return TypeAnswer }

// Type returns "entered".
func (Entered) Type() string { return TypeEntered }

// Type returns "participant".
func (Participant) Type() string { return TypeParticipant }

// Type returns "seat".
func (Seat) Type() string { return TypeSeat }

// Type returns "publish".
func (Published) Type() string { return TypePublish }

// Type returns "speaking".
func (Speaking) Type() string { return TypeSpeaking }

// Type returns "media".
func (Media) Type() string { return TypeMedia }

// Type returns "interview".
func (InterviewChanged) Type() string { return TypeInterview }

// Type returns "ended".
func (Ended) Type() string { return TypeEnded }

// Type returns "going_away".
func (GoingAway) Type() string { return TypeGoingAway }

// Type returns "pong".
func (Pong) Type() string { return TypePong }

// Type returns "error".
func (Error) Type() string { return TypeError }

func (Welcome) fromServer()          {}
func (ICEServers) fromServer()       {}
func (Answer) fromServer()           {}
func (Entered) fromServer()          {}
func (Participant) fromServer()      {}
func (Seat) fromServer()             {}
func (Published) fromServer()        {}
func (Speaking) fromServer()         {}
func (Layers) fromServer()           {}
func (Paused) fromServer()           {}
func (Jam) fromServer()              {}
func (Quality) fromServer()          {}
func (Media) fromServer()            {}
func (InterviewChanged) fromServer() {}
func (Ended) fromServer()            {}
func (GoingAway) fromServer()        {}
func (Pong) fromServer()             {}
func (Error) fromServer()            {}
