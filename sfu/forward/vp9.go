package forward

// VP9 is what a forwarder needs of a VP9 payload descriptor (RFC 9628 §4.2).
type VP9 struct {
	Start, End    bool // first and last packet of a frame: of one spatial layer of a picture
	Inter         bool // refers to pictures before (P)
	HasPictureID  bool
	LongPictureID bool // 15 bits instead of 7
	HasLayer      bool
	HasTL0        bool // not in flexible mode
	SwitchUp      bool // U: whoever has had the layers below can go on with this one
	InterLayer    bool // D: refers to the spatial layer below in the same picture
	NotReferred   bool // Z: no higher spatial layer of the picture refers to it
	PictureID     uint16
	TL0           uint8
	Layer         Layer
	Spatial       uint8          // layers, 0 where the descriptor has no scalability structure
	Sizes         [maxSizes]Size // of them, where the structure tells

	pictureIDAt, tl0At uint8
}

// maxSizes is how many spatial layers a scalability structure may have.
const maxSizes = 8

// Keyframe reports whether a decoder can begin with this packet.
func (v *VP9) Keyframe() bool { return v.Start && !v.Inter && v.Layer.Spatial == 0 }

// ParseVP9 reads the payload descriptor. It reports false for a payload that is
// too short for what it announces.
func ParseVP9(b []byte) (v VP9, ok bool) {
	r := reader{b: b}
	flags := r.byte()
	v.Inter, v.Start, v.End, v.NotReferred = flags&0x40 != 0, flags&0x08 != 0, flags&0x04 != 0, flags&0x01 != 0
	flexible := flags&0x10 != 0
	if flags&0x80 != 0 {
		v.HasPictureID, v.pictureIDAt = true, uint8(r.at)
		v.PictureID = uint16(r.byte())
		if v.PictureID&0x80 != 0 {
			v.LongPictureID = true
			v.PictureID = v.PictureID&0x7f<<8 | uint16(r.byte())
		}
	}
	if flags&0x20 != 0 {
		layer := r.byte()
		v.HasLayer = true
		v.Layer = Layer{Spatial: layer >> 1 & 7, Temporal: layer >> 5}
		v.SwitchUp, v.InterLayer = layer&0x10 != 0, layer&1 != 0
		if !flexible {
			v.HasTL0, v.tl0At = true, uint8(r.at)
			v.TL0 = r.byte()
		}
	}
	if flexible && v.Inter {
		const most = 3 // references
		for n, more := 0, true; more; n++ {
			if n == most {
				return v, false
			}
			more = r.byte()&1 != 0
		}
	}
	if flags&0x02 != 0 {
		v.structure(&r)
	}
	return v, !r.short && r.at < len(b)
}

// structure reads the scalability structure (RFC 9628 §4.2.1).
func (v *VP9) structure(r *reader) {
	head := r.byte()
	v.Spatial = head>>5 + 1
	if head&0x10 != 0 {
		for i := range v.Spatial {
			v.Sizes[i] = Size{r.uint16(), r.uint16()}
		}
	}
	if head&0x08 == 0 {
		return
	}
	for range r.byte() {
		r.at += int(r.byte() >> 2 & 3)
	}
	r.short = r.short || r.at > len(r.b)
}

// reader reads bytes from the front. Past the end it reads zeros and says so in
// short.
type reader struct {
	b     []byte
	at    int
	short bool
}

func (r *reader) byte() byte {
	if r.at >= len(r.b) {
		r.short = true
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *reader) uint16() uint16 { return uint16(r.byte())<<8 | uint16(r.byte()) }
