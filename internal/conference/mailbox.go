package conference

import "sync"

// mailbox is an unbounded queue with one reader. Putting never blocks, so that
// packets, sockets and other rooms never wait for a room. What fills it is
// bounded at the doors: message rates in signaling, event rates in sfu.
type mailbox struct {
	ready chan struct{} // holds a token while letters may be waiting

	mu      sync.Mutex
	letters []any
	closed  error // why letters are no longer taken; nil while open
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put adds a letter, or returns what close was called with.
func (m *mailbox) put(letter any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed != nil {
		return m.closed
	}
	m.letters = append(m.letters, letter)
	select {
	case m.ready <- struct{}{}:
	default:
	}
	return nil
}

// take removes and returns all letters, oldest first.
func (m *mailbox) take() []any {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.letters
	m.letters = nil
	return letters
}

// close throws the letters away and makes put return reason from now on.
func (m *mailbox) close(reason error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.letters = reason, nil
}
