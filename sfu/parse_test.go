package sfu

import (
	"bytes"
	"slices"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/stun/v4"
)

var allExtensions = extensions{mid: 1, twcc: 4, level: 6}

func TestParseHeaderReadsWhatBrowsersSend(t *testing.T) {
	tests := []struct {
		name    string
		profile uint16
	}{
		{"one-byte extensions", rtp.ExtensionProfileOneByte},
		{"two-byte extensions", rtp.ExtensionProfileTwoByte},
	}
	for _, tt := range tests {
		h := rtp.Header{
			Version: 2, Marker: true, PayloadType: 109, SequenceNumber: 65535, Timestamp: 4e9, SSRC: 7,
			CSRC: []uint32{1, 2}, Extension: true, ExtensionProfile: tt.profile,
		}
		for id, v := range map[uint8][]byte{1: []byte("12"), 4: {0xab, 0xcd}, 6: {0x80 | 33}, 9: {1, 2, 3}} {
			if err := h.SetExtension(id, v); err != nil {
				t.Fatal(err)
			}
		}
		b, err := (&rtp.Packet{Header: h, Payload: []byte("payload")}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parseHeader(b, &allExtensions)
		if !ok || got.ssrc != 7 || got.seq != 65535 || got.ts != 4e9 || got.pt != 109 || !got.marker {
			t.Errorf("%s: %+v, %v", tt.name, got, ok)
		}
		if string(got.mid) != "12" || !got.hasTWCC || got.twcc != 0xabcd || !got.hasLevel || got.level != 33 {
			t.Errorf("%s: extensions %+v", tt.name, got)
		}
		if string(b[got.size:]) != "payload" {
			t.Errorf("%s: the header ends at %d", tt.name, got.size)
		}
	}
}

func TestUnpad(t *testing.T) {
	tests := []struct {
		name  string
		first byte
		body  []byte
		want  []byte
		ok    bool
	}{
		{"none", 0x80, []byte{1, 2, 3}, []byte{1, 2, 3}, true},
		{"some", 0xa0, []byte{1, 0, 2}, []byte{1}, true},
		{"nothing but padding", 0xa0, []byte{0, 0, 3}, []byte{}, true},
		{"longer than the payload", 0xa0, []byte{1, 2, 4}, nil, false},
		{"zero", 0xa0, []byte{1, 2, 0}, nil, false},
		{"padded and empty", 0xa0, nil, nil, false},
	}
	for _, tt := range tests {
		b := append(make([]byte, headerSize), tt.body...)
		b[0] = tt.first
		got, ok := unpad(b, headerSize)
		if ok != tt.ok || !bytes.Equal(got, tt.want) {
			t.Errorf("%s: % x, %v; want % x, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestOutgoingHeaderIsRTP(t *testing.T) {
	b := make([]byte, 64)
	putHeader(b, 96, true, 4711, 3e9, 99)
	n := putTWCC(b, 5, 0x1234)
	var p rtp.Packet
	if err := p.Unmarshal(append(b[:n:n], "x"...)); err != nil {
		t.Fatal(err)
	}
	if p.PayloadType != 96 || !p.Marker || p.SequenceNumber != 4711 || p.Timestamp != 3e9 || p.SSRC != 99 || string(p.Payload) != "x" {
		t.Errorf("%+v", p)
	}
	if got := p.GetExtension(5); !bytes.Equal(got, []byte{0x12, 0x34}) {
		t.Errorf("TWCC extension % x", got)
	}
}

func FuzzRTPHeader(f *testing.F) {
	b, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, CSRC: []uint32{1}, Extension: true, ExtensionProfile: 0xbede,
		Extensions: []rtp.Extension{}}, Payload: []byte{1}}).Marshal()
	f.Add(b)
	f.Add([]byte{0x90, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0, 0, 1, 4, 2, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := parseHeader(b, &allExtensions)
		if !ok {
			return
		}
		if h.size < headerSize || h.size > len(b) {
			t.Fatalf("a header of %d bytes in %d", h.size, len(b))
		}
		unpad(b, h.size)
		var theirs rtp.Header
		if n, err := theirs.Unmarshal(b); err == nil && n == h.size {
			if theirs.SSRC != h.ssrc || theirs.SequenceNumber != h.seq || theirs.Timestamp != h.ts {
				t.Fatalf("%+v, pion reads %+v", h, theirs)
			}
		}
	})
}

// reading writes down what a compound packet was found to hold.
type reading struct {
	srs, reports, nacks, keyframes []uint32

	twcc, remb int
}

func (r *reading) sawSR(ssrc uint32, _ uint64, _ uint32) { r.srs = append(r.srs, ssrc) }
func (r *reading) sawReport(b receptionBlock)            { r.reports = append(r.reports, b.ssrc) }
func (r *reading) sawNACK(_ uint32, seq uint16)          { r.nacks = append(r.nacks, uint32(seq)) }
func (r *reading) sawKeyframeRequest(ssrc uint32)        { r.keyframes = append(r.keyframes, ssrc) }
func (r *reading) sawTWCC(body []byte)                   { r.twcc += len(body) }
func (r *reading) sawREMB(bitrate int)                   { r.remb = bitrate }

func TestReadRTCPReadsWhatPionWrites(t *testing.T) {
	b, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: 1, NTPTime: 2, RTPTime: 3, Reports: []rtcp.ReceptionReport{{SSRC: 10}, {SSRC: 11}}},
		&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 12}}},
		rtcp.NewCNAMESourceDescription(1, "somebody"),
		&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 2, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{65535, 0, 3, 40})},
		&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 20},
		&rtcp.FullIntraRequest{SenderSSRC: 1, MediaSSRC: 0, FIR: []rtcp.FIREntry{{SSRC: 21}, {SSRC: 22}}},
		&rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: 1, Bitrate: 1e6, SSRCs: []uint32{5}},
		&rtcp.TransportLayerCC{Header: rtcp.Header{Length: 5, Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback},
			SenderSSRC: 1, MediaSSRC: 2, BaseSequenceNumber: 9, PacketStatusCount: 1, ReferenceTime: 1, FbPktCount: 1,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 1}},
			RecvDeltas:   []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: 250}}},
		&rtcp.Goodbye{Sources: []uint32{1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var r reading
	if !readRTCP(b, &r) {
		t.Fatal("not understood")
	}
	check := func(what string, got []uint32, want ...uint32) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	check("sender reports", r.srs, 1)
	check("report blocks", r.reports, 10, 11, 12)
	check("packets asked for", r.nacks, 65535, 0, 3, 40)
	check("keyframes asked for", r.keyframes, 20, 21, 22)
	if r.twcc != 12 {
		t.Errorf("a transport-wide feedback of %d bytes, want 12", r.twcc)
	}
	if r.remb < 990_000 || r.remb > 1_000_000 {
		t.Errorf("REMB %d, want 1,000,000", r.remb)
	}
}

func FuzzRTCP(f *testing.F) {
	b, _ := rtcp.Marshal([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 10}}},
		&rtcp.TransportLayerNack{Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}},
		&rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 21}}},
	})
	f.Add(b)
	f.Add([]byte{0x9f, 200, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r reading
		readRTCP(b, &r)
		if len(r.nacks) > 17*len(b)/4 {
			t.Fatalf("%d bytes ask for %d packets", len(b), len(r.nacks))
		}
	})
}

func TestSTUNRequestsGoByTheirReceiver(t *testing.T) {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewSoftware("x"), stun.NewUsername("server:browser"), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if got := stunReceiver(m.Raw); string(got) != "server" {
		t.Errorf("receiver %q", got)
	}
	answer, _ := stun.Build(stun.TransactionID, stun.BindingSuccess, stun.NewUsername("server:browser"))
	if got := stunReceiver(answer.Raw); got != nil {
		t.Errorf("an answer is for %q", got)
	}
}

func FuzzSTUNReceiver(f *testing.F) {
	m, _ := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername("server:browser"))
	f.Add(m.Raw)
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) { stunReceiver(b) })
}

func FuzzServerHello(f *testing.F) {
	hello := make([]byte, 80)
	hello[0], hello[13] = 22, 2
	f.Add(hello)
	f.Fuzz(func(t *testing.T, b []byte) {
		if random, ok := serverRandom(b); ok && len(random) != 32 {
			t.Fatalf("a random of %d bytes", len(random))
		}
	})
}

const sessionLines = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\na=extmap-allow-mixed\r\n"

// What Chromium offers of sound that is sent again, of a camera in layers of one
// stream or of several, and of a place for both.
const (
	redLine = "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=mid:0\r\na=sendonly\r\n" +
		"a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" +
		"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n" +
		"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtcp-fb:111 nack\r\n" +
		"a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=ssrc:1 cname:x\r\n"
	layerLine = "m=video 9 UDP/TLS/RTP/SAVPF 98 99 45 46 96 97\r\na=mid:1\r\na=sendonly\r\n" +
		"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n" +
		"a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n" +
		"a=extmap:11/sendonly urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n" +
		"a=extmap:13 " + descriptorURI + "\r\n" +
		"a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n" +
		"a=rtpmap:45 AV1/90000\r\na=fmtp:45 level-idx=5;profile=0;tier=0\r\na=rtpmap:46 rtx/90000\r\na=fmtp:46 apt=45\r\n" +
		"a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
	oneStream = "a=ssrc-group:FID 2 3\r\na=ssrc:2 cname:x\r\na=ssrc:3 cname:x\r\n"
	severals  = "a=rid:f send\r\na=rid:q send pt=98,45;max-width=320;scalability-mode=L1T3\r\na=rid:h send scalability-mode=L3T3_KEY\r\n" +
		"a=simulcast:send q;~h,f;f\r\n"
	seatLines = "m=video 9 UDP/TLS/RTP/SAVPF 45 46\r\na=mid:2\r\na=recvonly\r\na=rtpmap:45 AV1/90000\r\na=rtpmap:46 rtx/90000\r\na=fmtp:46 apt=45\r\n" +
		"a=extmap:13 " + descriptorURI + "\r\n"
)

func TestAnOfferOfNewerCodecsIsRead(t *testing.T) {
	o := Offer{
		SDP:     sessionLines + redLine + layerLine + severals + seatLines,
		Sources: map[Source]string{Mic: "0", Camera: "1"}, Seats: []Lines{{Video: "2"}},
	}
	l, err := o.read()
	if err != nil {
		t.Fatal(err)
	}
	if got := l.published["1"].rids; !slices.Equal(got, []string{"q", "h", "f"}) {
		t.Errorf("layers %q", got)
	}
	sound, camera := parsePayloads(l.media["0"]), parsePayloads(l.media["1"])
	if sound.pt[red] != 63 || sound.pt[opus] != 111 {
		t.Errorf("sound: %v", sound.pt)
	}
	for c, want := range map[codec][2]uint8{vp9: {98, 99}, av1: {45, 46}, vp8: {96, 97}} {
		if got := [2]uint8{camera.pt[c], camera.rtx[c]}; got != want {
			t.Errorf("codec %d: %d, want %d", c, got, want)
		}
	}
	var ext extensions
	ext.learn(l.media["0"])
	ext.learn(l.media["1"])
	if want := (extensions{mid: 4, rid: 10, rrid: 11, level: 14, descriptor: 13}); ext != want {
		t.Errorf("extensions %+v, want %+v", ext, want)
	}
}

// A layer is found by its name, and told by it from a stream that has none.
func TestALayerWithoutANameIsNone(t *testing.T) {
	o := Offer{
		SDP:     sessionLines + layerLine + "a=rid: send\r\na=rid:h send\r\na=rid:f send\r\n",
		Sources: map[Source]string{Camera: "1"},
	}
	l, err := o.read()
	if err != nil {
		t.Fatal(err)
	}
	if got := l.published["1"].rids; !slices.Equal(got, []string{"h", "f"}) {
		t.Errorf("layers %q", got)
	}
}

func FuzzOffer(f *testing.F) {
	const session = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
	f.Add(session+"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=ssrc:1 cname:x\r\n", "0", "", "1")
	f.Add(session+"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly\r\na=ssrc-group:FID 1 2\r\n", "0", "", "1")
	f.Add(sessionLines+redLine, "0", "", "")
	f.Add(sessionLines+redLine+layerLine+oneStream+seatLines, "0", "1", "2")
	f.Add(sessionLines+redLine+layerLine+severals+seatLines, "0", "1", "2")
	f.Add(sessionLines+layerLine+severals+"a=rid:q recv\r\na=rid:f send\r\na=rid: send\r\n"+oneStream, "", "1", "")
	f.Add(sessionLines+layerLine+"a=extmap:13 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:15 "+descriptorURI+"\r\na=fmtp:46 apt=46\r\na=rtpmap:45 VP9/90000\r\n", "", "1", "")
	f.Fuzz(func(t *testing.T, text, mic, camera, seat string) {
		o := Offer{SDP: text, Sources: map[Source]string{}, Seats: []Lines{{Video: seat}}}
		for source, mid := range map[Source]string{Mic: mic, Camera: camera} {
			if mid != "" {
				o.Sources[source] = mid
			}
		}
		l, err := o.read()
		if err != nil {
			return
		}
		if len(l.order) > maxLines || len(l.published) != len(o.Sources) || len(l.published)+len(l.places) != len(l.order) {
			t.Fatalf("%+v", l)
		}
		for mid, p := range l.published {
			if o.Sources[p.source] != mid || len(p.rids) > maxLayers || slices.Contains(p.rids, "") || len(p.primary)+len(p.rtxs) > maxSSRCs {
				t.Fatalf("line %s: %+v", mid, p)
			}
		}
		var ext extensions
		for _, m := range linesOf(l) {
			checkPayloads(t, parsePayloads(m))
			ext.learn(m)
		}
		for _, id := range []uint8{ext.mid, ext.rid, ext.rrid, ext.twcc, ext.level, ext.descriptor} {
			if id > 14 {
				t.Fatalf("an extension that one-byte headers cannot hold: %+v", ext)
			}
		}
	})
}

// checkPayloads checks that what a codec is sent with means that codec.
func checkPayloads(t *testing.T, p payloads) {
	t.Helper()
	for c := opus; c < codecs; c++ {
		if pt := p.pt[c]; pt != 0 && p.kind[pt] != c {
			t.Fatalf("codec %d is sent as %d, which is %d", c, pt, p.kind[pt])
		}
		if pt := p.rtx[c]; pt != 0 && p.kind[pt] != rtx {
			t.Fatalf("codec %d is repeated as %d, which is %d", c, pt, p.kind[pt])
		}
	}
}

func linesOf(l *offerLines) []*sdp.MediaDescription {
	if l == nil {
		return nil
	}
	var all []*sdp.MediaDescription
	for _, m := range l.media {
		all = append(all, m)
	}
	return all
}

func TestADescriptorIsWrittenSoThatItCanBeRead(t *testing.T) {
	ext := extensions{twcc: 3, descriptor: 13}
	for size := 3; size <= 255; size++ {
		descriptor := make([]byte, size)
		for i := range descriptor {
			descriptor[i] = byte(i + 1)
		}
		b := make([]byte, 400)
		putHeader(b, 98, true, 7, 9, 11)
		n := putDescribed(b, ext.twcc, 500, ext.descriptor, descriptor, 0x1234)
		if n-headerSize > size+twccSize+formSize {
			t.Fatalf("a descriptor of %d bytes takes %d", size, n-headerSize)
		}
		setTWCC(b, 501)
		h, ok := parseHeader(b[:n+10], &ext)
		if !ok || h.size != n || h.twcc != 501 || len(h.descriptor) != size {
			t.Fatalf("a descriptor of %d bytes is read as %d, with number %d in a header of %d bytes, want %d", size, len(h.descriptor), h.twcc, h.size, n)
		}
		descriptor[1], descriptor[2] = 0x12, 0x34
		if !bytes.Equal(h.descriptor, descriptor) {
			t.Fatalf("got %x, want %x", h.descriptor, descriptor)
		}
	}
}
