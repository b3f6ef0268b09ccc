package forward

import "encoding/binary"

// VP8 is what a forwarder needs of a VP8 payload (RFC 7741 §4.2, §4.3).
type VP8 struct {
	Start         bool // first packet of a frame
	Keyframe      bool // of a keyframe; known only where Start is set
	HasPictureID  bool
	LongPictureID bool // 15 bits instead of 7
	HasTL0        bool
	PictureID     uint16
	TL0           uint8
	Width, Height uint16 // of a keyframe's first packet, else 0

	pictureIDAt, tl0At uint8 // where they stand in the payload
}

// ParseVP8 reads the payload descriptor and, on a frame's first packet, the frame
// header. It reports false for a payload that is too short for what it announces.
func ParseVP8(payload []byte) (VP8, bool) {
	var v VP8
	if len(payload) < 2 {
		return v, false
	}
	at := 1
	v.Start = payload[0]&0x10 != 0 && payload[0]&0x07 == 0
	if payload[0]&0x80 != 0 {
		flags := payload[1]
		at = 2
		if flags&0x80 != 0 {
			if len(payload) <= at {
				return v, false
			}
			v.HasPictureID, v.pictureIDAt = true, uint8(at)
			v.PictureID = uint16(payload[at] & 0x7f)
			if payload[at]&0x80 != 0 {
				if len(payload) < at+2 {
					return v, false
				}
				v.LongPictureID = true
				v.PictureID = binary.BigEndian.Uint16(payload[at:]) & 0x7fff
				at++
			}
			at++
		}
		if flags&0x40 != 0 {
			if len(payload) <= at {
				return v, false
			}
			v.HasTL0, v.tl0At, v.TL0 = true, uint8(at), payload[at]
			at++
		}
		if flags&0x30 != 0 {
			at++
		}
	}
	if len(payload) <= at {
		return v, false
	}
	if v.Start && payload[at]&1 == 0 {
		v.Keyframe = true
		if len(payload) >= at+10 {
			v.Width = binary.LittleEndian.Uint16(payload[at+6:]) & 0x3fff
			v.Height = binary.LittleEndian.Uint16(payload[at+8:]) & 0x3fff
		}
	}
	return v, true
}
