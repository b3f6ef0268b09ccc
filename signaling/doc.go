// Package signaling speaks the Parley protocol with room pages: one WebSocket
// per session, from the first hello to the close frame. docs/protocol.md is
// what it keeps; signaling/wire is how messages look.
//
// It checks who somebody is (internal/token) and carries their wishes to the
// room and the room's news to them (internal/conference). It decides nothing
// about interviews and knows no media and no files. It is the one place that
// imports a WebSocket library.
//
// A socket has two goroutines. ServeHTTP's own one reads: it decodes, checks
// limits and calls the room, one message after the other. The other one writes
// everything, pings and the close frame included, from a bounded outbox, and
// ServeHTTP waits for it. News from rooms goes into the outbox and never waits
// for a network.
//
// Every socket that ends does so by one ending in its outbox: the first one
// counts, whatever came before it in the queue is still sent, and its reason is
// what logs, metrics and the client's close event say.
package signaling
