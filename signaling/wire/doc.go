// Package wire is the language of the Parley WebSocket: one Go type per
// message, strict decoding with limits, and encoding. docs/protocol.md is its
// specification and testdata holds one golden file per message; Go and
// TypeScript tests both read them.
//
// The package is pure. It opens nothing, starts no goroutine, knows no clock
// and imports only the standard library, so that a browser client, a load
// generator and the server all mean the same thing by the same bytes.
//
// DecodeClient never panics and never allocates more than a small multiple of
// its input, whatever the input is. A message it returns has every limit
// below enforced and every closed set checked; what remains to the caller is
// meaning (may this participant publish a camera?), never form.
package wire

// Subprotocol is the WebSocket subprotocol both sides must agree on.
const Subprotocol = "parley.v1"

// Limits of a message from a client. Lengths are bytes of UTF-8.
const (
	MaxMessage = 64 << 10 // a whole message
	MaxSDP     = 48 << 10 // offer.sdp
	MaxToken   = 4 << 10  // hello.token
	MaxResume  = 256      // hello.resume
	MaxDevice  = 64       // hello.device
	MaxMID     = 32       // a media line's identification tag
	MaxSeats   = 16       // offer.seats
	MaxOfferID = 1<<31 - 1
	MaxPixels  = 8192 // layout: width and height of a place
	MaxFreezes = 1000
	MaxFPS     = 1000
	MaxPing    = 1<<53 - 1 // ping.n: the integers a JavaScript number holds exactly
)

// Message is any message of either direction.
type Message interface {
	// Type is the value of the message's "type" field.
	Type() string
}

// ClientMessage is what a browser sends: Hello, Offer, Enter, Publish, Layout,
// Encodes, Report, Say, AskHistory, Complain, AskZoom, Leave or Ping. The set is closed.
type ClientMessage interface {
	Message
	fromClient()
}

// ServerMessage is what the server sends: Welcome, ICEServers, Answer,
// Entered, Participant, Seat, Published, Speaking, Layers, Paused, Jam, Quality,
// Said, Receipt, History, Guard, Complained, Zoom, Media, InterviewChanged, Ended, GoingAway, Pong or Error. The set is closed.
type ServerMessage interface {
	Message
	fromServer()
}
