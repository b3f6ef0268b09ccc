package wire

import "slices"

// The types of the messages a client sends.
const (
	TypeHello   = "hello"
	TypeOffer   = "offer"
	TypeEnter   = "enter"
	TypePublish = "publish"
	TypeLayout  = "layout"
	TypeReport  = "report"
	TypeConsent = "consent"
	TypeZoom    = "zoom"
	TypeLeave   = "leave"
	TypePing    = "ping"
)

// ClientTypes returns the type of every message a client can send: a closed
// set, in the protocol's order.
func ClientTypes() []string {
	return []string{TypeHello, TypeOffer, TypeEnter, TypePublish, TypeLayout, TypeEncodes, TypeReport, TypeChat, TypeFile, TypeHistory, TypeAppeal, TypeComplaint, TypeRecording, TypeConsent, TypeZoom, TypeLeave, TypePing}
}

// Source is something a participant publishes.
type Source string

// The sources: a closed set.
const (
	SourceMic         Source = "mic"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen-audio"
)

// Sources returns every source, in the protocol's order.
func Sources() []Source {
	return []Source{SourceMic, SourceCamera, SourceScreen, SourceScreenAudio}
}

// Valid reports whether s is one of the sources.
func (s Source) Valid() bool { return slices.Contains(Sources(), s) }

// Hello is the first message of every connection.
type Hello struct {
	Token string `json:"token"`
	// Device tells one browser of a person from another of theirs.
	Device string `json:"device"`
	// Resume is the value the last Welcome gave, when the connection before
	// this one was lost.
	Resume string `json:"resume,omitempty"`
}

// Lines names the two media lines of a place by their identification tags.
// One of them may be empty, not both.
type Lines struct {
	Audio string `json:"audio,omitempty"`
	Video string `json:"video,omitempty"`
}

// Offer carries the client's session description and says what each of its
// lines is for. A client offers once per connection, and again only to get
// more seats or to start over.
type Offer struct {
	// ID is the client's number for this offer; the answer repeats it.
	ID      int64             `json:"id"`
	SDP     string            `json:"sdp"`
	Sources map[Source]string `json:"sources"`
	Seats   []Lines           `json:"seats"`
	Screen  *Lines            `json:"screen,omitempty"`
	// Fallback asks for the second transport recipe, after the first one
	// failed to connect.
	Fallback bool `json:"fallback,omitempty"`
}

// Enter opens the gate: the participant leaves the lobby for the room.
type Enter struct{}

// Publish says that a source carries something from now on, or no more. Paused
// comes only with On: it would carry something if the connection let it.
type Publish struct {
	Source Source `json:"source"`
	On     bool   `json:"on"`
	Paused bool   `json:"paused,omitempty"`
}

// Layout says how places are shown on the client's page. Places that are not
// listed keep what was said of them last.
type Layout struct {
	Seats  []SeatShown `json:"seats"`
	Screen *Shown      `json:"screen,omitempty"`
}

// Shown is how a place is shown: its size in device pixels, 0 when not known.
type Shown struct {
	Width  int  `json:"width"`
	Height int  `json:"height"`
	Hidden bool `json:"hidden"` // nobody can see it now
}

// SeatShown is how a seat is shown.
type SeatShown struct {
	Seat int `json:"seat"`
	Shown
	Pinned bool `json:"pinned"` // this person wants to see it before others
}

// Report is what only the browser knows of the last two seconds.
type Report struct {
	CPULimited bool    `json:"cpu_limited"` // the computer cannot encode what it should
	UpLimited  bool    `json:"up_limited"`  // the way to the server does not carry it
	Freezes    int     `json:"freezes"`     // of pictures, all together
	Concealed  float64 `json:"concealed"`   // share of the sound that was made up, 0 to 1
	DecodedFPS float64 `json:"decoded_fps"` // of the liveliest picture
}

// Leave ends the participant's stay. The server closes the connection.
type Leave struct{}

// Ping asks for a Pong with the same number.
type Ping struct {
	N int64 `json:"n"`
}

// Type returns "hello".
func (Hello) Type() string { return TypeHello }

// Type returns "offer".
func (Offer) Type() string { return TypeOffer }

// Type returns "enter".
func (Enter) Type() string { return TypeEnter }

// Type returns "publish".
func (Publish) Type() string { return TypePublish }

// Type returns "layout".
func (Layout) Type() string { return TypeLayout }

// Type returns "report".
func (Report) Type() string { return TypeReport }

// Type returns "leave".
func (Leave) Type() string { return TypeLeave }

// Type returns "ping".
func (Ping) Type() string { return TypePing }

func (Hello) fromClient()   {}
func (Offer) fromClient()   {}
func (Enter) fromClient()   {}
func (Publish) fromClient() {}
func (Layout) fromClient()  {}
func (Report) fromClient()  {}
func (Leave) fromClient()   {}
func (Ping) fromClient()    {}
