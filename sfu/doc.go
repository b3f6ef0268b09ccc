// Package sfu forwards media between the peers of a room.
//
// It owns PeerConnections, sockets, RTP and RTCP. It knows nothing of users,
// rights, rooms' rules, HTTP or files: its owner says who may publish what (Open)
// and who is shown where (Show), and hears what happens as Events.
//
// # The packet's road
//
// A shard is one UDP socket and one goroutine; a room lives on one shard, so its
// packets never meet a lock, a channel or another goroutine.
//
//	socket ── batch ──▶ shard.receive: by first byte
//	                      │ STUN, DTLS ─▶ control ─▶ Pion (ICE, DTLS), off the shard
//	                      ▼ SRTP
//	                    transport.receive: which stream, decrypt in place
//	                      ▼
//	                    layer.packet: new, late or twice? ask for gaps, keep it
//	                      ▼ for each seat that is sent this layer, and each tap
//	                    downTrack.forward: splice, renumber, write into the slab,
//	                      │                encrypt in place; or wait in the viewer's
//	                      │                pacer, until shard.release
//	                      ▼ at the end of the batch
//	                    socket.Flush: one sendmmsg, trains to one viewer by GSO
//
// Pion does ICE, DTLS and SDP. The keys are taken from the handshake (keyLog) and
// from then on Pion never sees a media packet: nothing may be written through a
// PeerConnection, because two SRTP contexts that send one SSRC would use a nonce
// twice.
//
// # Negotiation
//
// Only the client offers: its sources and a number of seats, which are
// recvonly pairs of lines. From then on people come, go and change places without
// another word of SDP: a seat is one fixed SSRC and one fixed line from RTP time
// to the server's clock, and whoever sits there is fitted to it. A later offer
// adds seats or restarts ICE, and takes nothing back.
//
// # Goroutines
//
// One per shard. Pion's, about a dozen per peer, sleep once a connection stands.
// Events are delivered by the shard's goroutine.
package sfu
