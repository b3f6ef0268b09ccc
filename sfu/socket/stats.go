package socket

import "sync/atomic"

// Stats counts what a Conn has done since it was opened.
type Stats struct {
	DatagramsIn  uint64
	BytesIn      uint64
	Batches      uint64 // calls that received at least one datagram
	Truncated    uint64 // received datagrams longer than MTU, dropped
	DatagramsOut uint64
	BytesOut     uint64
	SendCalls    uint64 // system calls (or writes) that sent
	Trains       uint64 // groups of datagrams sent as one by segmentation offload
	Drops        uint64 // datagrams not sent: kernel buffer full, no route, bad address
}

// counters are the Stats of a Conn in the making.
type counters struct {
	datagramsIn, bytesIn, batches, truncated         atomic.Uint64
	datagramsOut, bytesOut, sendCalls, trains, drops atomic.Uint64
}

func (c *counters) stats() Stats {
	return Stats{
		DatagramsIn:  c.datagramsIn.Load(),
		BytesIn:      c.bytesIn.Load(),
		Batches:      c.batches.Load(),
		Truncated:    c.truncated.Load(),
		DatagramsOut: c.datagramsOut.Load(),
		BytesOut:     c.bytesOut.Load(),
		SendCalls:    c.sendCalls.Load(),
		Trains:       c.trains.Load(),
		Drops:        c.drops.Load(),
	}
}

func (c *counters) received(datagrams, bytes int) {
	c.batches.Add(1)
	c.datagramsIn.Add(uint64(datagrams))
	c.bytesIn.Add(uint64(bytes))
}

func (c *counters) sent(datagrams, bytes int) {
	c.datagramsOut.Add(uint64(datagrams))
	c.bytesOut.Add(uint64(bytes))
}
