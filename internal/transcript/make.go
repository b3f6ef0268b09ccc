package transcript

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"parley/recorder/render"
)

// Maker puts sound into writing: FFmpeg makes samples of it, Service hears them.
type Maker struct {
	Service *Service
	FFmpeg  *render.FFmpeg
}

// Progress is how far one file has got. A Write that failed is gone on with from
// there: nothing is sent twice that was answered. The zero value is the beginning.
type Progress struct {
	Lines []Line
	heard int64 // samples
}

// ErrTakenBack says that somebody may not be put into writing any more.
var ErrTakenBack = errors.New("the agreement to be put into writing was taken back")

// Write writes down what somebody says in a file, which it reads from in, from
// its beginning. may is asked before anything is sent: its error, such as
// ErrTakenBack, ends it. The error is an *Error when it is the service's.
func (m *Maker) Write(ctx context.Context, in io.Reader, speaker string, s Sound, p *Progress, may func() error) error {
	c := cutter{}
	skip := max(p.heard, (s.FromMS-s.StartMS)*Rate/1000)
	c.at = skip
	send := func(next piece) error {
		if err := may(); err != nil {
			return err
		}
		lines, err := m.Service.hear(ctx, next)
		if err != nil {
			return err
		}
		begin := s.StartMS + next.at*1000/Rate
		for _, l := range lines {
			p.Lines = append(p.Lines, Line{speaker, begin + l.from.Milliseconds(), begin + l.to.Milliseconds(), l.text})
		}
		p.heard = next.end()
		return nil
	}
	err := m.FFmpeg.Speech(ctx, in, Rate, func(out io.Reader) error {
		if _, err := io.CopyN(io.Discard, out, 2*skip); err != nil {
			return ended(err)
		}
		samples := make([]int16, frame)
		raw := make([]byte, 2*frame)
		for {
			n, err := io.ReadFull(out, raw)
			if n < 2 {
				return ended(err)
			}
			for i := range n / 2 {
				samples[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
			}
			if next, ok := c.put(samples[:n/2]); ok {
				if err := send(next); err != nil {
					return err
				}
			}
		}
	})
	if err != nil {
		return err
	}
	if next, ok := c.last(); ok {
		return send(next)
	}
	return nil
}

// ended is an error unless sound has merely ended.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
