// Package conference carries interviews out: it holds the room of every open
// interview, turns what the domain decides into media, and what happens to
// people and media into calls of the domain.
//
// A room is an actor. One goroutine owns everything a room knows; whoever wants
// something of it puts a message into its mailbox, which never blocks, and waits
// for the reply with its own context. News leaves a room as [Notice] values, in
// order, through the function each session was attached with.
//
// Nothing is told before it is stored: a domain call is made on a copy of the
// interview, the copy is saved, and only then does it become the room's state
// and are sessions and watchers told. When saving fails nothing has happened.
//
// The package knows no sockets, no HTTP and no SQL. Rules about who may do what
// live in internal/interview, packets in sfu. Every goroutine is started and
// waited for by [Rooms]: one per open interview.
package conference
