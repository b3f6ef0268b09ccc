package forward

// kept is how many frames back a Selection knows what it passed on.
const kept = 256

// Selection chooses, for one viewer, which frames of an SVC stream are passed on,
// by their dependency descriptors. What it passes on can be decoded: a frame goes
// through only if nothing that it refers to was held back. A frame that has not
// come may come yet, by retransmission, and is taken for passed on until it does.
// The zero value passes nothing until a keyframe.
type Selection struct {
	want   Layer
	target int
	begun  bool
	newest uint16
	passed [kept / 64]uint64 // by frame number: passed on
	came   [kept / 64]uint64 // and: decided at all
	at     [kept]uint8       // and: the target when it was its turn
}

// Want sets the layer to be reached: down as soon as the structure allows, up at
// the next frame from which the higher one can go on.
func (c *Selection) Want(l Layer) { c.want = l }

// NeedsKeyframe reports whether the stream has to begin anew for the layer that is
// wanted: nothing has been passed on yet, or it is another size, which encoders
// build on pictures that the viewer has not had.
func (c *Selection) NeedsKeyframe(s *Structure) bool {
	if !c.begun {
		return true
	}
	t, ok := s.Target(c.want)
	if !ok || t == c.target || c.target < s.Targets && s.nested[c.target]&(1<<t) != 0 {
		return false
	}
	return s.layers[t].Spatial != s.layers[min(c.target, s.Targets-1)].Spatial
}

// Layer is the layer that is being passed on.
func (c *Selection) Layer(s *Structure) Layer { return s.layers[min(c.target, MaxTargets-1)] }

// Frame decides on a packet by the descriptor it carries, and reports whether it
// is passed on. All packets of a frame are decided alike.
func (c *Selection) Frame(d *Dependency, s *Structure) bool {
	late := c.begun && int16(d.Number-c.newest) <= 0
	begins := d.Keyframe && d.nDiffs == 0
	if late && begins && c.newest-d.Number >= kept {
		late = false // numbered anew
	}
	if late && (c.newest-d.Number >= kept || in(&c.came, d.Number)) {
		return c.newest-d.Number < kept && in(&c.passed, d.Number)
	}
	if begins && !late {
		c.begin(d)
	}
	if !c.begun {
		return false
	}
	if !late {
		c.advance(d.Number)
		if begins {
			c.target, _ = s.Target(c.want)
		}
		c.retarget(d, s)
		c.at[d.Number%kept] = uint8(c.target)
	}
	target := int(c.at[d.Number%kept])
	pass := target < s.Targets && d.Of(target) != NotPresent && c.decodable(d)
	put(&c.came, d.Number, true)
	put(&c.passed, d.Number, pass)
	return pass
}

// Last reports whether a frame is the last of its picture that is passed on: the
// marker belongs on its last packet. The frames of a picture come from the
// smallest size to the largest.
func (c *Selection) Last(d *Dependency, s *Structure) bool {
	return d.End && d.Layer.Spatial >= s.layers[min(c.at[d.Number%kept], MaxTargets-1)].Spatial
}

// begin starts at a keyframe. What is known of the frames before it stays, for
// those that come late.
func (c *Selection) begin(d *Dependency) {
	if ahead := d.Number - c.newest; !c.begun || ahead >= kept {
		*c = Selection{want: c.want, begun: true, newest: d.Number - 1}
	}
}

// retarget comes as near to what is wanted as a frame allows: a picture that brings
// two sizes more is climbed size by size.
func (c *Selection) retarget(d *Dependency, s *Structure) {
	t, ok := s.Target(c.want)
	if !ok || t == c.target || c.target >= s.Targets {
		return
	}
	for to := s.layers[t]; !c.may(t, d, s); {
		if to.Spatial <= s.layers[c.target].Spatial+1 {
			return
		}
		to.Spatial--
		if t, ok = s.Target(to); !ok {
			return
		}
	}
	c.target = t
}

// may reports whether the target can become t with this frame.
func (c *Selection) may(t int, d *Dependency, s *Structure) bool {
	if c.target < s.Targets && s.nested[c.target]&(1<<t) != 0 {
		// A part of what is sent. A picture is finished in the size it was begun.
		return d.Layer.Spatial == 0 || s.layers[t].Spatial == s.layers[c.target].Spatial
	}
	if d.Of(t) != Switch {
		return false
	}
	for _, diff := range d.diffs[:d.nDiffs] {
		if diff >= kept || !in(&c.passed, d.Number-diff) {
			return false
		}
	}
	return true
}

// decodable reports whether nothing that a frame refers to was held back.
func (c *Selection) decodable(d *Dependency) bool {
	for _, diff := range d.diffs[:d.nDiffs] {
		if n := d.Number - diff; diff >= kept || in(&c.came, n) && !in(&c.passed, n) {
			return false
		}
	}
	return true
}

// advance makes a frame the newest; those that were jumped over have not come.
func (c *Selection) advance(number uint16) {
	for n := min(number-c.newest, kept); n > 0; n-- {
		put(&c.passed, number-n+1, false)
		put(&c.came, number-n+1, false)
		c.at[(number-n+1)%kept] = uint8(c.target)
	}
	c.newest = number
}

func in(set *[kept / 64]uint64, number uint16) bool {
	return set[number%kept/64]&(1<<(number%64)) != 0
}

func put(set *[kept / 64]uint64, number uint16, on bool) {
	if on {
		set[number%kept/64] |= 1 << (number % 64)
	} else {
		set[number%kept/64] &^= 1 << (number % 64)
	}
}
