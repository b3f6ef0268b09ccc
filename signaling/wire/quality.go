package wire

// Layers says which layers of this client's source anybody watches, by their
// RIDs from small to large. The others need not be sent. With a Codec the source is
// wished as one stream that holds its layers, in the scalability mode Mode
// (webrtc-svc): RIDs names the encoding that is to carry it, and is empty where
// the source has only one.
type Layers struct {
	Source Source   `json:"source"`
	RIDs   []string `json:"rids"`
	Codec  Codec    `json:"codec,omitempty"`
	Mode   string   `json:"mode,omitempty"`
}

// Paused says that the client's connection does not carry the video of a place,
// or that it does again.
type Paused struct {
	Place Place `json:"place"`
	Seat  int   `json:"seat"`
	On    bool  `json:"on"`
}

// Jam says that what the client sends stands in a long queue on its way to the
// server, and how much arrives through it with all headers, or that the queue has
// gone. It comes again when clearly less arrives than was told.
type Jam struct {
	On   bool `json:"on"`
	KBPS int  `json:"kbps"` // 0 when not On
}

// Cause is what a connection suffers from, as the receiver of the message sees
// it. Empty means that all is well.
type Cause string

// The causes: a closed set. Those of the receiver's own end come only with their
// own participant, those of another end only with others.
const (
	CauseYourUpload      Cause = "your_upload"
	CauseYourDownload    Cause = "your_download"
	CauseTheirConnection Cause = "their_connection"
	CauseTheirDevice     Cause = "their_device"
	CauseBusy            Cause = "this_computer_is_busy"
	CauseServer          Cause = "server"
)

// Limit is what keeps a participant's page from sending more.
type Limit string

// The limits: a closed set.
const (
	LimitCPU    Limit = "cpu"
	LimitUpload Limit = "upload"
)

// Path is one direction of a participant's connection over the last two seconds.
type Path struct {
	Loss     float64 `json:"loss"`   // share of packets, before repair, 0 to 1
	RTTMS    int64   `json:"rtt_ms"` // of the whole round; 0 is not known
	JitterMS int64   `json:"jitter_ms"`
	KBPS     int     `json:"kbps"`
	Score    float64 `json:"score"` // estimated mean opinion of the sound, 1 to 4.5; 0 is not known
}

// Quality says how a participant's connection does, every two seconds. Up is
// from the participant to the server.
type Quality struct {
	Participant string  `json:"participant"`
	Up          Path    `json:"up"`
	Down        Path    `json:"down"`
	Cause       Cause   `json:"cause"`
	Limited     []Limit `json:"limited"`
}

// Type returns "layers".
func (Layers) Type() string { return TypeLayers }

// Type returns "paused".
func (Paused) Type() string { return TypePaused }

// Type returns "jam".
func (Jam) Type() string { return TypeJam }

// Type returns "quality".
func (Quality) Type() string { return TypeQuality }
