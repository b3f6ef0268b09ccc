// Package turn is the relay: it carries the media of clients whose networks let
// nothing else through, over UDP, TCP and TLS (RFC 8656), to this server's media
// and nowhere else.
//
// Relayed packets stay inside the process. What a client sends comes out of its
// Carrier at the media plane, what the media plane sends to it goes into the
// client's transport; there are no relay ports, and no address but Media's can be
// reached. Config.Peers adds addresses of other nodes, through the kernel.
//
// The protocol is pion/turn's, and this package is its only door. Nothing reaches
// it that has not been checked: each message's shape, where it may go, who asks
// and how often (fence.go, and docs/decisions). Datagrams on bound channels, which
// are nearly all, do not pass through it at all.
//
// Its goroutines: one of pion's for each UDP port and each TCP connection, which
// reads requests, one of pion's for each allocation, and one that writes for each
// TCP connection. Close ends them.
//
// It knows neither rooms nor media: Config.Allowed says who may relay, Media where
// to.
package turn
