package bwe

import (
	"encoding/hex"
	"io"
	"strconv"
	"time"
)

// traceHead begins a trace. Each of its lines is a letter and decimal numbers: first the
// microseconds since the line before, then what the letter says.
//
//	s wait seq size      a packet was sent
//	f wait hex           a report came, its body
//	p wait               a probe was asked for
//	r wait microseconds  the round trip was told
//	w wait bit/s         what would be sent was told
//	m wait bit/s         the viewer's own estimate came
//	a wait seq           a packet was sent again
//	t wait seq           a packet was sent twice
//	k wait bit/s         the path carries so much from now on, as who made the path says
const traceHead = "parley trace 1\n"

// tracer writes down what an Estimator is told. The zero tracer writes nothing.
type tracer struct {
	w    io.Writer
	last time.Duration
	line []byte
}

// Trace has all that the Estimator is told from now on written to w, a line at a time,
// by the goroutine that owns it. Told the same again, another comes to the same. It is
// called before anything else; the first error of w ends the trace.
func (e *Estimator) Trace(w io.Writer) {
	e.tracer = tracer{w: w}
	e.tracer.write([]byte(traceHead))
}

// note writes a line of numbers, at a time since the Estimator's beginning.
func (r *tracer) note(letter byte, t time.Duration, values ...int) {
	if r.w == nil {
		return
	}
	r.begin(letter, t)
	for _, v := range values {
		r.line = strconv.AppendInt(append(r.line, ' '), int64(v), 10)
	}
	r.write(append(r.line, '\n'))
}

func (r *tracer) report(t time.Duration, fci []byte) {
	if r.w == nil {
		return
	}
	r.begin('f', t)
	r.line = hex.AppendEncode(append(r.line, ' '), fci)
	r.write(append(r.line, '\n'))
}

func (r *tracer) begin(letter byte, t time.Duration) {
	t = t.Truncate(time.Microsecond)
	r.line = append(r.line[:0], letter, ' ')
	r.line = strconv.AppendInt(r.line, (t - r.last).Microseconds(), 10)
	r.last = t
}

func (r *tracer) write(b []byte) {
	if _, err := r.w.Write(b); err != nil {
		r.w = nil
	}
}
