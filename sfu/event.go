package sfu

// Event is news from a room's media, delivered in order and never by two
// goroutines at once. It is one of Connected, Disconnected, Failed, Speaking and
// Loudest.
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

func (Connected) event()    {}
func (Disconnected) event() {}
func (Failed) event()       {}
func (Speaking) event()     {}
func (Loudest) event()      {}
