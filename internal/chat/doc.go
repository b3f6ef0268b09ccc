// Package chat handles what people write in a thread: it has every text judged
// by internal/guard under the thread's policy, keeps what is delivered, keeps
// what was found without the text it was found in, and tells of both.
//
// A Clerk does it for room and host app alike, so that both see one
// conversation in one order. Nothing is told before it is stored. Whether a
// thread is guarded is worked out anew for each text, from the contract and the
// exceptions; that the guard lifted by itself is told by a goroutine of the
// clerk's, which waits for the moment, and lets files fail in time. Another one deletes what was kept long
// enough. Close ends and waits for both.
//
// A file that somebody offers goes from their browser to the host app. The
// clerk judges its name, asks the host app for a place by an event, passes the
// answer on, and shows the link in the thread; no byte of it comes here.
//
// It knows no sockets, no HTTP and no SQL, and decides nothing about
// interviews.
package chat
