package wire

import "time"

// ZoomAction is what a client wants of Zoom.
type ZoomAction string

// The actions: a closed set.
const (
	ZoomOffer  ZoomAction = "offer"  // it would be better; whoever may decides
	ZoomChoose ZoomAction = "choose" // have a meeting made
)

// MaxZoomURL is the longest link to a meeting, in bytes.
const MaxZoomURL = 1024

// ZoomReason is why somebody wants Zoom.
type ZoomReason string

// The reasons: a closed set.
const (
	ZoomChosen         ZoomReason = "chosen"
	ZoomCannotConnect  ZoomReason = "cannot_connect"
	ZoomPoorConnection ZoomReason = "poor_connection"
)

// AskZoom offers Zoom to the others, or chooses it.
type AskZoom struct {
	Action ZoomAction `json:"action"`
	Reason ZoomReason `json:"reason"`
	// URL is the invitation to a meeting that the person has made themselves, to
	// choose instead of one that the server makes. Only with ZoomChoose.
	URL string `json:"url,omitempty"`
}

// ZoomStatus is where an interview's meeting in Zoom stands, as everybody may
// know it. State is offered, pending, ready, started, ended or failed.
type ZoomStatus struct {
	State   string    `json:"state"`
	Reason  string    `json:"reason"`
	By      string    `json:"by,omitempty"`
	Name    string    `json:"name,omitempty"`    // of By
	Problem string    `json:"problem,omitempty"` // with failed
	At      time.Time `json:"at"`
}

// ZoomWay is the way into a meeting. It is for the one who is told it.
type ZoomWay struct {
	URL      string `json:"url"`
	Passcode string `json:"passcode,omitempty"`
}

// Zoom says where the interview's meeting in Zoom stands from now on. Way is
// there with ready and started.
type Zoom struct {
	Status ZoomStatus `json:"status"`
	Way    *ZoomWay   `json:"way,omitempty"`
}

// ZoomChoice says what a client can make of Zoom: to choose it, or to ask for
// it. What became of it so far is in the interview.
type ZoomChoice struct {
	MayChoose bool     `json:"may_choose"`
	MayPaste  bool     `json:"may_paste"` // the link of a meeting of one's own
	Way       *ZoomWay `json:"way,omitempty"`
}

// Type returns "zoom".
func (AskZoom) Type() string { return TypeZoom }

// Type returns "zoom".
func (Zoom) Type() string { return TypeZoom }

func (AskZoom) fromClient() {}
func (Zoom) fromServer()    {}

func (f *fields) zoom() AskZoom {
	word := func(name string, allowed ...string) string {
		var s string
		if !f.read(name, &s, "a string") {
			return ""
		}
		for _, a := range allowed {
			if s == a {
				return s
			}
		}
		f.refuse(CodeInvalidValue, "The field %q is none of the words it can be.", name)
		return ""
	}
	a := AskZoom{
		Action: ZoomAction(word("action", string(ZoomOffer), string(ZoomChoose))),
		Reason: ZoomReason(word("reason", string(ZoomChosen), string(ZoomCannotConnect), string(ZoomPoorConnection))),
	}
	if f.has("url") {
		a.URL = f.text("url", MaxZoomURL, notNUL)
		if a.Action == ZoomOffer {
			f.refuse(CodeInvalidValue, `The field "url" belongs to a choice.`)
		}
	}
	return a
}
