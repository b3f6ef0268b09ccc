package sfutest

import (
	"encoding/binary"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// repairTypes gives each retransmission the payload type that goes with what it
// repairs: Pion knows only that of a line's first codec.
type repairTypes struct{ interceptor.NoOp }

// NewInterceptor makes it its own factory: it knows nothing of connections.
func (r *repairTypes) NewInterceptor(string) (interceptor.Interceptor, error) { return r, nil }

// BindLocalStream remembers which packets went as another codec.
func (r *repairTypes) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	var mu sync.Mutex
	others := map[uint16]uint8{} // by sequence number
	ssrc, usual := info.SSRC, info.PayloadType
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		mu.Lock()
		switch {
		case h.SSRC == ssrc && h.PayloadType != usual:
			others[h.SequenceNumber] = h.PayloadType
		case h.SSRC == ssrc:
			delete(others, h.SequenceNumber)
		case len(payload) >= 2:
			if as, ok := others[binary.BigEndian.Uint16(payload)]; ok {
				h.PayloadType = as + 1
			}
		}
		mu.Unlock()
		return writer.Write(h, payload, a)
	})
}
