package socket

import (
	"net"
	"net/netip"
)

// Dest is where the packets of one viewer go. It holds the address in the form
// the system wants, so that the packet path looks nothing up and builds
// nothing, and the state by which Flush groups packets into trains. It is not
// safe for concurrent use.
type Dest struct {
	addr    netip.AddrPort
	udp     *net.UDPAddr // for the portable implementation
	batch   destBatch    // for the batch implementation
	virtual bool         // for Virtual
	peer    *VirtualPeer // nil if nobody has the address
}

// Addr is the address, unmapped.
func (d *Dest) Addr() netip.AddrPort { return d.addr }
