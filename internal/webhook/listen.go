package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxReceived is the largest message a Listener reads.
const maxReceived = 1 << 20

// A Listener is a receiver for developers: it verifies each message and prints
// it. It is an http.Handler, and shows what one has to do: read the raw body,
// verify, answer quickly, and know doubles by their webhook-id.
type Listener struct {
	secret string

	mu   sync.Mutex
	out  io.Writer
	seen map[string]int
}

// NewListener returns a Listener that prints to out.
func NewListener(secret string, out io.Writer) (*Listener, error) {
	if err := CheckSecret(secret); err != nil {
		return nil, err
	}
	return &Listener{secret: secret, out: out, seen: make(map[string]int)}, nil
}

// ServeHTTP answers 204 to a message that is well signed, 400 to all else.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "send messages with POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReceived))
	if err == nil {
		err = Verify(l.secret, r.Header, body)
	}
	l.print(r.Header.Get("webhook-id"), body, err)
	if err != nil {
		http.Error(w, "not verified", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (l *Listener) print(id string, body []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().Format(time.TimeOnly)
	if err != nil {
		fmt.Fprintf(l.out, "%s  refused %q: %v\n", now, id, err)
		return
	}
	l.seen[id]++
	again := ""
	if n := l.seen[id]; n > 1 {
		again = fmt.Sprintf("  (received %d times)", n)
	}
	var head struct {
		Type string `json:"type"`
	}
	var text bytes.Buffer
	if json.Unmarshal(body, &head) != nil || json.Indent(&text, body, "", "  ") != nil {
		text.Reset()
		fmt.Fprintf(&text, "%q", body)
	}
	fmt.Fprintf(l.out, "%s  verified  %q  %q%s\n%s\n", now, head.Type, id, again, text.Bytes())
}
