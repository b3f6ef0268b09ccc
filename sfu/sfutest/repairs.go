package sfutest

import (
	"bytes"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

// repairNames names the layer of every retransmission as repaired (RFC 8852 §3.2).
// Pion sends it under the name that the packet had, if it had one; browsers name
// retransmissions for longer than what they repair, because those are reported on,
// and the stream of retransmissions is not.
type repairNames struct{ interceptor.NoOp }

// NewInterceptor makes it its own factory: it knows nothing of connections.
func (n *repairNames) NewInterceptor(string) (interceptor.Interceptor, error) { return n, nil }

// BindLocalStream remembers by what names a stream's packets went, and puts them on
// its retransmissions.
func (n *repairNames) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	midID, rid, repaired := extension(info, sdp.SDESMidURI), extension(info, sdp.SDESRTPStreamIDURI), extension(info, sdp.SDESRepairRTPStreamIDURI)
	if repaired == 0 {
		return writer
	}
	ssrc := info.SSRC
	var names named
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		if h.SSRC == ssrc {
			names.learn(h.GetExtension(midID), h.GetExtension(rid))
			return writer.Write(h, payload, a)
		}
		mid, layer := names.get()
		if layer == nil {
			return writer.Write(h, payload, a)
		}
		copied := h.Clone()
		if copied.GetExtension(rid) != nil {
			if err := copied.DelExtension(rid); err != nil {
				return 0, err
			}
		}
		if err := copied.SetExtension(midID, mid); err != nil {
			return 0, err
		}
		if err := copied.SetExtension(repaired, layer); err != nil {
			return 0, err
		}
		return writer.Write(&copied, payload, a)
	})
}

// named is what a stream's packets were called. They are sent by one goroutine, and
// sent again by others.
type named struct {
	mu         sync.Mutex
	mid, layer []byte
}

func (n *named) learn(mid, layer []byte) {
	if layer == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !bytes.Equal(n.layer, layer) {
		n.mid, n.layer = bytes.Clone(mid), bytes.Clone(layer)
	}
}

func (n *named) get() (mid, layer []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.mid, n.layer
}
