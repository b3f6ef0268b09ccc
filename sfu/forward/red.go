package forward

// PrimaryOfRED returns the newest block of a redundant audio payload, the one that
// belongs to the packet's own timestamp (RFC 2198 §3). It reports false for a
// payload whose headers do not add up.
func PrimaryOfRED(payload []byte) ([]byte, bool) {
	copies, at := 0, 0
	for {
		if at >= len(payload) {
			return nil, false
		}
		if payload[at]&0x80 == 0 { // the last header, one byte: a payload type
			at++
			break
		}
		if at+4 > len(payload) {
			return nil, false
		}
		copies += int(payload[at+2]&0x03)<<8 | int(payload[at+3])
		at += 4
	}
	if at+copies > len(payload) {
		return nil, false
	}
	return payload[at+copies:], true
}
