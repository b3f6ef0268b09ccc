package sfu

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/bwe"
)

// newPlace is a line that an offer added for a seat or the screen.
type newPlace struct {
	place
	mid         string
	transceiver *webrtc.RTPTransceiver
	ssrc        uint32
}

// addPlaces makes the sending end of each new recvonly line, in the order of the
// lines: Pion pairs them in that order, and keeps our SSRC.
func (p *Peer) addPlaces(l *offerLines) ([]newPlace, error) {
	var added []newPlace
	for _, mid := range l.order {
		pl, ok := l.places[mid]
		if _, known := p.placed[mid]; !ok || known {
			continue
		}
		n := newPlace{place: pl, mid: mid, ssrc: randomSSRC()}
		line := &seatLine{place: pl}
		var err error
		n.transceiver, err = p.pc.AddTransceiverFromTrack(line, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionSendonly,
			SendEncodings: []webrtc.RTPEncodingParameters{{
				RTPCodingParameters: webrtc.RTPCodingParameters{SSRC: webrtc.SSRC(n.ssrc)},
			}},
		})
		if err != nil {
			return nil, fmt.Errorf("add a line for %s: %w", pl.stream(), err)
		}
		added = append(added, n)
	}
	return added, nil
}

// negotiate runs Pion's half of offer and answer, refusing the lines of sources
// that the peer may not publish.
func (p *Peer) negotiate(ctx context.Context, offer string, l *offerLines) (string, error) {
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", &OfferError{Code: OfferUnsupported, Message: err.Error()}
	}
	for _, tr := range p.pc.GetTransceivers() {
		line, ok := l.published[tr.Mid()]
		if !ok || p.transport.allow[line.source] {
			continue
		}
		if err := tr.Stop(); err != nil {
			return "", fmt.Errorf("refuse %s: %w", line.source, err)
		}
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", &OfferError{Code: OfferUnsupported, Message: err.Error()}
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("set the answer: %w", err)
	}
	select {
	case <-gathered: // at once: there is one candidate and nobody to ask
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return p.pc.LocalDescription().SDP, nil
}

// install tells the shard what the answer agreed on.
func (p *Peer) install(answer string, l *offerLines, added []newPlace) error {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		return fmt.Errorf("read our own answer: %w", err)
	}
	agreed := map[string]payloads{}
	var ext extensions
	for _, m := range d.MediaDescriptions {
		mid, _ := m.Attribute("mid")
		agreed[mid] = parsePayloads(m)
		ext.learn(m)
	}
	if _, mixed := d.Attribute(sdp.AttrKeyExtMapAllowMixed); !mixed {
		ext.descriptor = 0 // it does not fit the one-byte form, which is then the only one (RFC 8285 §4.1.2)
	}
	now := time.Now()
	if len(d.MediaDescriptions) > 0 { // bundled: the same for all
		ufrag, _ := d.MediaDescriptions[0].Attribute("ice-ufrag")
		pwd, _ := d.MediaDescriptions[0].Attribute("ice-pwd")
		p.room.shard.mux.named(p.transport, credentials{ufrag, pwd}, now)
	}
	var downs []placedTrack
	for _, n := range added {
		if n.transceiver.Mid() != n.mid {
			return fmt.Errorf("line %s was paired with %s", n.mid, n.transceiver.Mid())
		}
		var rtxSSRC uint32
		if enc := n.transceiver.Sender().GetParameters().Encodings; len(enc) > 0 {
			rtxSSRC = uint32(enc[0].RTX.SSRC)
		}
		track := newDownTrack(p.transport, n.video, n.ssrc, rtxSSRC, n.stream(), agreed[n.mid], now)
		downs = append(downs, placedTrack{n.place, track})
	}
	p.room.shard.wait(func() { p.transport.install(ext, agreed, l, downs) })
	return nil
}

type placedTrack struct {
	place
	track *downTrack
}

// install sets up what the packets of the lines mean. Runs on the shard.
func (t *transport) install(ext extensions, agreed map[string]payloads, l *offerLines, downs []placedTrack) {
	if t.closed {
		return
	}
	t.ext = ext
	if ext.twcc == 0 && !t.path.connected { // nothing will be known but what the viewer says itself
		t.down.estimator = bwe.New(bwe.Config{Start: openingWant}, t.shard.now)
	}
	for mid, line := range l.published {
		u := t.up[line.source]
		if !t.allow[line.source] {
			continue
		}
		t.payloads[line.source] = agreed[mid]
		t.mids[mid] = u
		u.offered(line.rids)
		if len(u.layers) > 1 {
			continue // streams are told apart by extensions
		}
		if only := u.layers[0]; len(line.primary) == 1 && only.ssrc != line.primary[0] {
			delete(t.streams, only.ssrc)
			delete(t.shard.publishers, only.ssrc)
			t.learn(line.primary[0], stream{layer: only})
		}
		for _, ssrc := range line.rtxs {
			t.learn(ssrc, stream{layer: u.layers[0], rtx: true})
		}
	}
	for _, d := range downs {
		t.downs[d.track.ssrc] = d.track
		target := &t.screen
		if d.seat != ScreenPlace {
			for len(t.seats) <= d.seat {
				t.seats = append(t.seats, seat{})
			}
			target = &t.seats[d.seat]
		}
		if d.video {
			target.video = d.track
		} else {
			target.audio = d.track
		}
	}
}

// seatLine is the track that Pion believes it sends on a seat's line. It carries
// identity only: packets go past Pion.
type seatLine struct{ place }

// Bind accepts whatever codec was agreed first.
func (s *seatLine) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	return codecs[0], nil
}

// Unbind does nothing.
func (s *seatLine) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID names the line's track.
func (s *seatLine) ID() string { return strings.Join([]string{s.stream(), s.Kind().String()}, "-") }

// RID is empty: a seat has one layer.
func (s *seatLine) RID() string { return "" }

// StreamID names the stream that a seat's audio and video share.
func (s *seatLine) StreamID() string { return s.stream() }

// Kind is audio or video.
func (s *seatLine) Kind() webrtc.RTPCodecType {
	if s.video {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}
