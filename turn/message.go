package turn

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 8489's MESSAGE-INTEGRITY is made with it
	"encoding/binary"
	"net/netip"
)

// STUN's shape (RFC 8489 §5) and TURN's numbers (RFC 8656 §17, §18).
const (
	headerSize  = 20
	magicCookie = 0x2112A442
	maxMessage  = 1500 // of a message, and of a channel's data
	maxAttrs    = 32

	binding          = 0x0001
	allocate         = 0x0003
	refresh          = 0x0004
	send             = 0x0006
	createPermission = 0x0008
	channelBind      = 0x0009

	classIndication = 0x0010
	classSuccess    = 0x0100
	classError      = 0x0110
	classMask       = 0x0110

	attrUsername        = 0x0006
	attrIntegrity       = 0x0008
	attrErrorCode       = 0x0009
	attrChannel         = 0x000C
	attrLifetime        = 0x000D
	attrPeer            = 0x0012
	attrData            = 0x0013
	attrRealm           = 0x0014
	attrNonce           = 0x0015
	attrRequestedFamily = 0x0017
	attrEvenPort        = 0x0018
	attrTransport       = 0x0019
	attrReservation     = 0x0022

	protocolUDP = 17
	familyIPv4  = 1
	familyIPv6  = 2
	firstChan   = 0x4000
	lastChan    = 0x7FFF
)

// message is a STUN message whose shape has been checked: pion/turn reads it
// without harm. It lies in the datagram that it was parsed from.
type message struct {
	raw         []byte
	kind        uint16 // method and class
	transaction [12]byte

	username, realm, nonce []byte
	integrity              int // where MESSAGE-INTEGRITY begins; 0 if there is none
	channel                uint16
	lifetime               uint32
	hasLifetime            bool
	transport              byte // protocol number of REQUESTED-TRANSPORT; 0 if there is none
	family                 byte // of REQUESTED-ADDRESS-FAMILY; 0 if there is none
	peers                  []netip.AddrPort
	hasData                bool
	evenPort, reservation  bool
}

func (m *message) method() uint16     { return m.kind &^ classMask }
func (m *message) isIndication() bool { return m.kind&classMask == classIndication }

// parse checks p from end to end. It accepts requests and Send indications of the
// methods that the relay has, and nothing that is longer, shorter or other than it
// says.
func (m *message) parse(p []byte) bool {
	*m = message{raw: p, peers: m.peers[:0]}
	if len(p) < headerSize || len(p) > maxMessage || len(p)%4 != 0 ||
		int(binary.BigEndian.Uint16(p[2:])) != len(p)-headerSize ||
		binary.BigEndian.Uint32(p[4:]) != magicCookie {
		return false
	}
	m.kind = binary.BigEndian.Uint16(p)
	switch m.kind {
	case binding, allocate, refresh, createPermission, channelBind, send | classIndication:
	default:
		return false
	}
	copy(m.transaction[:], p[8:])
	n := 0
	for at := headerSize; at < len(p); n++ {
		if n == maxAttrs || len(p)-at < 4 {
			return false
		}
		kind, size := binary.BigEndian.Uint16(p[at:]), int(binary.BigEndian.Uint16(p[at+2:]))
		padded := (size + 3) &^ 3
		if len(p)-at-4 < padded || !m.attribute(kind, p[at+4:at+4+size], at) {
			return false
		}
		at += 4 + padded
	}
	return m.kind != send|classIndication || len(m.peers) == 1 && m.hasData
}

// attribute takes in one attribute, and reports whether it has its shape. What
// follows MESSAGE-INTEGRITY is not signed: nothing there is believed, and what
// this relay acts on may not be there (RFC 8489 §14.5).
func (m *message) attribute(kind uint16, v []byte, at int) bool {
	signed := m.integrity == 0
	once := func(field *[]byte, most int) bool {
		fresh := *field == nil && len(v) > 0 && len(v) <= most
		*field = v
		return fresh && signed
	}
	switch kind {
	case attrUsername:
		return once(&m.username, 512)
	case attrRealm:
		return once(&m.realm, 127)
	case attrNonce:
		return once(&m.nonce, 127)
	case attrIntegrity:
		m.integrity = at
		return signed && len(v) == sha1.Size
	case attrChannel:
		fresh := m.channel == 0 && signed && len(v) == 4
		if fresh {
			m.channel = binary.BigEndian.Uint16(v)
		}
		return fresh
	case attrLifetime:
		fresh := !m.hasLifetime && signed && len(v) == 4
		if fresh {
			m.lifetime, m.hasLifetime = binary.BigEndian.Uint32(v), true
		}
		return fresh
	case attrTransport:
		if len(v) != 4 || !signed || m.transport != 0 {
			return false
		}
		m.transport = v[0]
	case attrRequestedFamily:
		if len(v) != 4 || !signed || m.family != 0 {
			return false
		}
		m.family = v[0]
	case attrPeer:
		return signed && m.peer(v)
	case attrData:
		fresh := !m.hasData && signed
		m.hasData = true
		return fresh
	case attrEvenPort:
		m.evenPort = true
		return len(v) == 1
	case attrReservation:
		m.reservation = true
		return len(v) == 8
	}
	return true
}

// peer reads an XOR-PEER-ADDRESS, of exactly the size that its family has.
func (m *message) peer(v []byte) bool {
	var key [16]byte
	copy(key[:], m.raw[4:headerSize])
	switch {
	case len(v) == 8 && v[0] == 0 && v[1] == familyIPv4:
		var a [4]byte
		for i := range a {
			a[i] = v[4+i] ^ key[i]
		}
		m.peers = append(m.peers, netip.AddrPortFrom(netip.AddrFrom4(a), peerPort(v)))
	case len(v) == 20 && v[0] == 0 && v[1] == familyIPv6:
		for i := range key {
			key[i] ^= v[4+i]
		}
		m.peers = append(m.peers, netip.AddrPortFrom(netip.AddrFrom16(key), peerPort(v)))
	default:
		return false
	}
	return true
}

func peerPort(v []byte) uint16 { return binary.BigEndian.Uint16(v[2:]) ^ magicCookie>>16 }

// isSigned checks MESSAGE-INTEGRITY, in constant time.
func (m *message) isSigned(key []byte) bool {
	if m.integrity == 0 {
		return false
	}
	want := integrity(m.raw[:m.integrity], key)
	return hmac.Equal(want, m.raw[m.integrity+4:m.integrity+4+sha1.Size])
}

// integrity signs a message that ends where MESSAGE-INTEGRITY begins. The length
// that is signed counts it (RFC 8489 §14.5).
func integrity(p, key []byte) []byte {
	var length [2]byte
	binary.BigEndian.PutUint16(length[:], uint16(len(p)-headerSize+4+sha1.Size))
	mac := hmac.New(sha1.New, key)
	mac.Write(p[:2])
	mac.Write(length[:])
	mac.Write(p[4:])
	return mac.Sum(nil)
}

// Error codes of answers (RFC 8656 §19), with what they say.
var reasons = map[int]string{
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 437: "Allocation Mismatch",
	440: "Address Family not Supported", 441: "Wrong Credentials", 442: "Unsupported Transport Protocol",
	443: "Peer Address Family Mismatch", 486: "Allocation Quota Reached", 508: "Insufficient Capacity",
}

// answer begins an answer to m.
func (m *message) answer(class uint16) []byte {
	p := make([]byte, 8, 160)
	binary.BigEndian.PutUint16(p, m.method()|class)
	binary.BigEndian.PutUint32(p[4:], magicCookie)
	return append(p, m.transaction[:]...)
}

// refusal is the answer that refuses m. The key signs it, if there is one.
func (m *message) refusal(code int, key []byte) []byte {
	p := appendAttr(m.answer(classError), attrErrorCode,
		append([]byte{0, 0, byte(code / 100), byte(code % 100)}, reasons[code]...))
	if code == 401 { // with what the client has to sign with; the nonce is still good
		p = appendAttr(p, attrNonce, m.nonce)
		p = appendAttr(p, attrRealm, m.realm)
	}
	return sealed(p, key)
}

// ended is the answer to a Refresh that ends an allocation.
func (m *message) ended(key []byte) []byte {
	return sealed(appendAttr(m.answer(classSuccess), attrLifetime, make([]byte, 4)), key)
}

func appendAttr(p []byte, kind uint16, v []byte) []byte {
	p = binary.BigEndian.AppendUint16(p, kind)
	p = binary.BigEndian.AppendUint16(p, uint16(len(v)))
	p = append(p, v...)
	return append(p, make([]byte, -len(v)&3)...)
}

// sealed signs an answer, if there is a key, and writes its length.
func sealed(p, key []byte) []byte {
	if key != nil {
		p = appendAttr(p, attrIntegrity, integrity(p, key))
	}
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)-headerSize))
	return p
}

// lifetimeOf reads LIFETIME from an answer that pion/turn made.
func lifetimeOf(p []byte) uint32 {
	for at := headerSize; at+8 <= len(p); {
		size := int(binary.BigEndian.Uint16(p[at+2:]))
		if binary.BigEndian.Uint16(p[at:]) == attrLifetime && size == 4 {
			return binary.BigEndian.Uint32(p[at+4:])
		}
		at += 4 + (size+3)&^3
	}
	return 0
}

// isChannelData reports whether p begins as ChannelData, for one of the channels
// that pion/turn knows (RFC 5766 §11).
func isChannelData(p []byte) bool { return len(p) >= 4 && p[0]>>6 == 1 }

// channelData takes ChannelData apart. Over UDP it may be padded, or not (RFC 8656
// §12.5).
func channelData(p []byte) (number uint16, data []byte, ok bool) {
	if !isChannelData(p) {
		return 0, nil, false
	}
	size := int(binary.BigEndian.Uint16(p[2:]))
	if size > maxMessage || len(p)-4 < size || len(p)-4 > (size+3)&^3 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint16(p), p[4 : 4+size], true
}
