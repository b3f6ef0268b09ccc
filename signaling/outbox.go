package signaling

import (
	"sync"

	"parley/signaling/wire"
)

// queueLimit is how many messages may wait for a client that reads slowly.
const queueLimit = 256

// item is one thing to write: a message, or the reply to a WebSocket ping.
type item struct {
	message wire.ServerMessage
	pong    []byte
}

// ending is how a socket ends. A code of zero means that nobody is there to
// be told, or that they have been told: no close frame is written.
type ending struct {
	code   int
	reason string
}

// outbox is what waits to be written to one socket. Nothing of it blocks. It is
// filled by the reader and by rooms, and emptied by the writer.
type outbox struct {
	ready chan struct{} // holds a token while there may be something to take

	mu    sync.Mutex
	queue []item
	held  bool // until release, the queue waits for the first message
	end   *ending
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put adds to the queue. A client whose queue is full is given up: what waits
// is thrown away, since it would arrive too late to be of use.
func (o *outbox) put(i item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end != nil {
		return
	}
	if len(o.queue) < queueLimit {
		o.queue = append(o.queue, i)
		o.wake()
		return
	}
	o.queue = nil
	o.finish(fatalEnding(wire.CodeSlow), fatalError(wire.CodeSlow))
}

// hold keeps back what is put until release.
func (o *outbox) hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = true
}

// release puts first in front of what was held back and lets all of it go.
func (o *outbox) release(first wire.ServerMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end != nil {
		return
	}
	o.queue = append([]item{{message: first}}, o.queue...)
	o.held = false
	o.wake()
}

// close ends the socket after the queue and the last messages are written. Only
// the first ending counts; close reports whether this one is it.
func (o *outbox) close(e ending, last ...wire.ServerMessage) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end != nil {
		return false
	}
	if o.held {
		o.queue = nil // news that made sense only after the welcome
	}
	o.finish(e, last...)
	return true
}

func (o *outbox) finish(e ending, last ...wire.ServerMessage) {
	for _, m := range last {
		o.queue = append(o.queue, item{message: m})
	}
	o.end, o.held = &e, false
	o.wake()
}

// ended returns the ending, or nil while the socket lives.
func (o *outbox) ended() *ending {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.end
}

// take empties the queue. When it returns an ending, nothing comes after it.
func (o *outbox) take() ([]item, *ending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held {
		return nil, nil
	}
	items := o.queue
	o.queue = nil
	return items, o.end
}

func (o *outbox) wake() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}
