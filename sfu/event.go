package sfu

import "time"

// Event is news from a room's media, delivered in order and never by two
// goroutines at once. It is one of the types of this file.
type Event interface{ event() }

// Connected says that a peer's transport carries media: ICE found a path and
// the DTLS handshake ended. It comes again after a Disconnected that healed.
type Connected struct{ Peer PeerID }

// Disconnected says that nothing has been heard from a peer's browser for some
// seconds. The peer stays; it may come back.
type Disconnected struct{ Peer PeerID }

// Failed says that a peer's transport is lost for good. The owner closes the
// peer; its client makes a new one. HandshakeFailed asks for a new offer with
// PeerOptions.Fallback.
type Failed struct {
	Peer   PeerID
	Reason FailureReason
}

// FailureReason is why a peer's transport failed, from a closed set.
type FailureReason string

// The reasons a transport fails for.
const (
	PathLost        FailureReason = "path_lost"        // no answer to ICE checks any more
	HandshakeFailed FailureReason = "handshake_failed" // DTLS found no common ground, or a wrong fingerprint
	HungUp          FailureReason = "hung_up"          // the browser closed the connection
	Abused          FailureReason = "abused"           // the client sent what no browser sends
)

// Speaking says that somebody began or stopped to speak, by the audio level of
// their open Mic source.
type Speaking struct {
	Peer PeerID
	On   bool
}

// Loudest says who holds the floor now: the peer whose voice has been the
// strongest for long enough. It stays the last speaker when all are silent.
type Loudest struct{ Peer PeerID }

// LayersWanted says which layers of a source anybody watches, small to large, by
// their RIDs. The publisher need not send the others; with an empty list nobody
// watches at all. With a Codec the source is wished as one stream that holds its
// layers (SVC), in the scalability mode Mode, by the encoding that RIDs names. A
// source that is not offered in layers has no RIDs, and is named only with a Codec
// and when that is over.
type LayersWanted struct {
	Peer   PeerID
	Source Source
	RIDs   []string
	Codec  Codec
	Mode   string
}

// Paused says that a viewer's connection does not carry the video of a place any
// more, or that it does again. Sound goes on.
type Paused struct {
	Peer  PeerID // the viewer
	Place int
	On    bool
}

// Jammed says that what a peer sends stands in a long queue on its way to us, and how
// much arrives through it, or that the queue has gone. It comes again when clearly less
// arrives than was told, and the queue is no shorter.
type Jammed struct {
	Peer    PeerID // the publisher
	On      bool
	Bitrate int // bit/s, with all headers; 0 when not On
}

// Quality is how a peer's connection does, every two seconds while it is
// connected.
type Quality struct {
	Peer     PeerID
	Up, Down Path
}

// Path is one direction of a connection over the last two seconds: Up is from the
// participant to the server.
type Path struct {
	Loss     float64       // share of packets, 0…1, before repair
	RTT      time.Duration // of the whole round, 0 when not known
	Jitter   time.Duration
	Bitrate  int           // bit/s, with headers
	Estimate int           // bit/s that the path could carry, 0 when not known
	Silent   time.Duration // since the last packet of media or report
}

func (Connected) event()    {}
func (Disconnected) event() {}
func (Failed) event()       {}
func (Speaking) event()     {}
func (Loudest) event()      {}
func (LayersWanted) event() {}
func (Paused) event()       {}
func (Jammed) event()       {}
func (Quality) event()      {}
