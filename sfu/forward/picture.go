package forward

import "encoding/binary"

// Picture is the numbers that a packet's codec gives its picture, and where they
// stand in the payload. They go on when another stream takes over.
type Picture struct {
	HasID    bool
	LongID   bool // 15 bits instead of 7
	HasTL0   bool
	HasFrame bool // it came with a dependency descriptor
	ID       uint16
	TL0      uint8
	Frame    uint16 // the descriptor's frame number

	idAt, tl0At uint8
}

// Rewrite puts the numbers of another picture into a payload that p was parsed
// from. The picture id keeps its width; what the payload does not have is not
// written.
func (p Picture) Rewrite(payload []byte, to Picture) {
	switch {
	case p.LongID:
		binary.BigEndian.PutUint16(payload[p.idAt:], to.ID|0x8000)
	case p.HasID:
		payload[p.idAt] = byte(to.ID & 0x7f)
	}
	if p.HasTL0 {
		payload[p.tl0At] = to.TL0
	}
}

// Picture is the numbers of the packet's picture.
func (v *VP8) Picture() Picture {
	return Picture{
		HasID: v.HasPictureID, LongID: v.LongPictureID, HasTL0: v.HasTL0,
		ID: v.PictureID, TL0: v.TL0, idAt: v.pictureIDAt, tl0At: v.tl0At,
	}
}

// Picture is the numbers of the packet's picture.
func (v *VP9) Picture() Picture {
	return Picture{
		HasID: v.HasPictureID, LongID: v.LongPictureID, HasTL0: v.HasTL0,
		ID: v.PictureID, TL0: v.TL0, idAt: v.pictureIDAt, tl0At: v.tl0At,
	}
}
