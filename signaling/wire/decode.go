package wire

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// DecodeError says why a message was refused. Its Message is a sentence that
// can be sent to the client: it never repeats what the client sent, other than
// a type's name.
type DecodeError struct {
	Code    Code
	Message string
	// Type is the refused message's type, when the protocol has it.
	Type string
	// ID is the refused offer's number, when it could be read.
	ID int64
}

// Error returns the code and the sentence.
func (e *DecodeError) Error() string { return string(e.Code) + ": " + e.Message }

// Fatal reports whether the sender cannot be speaking this protocol, so that
// there is no use in going on. Other refusals concern one message only.
func (e *DecodeError) Fatal() bool {
	switch e.Code {
	case CodeMalformed, CodeNotUTF8, CodeTooBig:
		return true
	}
	return false
}

// DecodeClient reads one message from a client. Fields it does not know are
// ignored, so that an older server can serve a newer page; everything it knows
// is checked. The error is always a *DecodeError.
func DecodeClient(data []byte) (ClientMessage, error) {
	if len(data) > MaxMessage {
		return nil, &DecodeError{Code: CodeTooBig, Message: fmt.Sprintf("The message is longer than %d bytes.", MaxMessage)}
	}
	if !utf8.Valid(data) {
		return nil, &DecodeError{Code: CodeNotUTF8, Message: "The message is not valid UTF-8."}
	}
	f, ok := parse(data)
	if !ok {
		return nil, &DecodeError{Code: CodeMalformed, Message: "The message is not one JSON object."}
	}
	var kind string
	if !f.has("type") || json.Unmarshal(f.raw["type"], &kind) != nil {
		return nil, &DecodeError{Code: CodeMalformed, Message: "The message has no type."}
	}
	m := f.message(kind)
	if f.err == nil {
		return m, nil
	}
	if f.err.Code != CodeUnknownMessage {
		f.err.Type = kind
	}
	if offer, ok := m.(Offer); ok {
		f.err.ID = offer.ID
	}
	return nil, f.err
}

func (f *fields) message(kind string) ClientMessage {
	switch kind {
	case TypeHello:
		return f.hello()
	case TypeOffer:
		return f.offer()
	case TypeEnter:
		return Enter{}
	case TypePublish:
		return f.publish()
	case TypeLayout:
		return f.layout()
	case TypeEncodes:
		return f.encodes()
	case TypeReport:
		return Report{
			CPULimited: f.boolean("cpu_limited"),
			UpLimited:  f.boolean("up_limited"),
			Freezes:    int(f.integer("freezes", 0, MaxFreezes)),
			Concealed:  f.number("concealed", 0, 1),
			DecodedFPS: f.number("decoded_fps", 0, MaxFPS),
		}
	case TypeRecording:
		return f.record()
	case TypeConsent:
		return f.answered()
	case TypeChat:
		return f.say()
	case TypeFile:
		return f.file()
	case TypeHistory:
		return AskHistory{Before: f.integer("before", 0, MaxPing)}
	case TypeAppeal:
		return f.contest()
	case TypeComplaint:
		return f.complain()
	case TypeZoom:
		return f.zoom()
	case TypeLeave:
		return Leave{}
	case TypePing:
		return Ping{N: f.integer("n", 0, MaxPing)}
	}
	f.refuse(CodeUnknownMessage, "There is no message of type %.40q in %s.", kind, Subprotocol)
	return nil
}

func (f *fields) hello() Hello {
	h := Hello{
		Token:  f.text("token", MaxToken, printable),
		Device: f.text("device", MaxDevice, identifier),
	}
	if f.has("resume") {
		h.Resume = f.text("resume", MaxResume, printable)
	}
	return h
}

func (f *fields) publish() Publish {
	p := Publish{Source: f.source("source"), On: f.boolean("on")}
	if f.has("paused") {
		p.Paused = f.boolean("paused")
	}
	if p.Paused && !p.On {
		f.refuse(CodeInvalidValue, `The field "paused" belongs to a source that is on.`)
	}
	return p
}

func (f *fields) offer() Offer {
	o := Offer{
		ID:      f.integer("id", 1, MaxOfferID),
		SDP:     f.text("sdp", MaxSDP, notNUL),
		Sources: f.sources(),
		Seats:   f.seats(),
	}
	if f.has("screen") {
		var raw json.RawMessage
		f.read("screen", &raw, "an object")
		l := f.lines("screen", raw)
		o.Screen = &l
	}
	if f.has("fallback") {
		o.Fallback = f.boolean("fallback")
	}
	f.distinct(o)
	return o
}

func (f *fields) sources() map[Source]string {
	var raw map[string]json.RawMessage
	if !f.read("sources", &raw, "an object") {
		return nil
	}
	in := fields{raw: raw}
	out := make(map[Source]string, len(raw))
	for name := range raw {
		if !Source(name).Valid() {
			f.refuse(CodeInvalidValue, `The field "sources" names something that is not a source.`)
			return nil
		}
	}
	for _, s := range Sources() {
		if in.has(string(s)) {
			out[s] = in.text(string(s), MaxMID, midToken)
		}
	}
	f.adopt("sources", in.err)
	return out
}

func (f *fields) seats() []Lines {
	var raw []json.RawMessage
	if !f.read("seats", &raw, "an array") {
		return nil
	}
	if len(raw) > MaxSeats {
		f.refuse(CodeTooManySeats, "The offer has more than %d seats.", MaxSeats)
		return nil
	}
	out := make([]Lines, len(raw))
	for i := range raw {
		out[i] = f.lines("seats", raw[i])
	}
	return out
}

func (f *fields) lines(where string, raw json.RawMessage) Lines {
	in, ok := parse(raw)
	if !ok {
		f.refuse(CodeWrongType, "The field %q must hold objects with audio and video.", where)
		return Lines{}
	}
	var l Lines
	if in.has("audio") {
		l.Audio = in.text("audio", MaxMID, midToken)
	}
	if in.has("video") {
		l.Video = in.text("video", MaxMID, midToken)
	}
	f.adopt(where, in.err)
	if l == (Lines{}) {
		f.refuse(CodeMissingField, "The field %q has a place with neither audio nor video.", where)
	}
	return l
}

// adopt takes over what is wrong inside the field where.
func (f *fields) adopt(where string, err *DecodeError) {
	if err != nil {
		f.refuse(err.Code, "In %q: %s", where, err.Message)
	}
}

// distinct refuses an offer that gives one line two purposes.
func (f *fields) distinct(o Offer) {
	seen := make(map[string]bool)
	use := func(mid string) {
		if mid != "" && seen[mid] {
			f.refuse(CodeInvalidValue, "The offer uses one media line for two purposes.")
		}
		seen[mid] = true
	}
	for _, mid := range o.Sources {
		use(mid)
	}
	for _, l := range o.Seats {
		use(l.Audio)
		use(l.Video)
	}
	if o.Screen != nil {
		use(o.Screen.Audio)
		use(o.Screen.Video)
	}
}

// DecodeServer reads one message from the server, for clients written in Go.
// It checks the form only: a client trusts its server.
func DecodeServer(data []byte) (ServerMessage, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("decode server message: %w", err)
	}
	switch head.Type {
	case TypeWelcome:
		return into[Welcome](data)
	case TypeICEServers:
		return into[ICEServers](data)
	case TypeAnswer:
		return into[Answer](data)
	case TypeEntered:
		return into[Entered](data)
	case TypeParticipant:
		return into[Participant](data)
	case TypeSeat:
		return into[Seat](data)
	case TypePublish:
		return into[Published](data)
	case TypeSpeaking:
		return into[Speaking](data)
	case TypeLayers:
		return into[Layers](data)
	case TypePaused:
		return into[Paused](data)
	case TypeJam:
		return into[Jam](data)
	case TypeQuality:
		return into[Quality](data)
	case TypeChat:
		return into[Said](data)
	case TypeReceipt:
		return into[Receipt](data)
	case TypeFile:
		return into[File](data)
	case TypeHistory:
		return into[History](data)
	case TypeGuard:
		return into[Guard](data)
	case TypeAppeal:
		return into[Appealed](data)
	case TypeComplaint:
		return into[Complained](data)
	case TypeMedia:
		return into[Media](data)
	case TypeZoom:
		return into[Zoom](data)
	case TypeInterview:
		return into[InterviewChanged](data)
	case TypeRecording:
		return into[RecordingChanged](data)
	case TypeEnded:
		return into[Ended](data)
	case TypeGoingAway:
		return into[GoingAway](data)
	case TypePong:
		return into[Pong](data)
	case TypeError:
		return into[Error](data)
	}
	return nil, fmt.Errorf("decode server message: no type %.40q", head.Type)
}

func into[M ServerMessage](data []byte) (ServerMessage, error) {
	var m M
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("decode server message: %w", err)
	}
	return m, nil
}
