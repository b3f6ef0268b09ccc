package sfu

import (
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// codec is what an RTP payload is.
type codec uint8

const (
	noPayload codec = iota
	opus
	vp8
	h264
	vp9
	av1
	red // Opus with copies of the packets before (RFC 2198)
	rtx
	codecs // how many there are
)

// mimeTypeRED has no name in Pion, which passes it on like any codec.
const mimeTypeRED = "audio/red"

// descriptorURI is the header extension that tells where a frame belongs in a stream
// of several layers (AV1 RTP specification, appendix A), whatever the codec.
const descriptorURI = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

// mediaEngine offers Pion the few codecs and extensions that Parley forwards.
// Pion's default list costs ten times the CPU of a whole join.
func mediaEngine() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	const audio, video = webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo
	videoFeedback := []webrtc.RTCPFeedback{
		{Type: "transport-cc"}, {Type: "goog-remb"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
	}
	codecs := []struct {
		kind webrtc.RTPCodecType
		webrtc.RTPCodecParameters
	}{
		{audio, webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}},
		}}},
		{audio, webrtc.RTPCodecParameters{PayloadType: 63, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeTypeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111",
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}},
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: videoFeedback,
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 97, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 102, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, RTCPFeedback: videoFeedback,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 103, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=102",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 98, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP9, ClockRate: 90000, RTCPFeedback: videoFeedback, SDPFmtpLine: "profile-id=0",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 99, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=98",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 45, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeAV1, ClockRate: 90000, RTCPFeedback: videoFeedback, SDPFmtpLine: "profile=0",
		}}},
		{video, webrtc.RTPCodecParameters{PayloadType: 46, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=45",
		}}},
	}
	for _, c := range codecs {
		if err := m.RegisterCodec(c.RTPCodecParameters, c.kind); err != nil {
			return nil, fmt.Errorf("register %s: %w", c.MimeType, err)
		}
	}
	extensions := []struct {
		uri   string
		kinds []webrtc.RTPCodecType
	}{
		{sdp.SDESMidURI, []webrtc.RTPCodecType{audio, video}},
		{sdp.TransportCCURI, []webrtc.RTPCodecType{audio, video}},
		{sdp.AudioLevelURI, []webrtc.RTPCodecType{audio}},
		{sdp.SDESRTPStreamIDURI, []webrtc.RTPCodecType{video}},
		{sdp.SDESRepairRTPStreamIDURI, []webrtc.RTPCodecType{video}},
		{descriptorURI, []webrtc.RTPCodecType{video}},
	}
	for _, e := range extensions {
		for _, kind := range e.kinds {
			if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: e.uri}, kind); err != nil {
				return nil, fmt.Errorf("register %s: %w", e.uri, err)
			}
		}
	}
	return m, nil
}

// payloads is the meaning of payload types on one line, as the answer says.
type payloads struct {
	kind [128]codec    // what a payload type carries
	pt   [codecs]uint8 // the payload type of a codec, 0 where it is not agreed
	rtx  [codecs]uint8 // the payload type of its retransmissions
}

// parsePayloads reads rtpmap and the apt of fmtp.
func parsePayloads(m *sdp.MediaDescription) payloads {
	var p payloads
	apt := map[uint8]uint8{}
	for _, a := range m.Attributes {
		var pt uint8
		var rest string
		if n, err := fmt.Sscanf(a.Value, "%d %s", &pt, &rest); n != 2 || err != nil || pt > 127 {
			continue
		}
		switch a.Key {
		case "rtpmap":
			p.kind[pt] = codecOf(rest)
		case "fmtp":
			var primary uint8
			if n, _ := fmt.Sscanf(rest, "apt=%d", &primary); n == 1 && primary <= 127 {
				apt[pt] = primary
			}
		}
	}
	for _, f := range m.MediaName.Formats { // in order of preference
		var pt uint8
		if n, _ := fmt.Sscanf(f, "%d", &pt); n != 1 || pt > 127 {
			continue
		}
		c := p.kind[pt]
		if c == rtx {
			if primary, ok := apt[pt]; ok {
				p.rtx[p.kind[primary]] = pt
			}
		} else if p.pt[c] == 0 {
			p.pt[c] = pt
		}
	}
	return p
}

func codecOf(rtpmap string) codec {
	name, _, _ := strings.Cut(strings.ToLower(rtpmap), "/")
	switch name {
	case "opus":
		return opus
	case "vp8":
		return vp8
	case "h264":
		return h264
	case "vp9":
		return vp9
	case "av1":
		return av1
	case "red":
		return red
	case "rtx":
		return rtx
	}
	return noPayload
}

// extensions are the ids of RTP header extensions, 0 where not agreed. A bundle
// has one id per extension (RFC 8843 §9.1.1).
type extensions struct{ mid, rid, rrid, twcc, level, descriptor uint8 }

func (e *extensions) learn(m *sdp.MediaDescription) {
	for _, a := range m.Attributes {
		if a.Key != "extmap" {
			continue
		}
		var id uint8
		var uri string
		head, rest, _ := strings.Cut(a.Value, " ")
		head, _, _ = strings.Cut(head, "/") // a direction may follow the id
		if n, _ := fmt.Sscanf(head, "%d", &id); n != 1 || id == 0 || id > 14 {
			continue // ids from 15 on need two-byte headers on every packet
		}
		uri, _, _ = strings.Cut(rest, " ")
		switch uri {
		case sdp.SDESMidURI:
			e.mid = id
		case sdp.SDESRTPStreamIDURI:
			e.rid = id
		case sdp.SDESRepairRTPStreamIDURI:
			e.rrid = id
		case sdp.TransportCCURI:
			e.twcc = id
		case sdp.AudioLevelURI:
			e.level = id
		case descriptorURI:
			e.descriptor = id
		}
	}
}
