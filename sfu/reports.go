package sfu

import (
	"iter"

	"github.com/pion/rtcp"
)

// sendReceipts tells the publisher what arrived (RFC 3550 §6.4.2), of streams that were
// heard since the last time (§6.4): to tell the same of a source that is silent would have
// its publisher measure the round trip of its last report again and again.
func (t *transport) sendReceipts() {
	var blocks []rtcp.ReceptionReport
	since := t.shard.now.Add(-receiptEvery - tickEvery)
	for l := range t.layers() {
		if l.heardAt.Before(since) {
			continue
		}
		r, ok := l.receiver.Report()
		if !ok {
			continue
		}
		t.meter.received(r, l.track.rate)
		block := rtcp.ReceptionReport{
			SSRC: l.ssrc, FractionLost: r.FractionLost, TotalLost: r.TotalLost,
			LastSequenceNumber: r.Highest, Jitter: r.Jitter,
		}
		if l.report.ntp != 0 {
			block.LastSenderReport = uint32(l.report.ntp >> 16)
			block.Delay = uint32(t.shard.now.Sub(l.report.at).Microseconds() * 65536 / 1e6)
		}
		blocks = append(blocks, block)
	}
	if len(blocks) > 0 {
		t.sendRTCP(&rtcp.ReceiverReport{SSRC: t.ssrc, Reports: blocks}, rtcp.NewCNAMESourceDescription(t.ssrc, cname))
	}
}

// layers are those that a stream has been learnt for.
func (t *transport) layers() iter.Seq[*layer] {
	return func(yield func(*layer) bool) {
		for _, u := range t.up {
			for _, l := range u.layers {
				if l.ssrc != 0 && !yield(l) {
					return
				}
			}
		}
	}
}

// cname is the server's name as a receiver. A seat's is its stream's.
const cname = "parley"

func (t *transport) sendSeatReports() {
	for i := range t.seats {
		t.seats[i].report(t)
	}
	t.screen.report(t)
}

func (s seat) report(t *transport) {
	for _, d := range [...]*downTrack{s.audio, s.video} {
		if d == nil {
			continue
		}
		if sr := d.senderReport(); sr != nil {
			t.sendRTCP(sr, rtcp.NewCNAMESourceDescription(d.ssrc, d.cname))
		}
	}
}
