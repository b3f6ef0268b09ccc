// Command relay runs a relay with faults for tests that are not in Go. It is
// spoken to in JSON, one object a line: first {"listen":"127.0.0.1:0",
// "server":"127.0.0.1:3478"}, which it answers with its address; then any of
//
//	{"set":{"delay_ms":20,"jitter_ms":0,"reorder":false,"loss":0.05,"burst":0,"rate":0,"queue_ms":0}}
//	{"set_up":{…}} {"set_down":{…}}
//	{"blackout_ms":1000} {"block":true} {"rebind":true} {"strand":true} {"stats":true}
//
// each answered with the counts so far, and the longest wait in the queues since
// the last "stats". It ends with its input.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"parley/internal/impair"
	"parley/sfu/sfutest/link"
)

// path is a link.Path in JSON.
type path struct {
	DelayMS  int     `json:"delay_ms"`
	JitterMS int     `json:"jitter_ms"`
	Reorder  bool    `json:"reorder"`
	Loss     float64 `json:"loss"`
	Burst    float64 `json:"burst"`
	Rate     int     `json:"rate"`
	QueueMS  int     `json:"queue_ms"`
}

func (p path) link() link.Path {
	return link.Path{
		Delay: ms(p.DelayMS), Jitter: ms(p.JitterMS), Reorder: p.Reorder,
		Loss: p.Loss, Burst: p.Burst, Rate: p.Rate, Queue: ms(p.QueueMS),
	}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// start is the first line, and its answer.
type start struct {
	Listen netip.AddrPort `json:"listen"`
	Server netip.AddrPort `json:"server"`
	Seed   uint64         `json:"seed"`
}

// command is any later line.
type command struct {
	Set        *path `json:"set"`
	SetUp      *path `json:"set_up"`
	SetDown    *path `json:"set_down"`
	BlackoutMS int   `json:"blackout_ms"`
	Block      *bool `json:"block"`
	Rebind     bool  `json:"rebind"`
	Strand     bool  `json:"strand"`
	Stats      bool  `json:"stats"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	read, write := json.NewDecoder(in), json.NewEncoder(out)
	read.DisallowUnknownFields()
	var s start
	if err := read.Decode(&s); err != nil {
		return fmt.Errorf("read where to listen: %w", err)
	}
	r, err := impair.Listen(impair.Config{Listen: s.Listen, Server: s.Server, Seed: s.Seed})
	if err != nil {
		return err
	}
	s.Listen = r.Addr()
	err = write.Encode(s)
	for err == nil {
		var c command
		if err = read.Decode(&c); err == nil {
			obey(r, c)
			up, down := r.Links()
			err = write.Encode(map[string]link.Stats{"up": up.Stats(), "down": down.Stats()})
			if c.Stats {
				up.ResetQueue()
				down.ResetQueue()
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, r.Close())
}

func obey(r *impair.Relay, c command) {
	up, down := r.Links()
	for _, p := range []*path{c.Set, c.SetUp} {
		if p != nil {
			up.Set(p.link())
		}
	}
	for _, p := range []*path{c.Set, c.SetDown} {
		if p != nil {
			down.Set(p.link())
		}
	}
	if c.BlackoutMS > 0 {
		r.Blackout(ms(c.BlackoutMS))
	}
	if c.Block != nil {
		r.Block(*c.Block)
	}
	if c.Rebind {
		r.Rebind()
	}
	if c.Strand {
		r.Strand()
	}
}
