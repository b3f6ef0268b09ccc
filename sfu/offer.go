package sfu

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// Limits of an offer. A browser's with eight seats is about 20 kB.
const (
	maxOfferBytes = 64 << 10
	maxLines      = 64
	maxSeats      = 16
	maxLayers     = 3
)

// Lines names the audio and the video line (their mids) of one place in a
// viewer's offer. Either may be empty.
type Lines struct{ Audio, Video string }

// Offer is a client's session description and what its lines are for. The
// client names its lines by mid, so that nothing has to be guessed from their
// order.
type Offer struct {
	SDP     string
	Sources map[Source]string // source → mid of its sendonly line
	Seats   []Lines           // recvonly lines, one pair per seat
	Screen  Lines             // recvonly lines where a shared screen is shown; may be empty
}

// OfferError says what is wrong with an offer. Code is from the closed set of
// the Offer… constants; Message is for the client's developer.
type OfferError struct{ Code, Message string }

func (e *OfferError) Error() string { return e.Code + ": " + e.Message }

// The codes of an OfferError.
const (
	OfferMalformed   = "offer_malformed"   // not a session description, or lines that do not fit what Offer says of them
	OfferTooLarge    = "offer_too_large"   // over the limits of SDP bytes, lines or seats
	OfferUnsupported = "offer_unsupported" // no codec, profile or feature that both sides have
	OfferChanged     = "offer_changed"     // a later offer took back what an earlier one held
)

func malformedOffer(format string, args ...any) error {
	return &OfferError{Code: OfferMalformed, Message: fmt.Sprintf(format, args...)}
}

// place is what a recvonly line is for.
type place struct {
	seat  int // ScreenPlace for the screen
	video bool
}

// stream names the media stream that both lines of a place belong to, so that a
// browser plays them in step.
func (p place) stream() string {
	if p.seat == ScreenPlace {
		return "screen"
	}
	return "seat" + strconv.Itoa(p.seat)
}

// published is a source's line: the streams that the offer names.
type published struct {
	source        Source
	rids          []string // of its layers, small to large; none where there is one
	primary, rtxs []uint32
}

// offerLines is an offer, read: what each mid is for.
type offerLines struct {
	order     []string // mids in the order of the session description
	media     map[string]*sdp.MediaDescription
	published map[string]published
	places    map[string]place
}

// read parses and checks an offer.
func (o Offer) read() (*offerLines, error) {
	if len(o.SDP) > maxOfferBytes || len(o.Seats) > maxSeats {
		return nil, &OfferError{Code: OfferTooLarge, Message: fmt.Sprintf("an offer has at most %d bytes and %d seats", maxOfferBytes, maxSeats)}
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(o.SDP); err != nil {
		return nil, malformedOffer("not a session description: %v", err)
	}
	if len(d.MediaDescriptions) == 0 {
		return nil, malformedOffer("the session description has no lines")
	}
	if len(d.MediaDescriptions) > maxLines {
		return nil, &OfferError{Code: OfferTooLarge, Message: fmt.Sprintf("an offer has at most %d lines", maxLines)}
	}
	l := &offerLines{
		media:     map[string]*sdp.MediaDescription{},
		published: map[string]published{},
		places:    map[string]place{},
	}
	for _, m := range d.MediaDescriptions {
		mid, ok := m.Attribute("mid")
		if !ok || mid == "" || l.media[mid] != nil {
			return nil, malformedOffer("each line needs a mid of its own")
		}
		l.order = append(l.order, mid)
		l.media[mid] = m
	}
	if err := l.readSources(o); err != nil {
		return nil, err
	}
	if err := l.readPlaces(o); err != nil {
		return nil, err
	}
	return l, l.nothingElse()
}

func (l *offerLines) readSources(o Offer) error {
	for source, mid := range o.Sources {
		if source >= sources {
			return malformedOffer("there is no source %d", source)
		}
		m, err := l.line(mid, source.Video(), "sendonly", "sendrecv")
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		if _, twice := l.published[mid]; twice {
			return malformedOffer("line %s is named for two sources", mid)
		}
		p := published{source: source, rids: rids(m)}
		if len(p.rids) > maxLayers {
			return &OfferError{Code: OfferTooLarge, Message: fmt.Sprintf("%s: a source has at most %d layers", source, maxLayers)}
		}
		p.primary, p.rtxs = ssrcs(m)
		l.published[mid] = p
	}
	return nil
}

func (l *offerLines) readPlaces(o Offer) error {
	add := func(mid string, p place) error {
		if mid == "" {
			return nil
		}
		if _, err := l.line(mid, p.video, "recvonly"); err != nil {
			return fmt.Errorf("%s: %w", p.stream(), err)
		}
		if _, twice := l.places[mid]; twice {
			return malformedOffer("line %s is named for two places", mid)
		}
		l.places[mid] = p
		return nil
	}
	for i, s := range o.Seats {
		if err := add(s.Audio, place{seat: i}); err != nil {
			return err
		}
		if err := add(s.Video, place{seat: i, video: true}); err != nil {
			return err
		}
	}
	if err := add(o.Screen.Audio, place{seat: ScreenPlace}); err != nil {
		return err
	}
	return add(o.Screen.Video, place{seat: ScreenPlace, video: true})
}

// line finds a line and checks its kind and direction.
func (l *offerLines) line(mid string, video bool, directions ...string) (*sdp.MediaDescription, error) {
	m := l.media[mid]
	if m == nil {
		return nil, malformedOffer("there is no line with mid %q", mid)
	}
	kind := "audio"
	if video {
		kind = "video"
	}
	if m.MediaName.Media != kind {
		return nil, malformedOffer("line %s is %s, not %s", mid, m.MediaName.Media, kind)
	}
	for _, d := range directions {
		if _, ok := m.Attribute(d); ok {
			return m, nil
		}
	}
	return nil, malformedOffer("line %s is not %s", mid, directions[0])
}

// nothingElse refuses lines that Offer does not name: what nobody asked for is
// not answered.
func (l *offerLines) nothingElse() error {
	for _, mid := range l.order {
		_, isSource := l.published[mid]
		_, isPlace := l.places[mid]
		if !isSource && !isPlace {
			return malformedOffer("line %s is named for nothing", mid)
		}
	}
	return nil
}

// layerOrder is what the RIDs of layers are called, small to large: quarter, half
// and full size.
var layerOrder = []string{"q", "h", "f"}

// rids reads the layers of a line (RFC 8853), small to large. Names that we do not
// know stand in the order of the offer; without a name (RFC 8851 §10) there is no layer.
func rids(m *sdp.MediaDescription) []string {
	var list []string
	for _, a := range m.Attributes {
		if id, rest, _ := strings.Cut(a.Value, " "); a.Key == "rid" && id != "" && strings.HasPrefix(rest, "send") && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int {
		return cmp.Compare(slices.Index(layerOrder, a), slices.Index(layerOrder, b))
	})
	return list
}

// ssrcs reads the streams that a line names: the media and, grouped with them,
// their retransmissions (RFC 5576, RFC 4588 §8).
func ssrcs(m *sdp.MediaDescription) (primary, rtxs []uint32) {
	retransmits := map[uint32]bool{}
	for _, a := range m.Attributes {
		fields := strings.Fields(a.Value)
		if a.Key == "ssrc-group" && len(fields) == 3 && fields[0] == "FID" {
			if n, err := strconv.ParseUint(fields[2], 10, 32); err == nil {
				retransmits[uint32(n)] = true
			}
		}
	}
	seen := map[uint32]bool{}
	for _, a := range m.Attributes {
		if a.Key != "ssrc" {
			continue
		}
		text, _, _ := strings.Cut(a.Value, " ")
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || seen[uint32(n)] || len(seen) == maxSSRCs {
			continue
		}
		seen[uint32(n)] = true
		if retransmits[uint32(n)] {
			rtxs = append(rtxs, uint32(n))
		} else {
			primary = append(primary, uint32(n))
		}
	}
	return primary, rtxs
}
