package wire

import "encoding/json"

func (f *fields) layout() Layout {
	var raw []json.RawMessage
	if !f.read("seats", &raw, "an array") {
		return Layout{}
	}
	if len(raw) > MaxSeats {
		f.refuse(CodeTooManySeats, "The layout has more than %d seats.", MaxSeats)
		return Layout{}
	}
	l := Layout{Seats: make([]SeatShown, len(raw))}
	seen := [MaxSeats]bool{}
	for i := range raw {
		s := f.seatShown(raw[i])
		if seen[s.Seat] {
			f.refuse(CodeInvalidValue, "The layout has one seat twice.")
		}
		seen[s.Seat] = true
		l.Seats[i] = s
	}
	if f.has("screen") {
		in, ok := parse(f.raw["screen"])
		if !ok {
			f.refuse(CodeWrongType, `The field "screen" must be an object.`)
		}
		shown := in.shown()
		f.adopt("screen", in.err)
		l.Screen = &shown
	}
	return l
}

func (f *fields) seatShown(raw json.RawMessage) SeatShown {
	in, ok := parse(raw)
	if !ok {
		f.refuse(CodeWrongType, `The field "seats" must hold objects.`)
		return SeatShown{}
	}
	s := SeatShown{
		Seat:   int(in.integer("seat", 0, MaxSeats-1)),
		Shown:  in.shown(),
		Pinned: in.boolean("pinned"),
	}
	f.adopt("seats", in.err)
	return s
}

func (f *fields) shown() Shown {
	return Shown{
		Width:  int(f.integer("width", 0, MaxPixels)),
		Height: int(f.integer("height", 0, MaxPixels)),
		Hidden: f.boolean("hidden"),
	}
}
