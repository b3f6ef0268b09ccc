package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"parley/internal/interview"
)

// Limits of the event stream.
const (
	maxStreams       = 64 // in all
	maxStreamsPerKey = 16
	streamQueue      = 256 // events a stream may be behind before it is closed
	streamKeepAlive  = 15 * time.Second
	streamWrite      = 10 * time.Second // how long one write may take
)

// hub hands every event to every open stream. Publishing never blocks: a stream
// that is too far behind is closed, and its host app reads anew.
type hub struct {
	idle chan struct{} // closed when the hub is, and the last stream was given back

	mu      sync.Mutex
	streams map[*stream]struct{} // those that still get events
	open    int                  // requests that have not called leave
	closed  bool
}

func newHub() *hub {
	return &hub{idle: make(chan struct{}), streams: make(map[*stream]struct{})}
}

// stream is one open event stream. events is closed by the hub.
type stream struct {
	key    string
	events chan happening
}

// happening is one thing to tell: an event of an interview, or the text of one
// that says all there is to say.
type happening struct {
	event interview.Event
	text  []byte
}

// subscribe opens a stream. The caller calls leave when it is done with it.
func (h *hub) subscribe(key string) (*stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, problem(CodeGoingAway, "The server is shutting down. Try again shortly.")
	}
	mine := 0
	for other := range h.streams {
		if other.key == key {
			mine++
		}
	}
	if mine >= maxStreamsPerKey || len(h.streams) >= maxStreams {
		return nil, problem(CodeTooManyStreams, "Too many event streams are open. Close one that is not needed.")
	}
	st := &stream{key: key, events: make(chan happening, streamQueue)}
	h.streams[st] = struct{}{}
	h.open++
	return st, nil
}

// leave gives a stream back.
func (h *hub) leave(st *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(st)
	h.open--
	if h.closed && h.open == 0 {
		close(h.idle)
	}
}

// drop closes a stream's channel, once. h.mu is held.
func (h *hub) drop(st *stream) {
	if _, ok := h.streams[st]; ok {
		delete(h.streams, st)
		close(st.events)
	}
}

// publish hands an event to every stream. It is called from the rooms'
// goroutines.
func (h *hub) publish(ev interview.Event) { h.tell(happening{event: ev}) }

func (h *hub) tell(ev happening) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for st := range h.streams {
		select {
		case st.events <- ev:
		default:
			h.drop(st)
		}
	}
}

// close ends every stream and waits for the requests behind them.
func (h *hub) close(ctx context.Context) error {
	h.mu.Lock()
	if !h.closed && h.open == 0 {
		close(h.idle)
	}
	h.closed = true
	for st := range h.streams {
		h.drop(st)
	}
	h.mu.Unlock()

	select {
	case <-h.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close event streams: %w", ctx.Err())
	}
}

// streamEvents is GET /v1/events.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request) error {
	st, err := s.hub.subscribe(keyID(r.Context()))
	if err != nil {
		return err
	}
	defer s.hub.leave(st)

	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that buffers would hold events back
	w.WriteHeader(http.StatusOK)
	_ = out.control.SetReadDeadline(time.Time{}) // the server's own is for reading requests
	out.write([]byte("retry: 1000\n\n"))

	tick := time.NewTicker(streamKeepAlive)
	defer tick.Stop()
	for out.err == nil {
		select {
		case <-r.Context().Done():
			return nil
		case <-tick.C:
			out.write([]byte(": keep-alive\n\n"))
		case ev, open := <-st.events:
			if !open {
				return nil
			}
			text, err := ev.text, error(nil)
			if text == nil {
				text, err = s.eventText(r.Context(), ev.event)
			}
			if err != nil {
				s.cfg.Logger.Error("event stream ended", "request", requestID(r.Context()), "interview", ev.event.Interview, "err", err)
				return nil
			}
			out.write(text)
		}
	}
	s.cfg.Logger.Debug("event stream lost", "request", requestID(r.Context()), "err", out.err)
	return nil
}

// eventText is one event as it goes over the wire.
func (s *Server) eventText(ctx context.Context, ev interview.Event) ([]byte, error) {
	body, err := s.eventBody(ctx, ev)
	if err != nil {
		return nil, err
	}
	return streamText(body)
}

// streamText is an event as the stream has it.
func streamText(body Event) ([]byte, error) {
	data, err := encodeMessage(body)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", body.Type, data), nil // JSON holds no line break itself
}

// eventBody reads what an event is about as it is now.
func (s *Server) eventBody(ctx context.Context, ev interview.Event) (Event, error) {
	out := eventJSON(ev)
	if ev.Interview != "" {
		iv, err := s.cfg.Rooms.Interview(ctx, ev.Interview)
		if err != nil {
			return out, fmt.Errorf("read the event's interview: %w", err)
		}
		out.Data.Interview = new(interviewJSON(iv))
	} else if ev.Proposal == nil {
		t, err := s.cfg.Store.Thread(ctx, ev.Thread)
		if err != nil {
			return out, fmt.Errorf("read the event's thread: %w", err)
		}
		out.Data.Context = threadJSON(t).Context
	}
	return out, nil
}

// eventJSON is an event without the interview or thread it is about.
func eventJSON(ev interview.Event) Event {
	out := Event{
		Type: string(ev.Kind), Timestamp: utc(ev.At),
		Data: EventData{
			Cause: string(ev.Cause), Reason: ev.Reason, Was: utc(ev.Was), AheadMin: minutes(ev.Ahead), From: ev.From, To: ev.To,
		},
	}
	if ev.Interview == "" {
		out.Data.Thread = string(ev.Thread)
	}
	if ev.Proposal != nil {
		out.Data.Proposal = new(proposalJSON(*ev.Proposal, ev.At))
	}
	if ev.Participant.ID != "" {
		out.Data.Participant = new(participantJSON(ev.Participant))
	}
	out.Data.Recording = string(ev.Recording)
	if ev.Kind == interview.EventConsentChanged {
		answer := answerJSON(ev.Consent)
		out.Data.Consent = &answer
	}
	return out
}

// eventWriter writes to a stream with a deadline for each write, and remembers
// the first error.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (o *eventWriter) write(text []byte) {
	_ = o.control.SetWriteDeadline(time.Now().Add(streamWrite))
	if _, o.err = o.w.Write(text); o.err == nil {
		o.err = o.control.Flush()
	}
}
