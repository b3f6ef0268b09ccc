package sfu_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// caller is a participant of a load benchmark.
type caller struct {
	pc       *webrtc.PeerConnection
	mic, cam *webrtc.TrackLocalStaticRTP
	received atomic.Int64
	up       chan struct{}
}

// newCaller connects a client with a microphone, a camera and seats.
func newCaller(b *testing.B, s *server, room, seats int) *caller {
	b.Helper()
	pc, err := newClient()
	if err != nil {
		b.Fatal(err)
	}
	c := &caller{pc: pc, up: make(chan struct{})}
	c.mic = c.publish(b, webrtc.MimeTypeOpus)
	c.cam = c.publish(b, webrtc.MimeTypeVP8)
	offer := sfu.Offer{Sources: map[sfu.Source]string{sfu.Mic: "0", sfu.Camera: "1"}}
	for i := range seats {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				b.Fatal(err)
			}
		}
		offer.Seats = append(offer.Seats, sfu.Lines{Audio: fmt.Sprint(2 + 2*i), Video: fmt.Sprint(3 + 2*i)})
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		buf := make([]byte, 1500)
		for {
			if _, _, err := t.Read(buf); err != nil {
				return
			}
			c.received.Add(1)
		}
	})
	pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		if st == webrtc.PeerConnectionStateConnected {
			close(c.up)
		}
	})
	sd, err := pc.CreateOffer(nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := pc.SetLocalDescription(sd); err != nil {
		b.Fatal(err)
	}
	offer.SDP = pc.LocalDescription().SDP
	answer := s.ask(order{Join: &offer, Room: room}).Answer
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pc.Close() })
	select {
	case <-c.up:
	case <-time.After(10 * time.Second):
		b.Fatal("not connected after 10 s")
	}
	return c
}

// newClient makes a Pion client with its default interceptors, and the codecs that
// the web page offers.
func newClient() (*webrtc.PeerConnection, error) {
	var m webrtc.MediaEngine
	for _, c := range []struct {
		mime string
		pt   webrtc.PayloadType
		rate uint32
		fmtp string
		kind webrtc.RTPCodecType
	}{
		{webrtc.MimeTypeOpus, 111, 48000, "minptime=10;useinbandfec=1", webrtc.RTPCodecTypeAudio},
		{webrtc.MimeTypeVP8, 96, 90000, "", webrtc.RTPCodecTypeVideo},
		{webrtc.MimeTypeRTX, 97, 90000, "apt=96", webrtc.RTPCodecTypeVideo},
		{webrtc.MimeTypeH264, 102, 90000, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", webrtc.RTPCodecTypeVideo},
		{webrtc.MimeTypeRTX, 103, 90000, "apt=102", webrtc.RTPCodecTypeVideo},
	} {
		capability := webrtc.RTPCodecCapability{MimeType: c.mime, ClockRate: c.rate, SDPFmtpLine: c.fmtp}
		if c.kind == webrtc.RTPCodecTypeAudio {
			capability.Channels = 2
		}
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: capability, PayloadType: c.pt}, c.kind); err != nil {
			return nil, err
		}
	}
	var registry interceptor.Registry
	if err := webrtc.RegisterDefaultInterceptors(&m, &registry); err != nil {
		return nil, err
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.LoggerFactory = silent{}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&m), webrtc.WithInterceptorRegistry(&registry), webrtc.WithSettingEngine(settings))
	return api.NewPeerConnection(webrtc.Configuration{})
}

// silent keeps Pion's complaints about closed connections out of the figures.
type silent struct{}

func (silent) NewLogger(string) logging.LeveledLogger {
	l := logging.NewDefaultLoggerFactory()
	l.DefaultLogLevel = logging.LogLevelDisabled
	return l.NewLogger("")
}

func (c *caller) publish(b *testing.B, mime string) *webrtc.TrackLocalStaticRTP {
	t, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, strings.TrimPrefix(mime, "video/"), "me")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := c.pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		b.Fatal(err)
	}
	return t
}

// talk sends what a caller sends: 1.5 Mbit/s of VP8-shaped video, 25 frames of
// 6.8 packets, and Opus every 20 ms: 220 packets a second.
func (c *caller) talk(ctx context.Context, phase time.Duration) {
	time.Sleep(phase)
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	var audio, video uint16
	payload := make([]byte, 1100-headroom)
	payload[0], payload[1], payload[2] = 0x90, 0x80, 0x80
	for n := uint32(0); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		audio++
		_ = c.mic.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: audio, Timestamp: n * 960}, Payload: payload[:80]})
		if n%2 == 1 {
			continue
		}
		packets := 7
		if n%10 == 0 {
			packets = 6
		}
		for i := range packets {
			payload[0] = 0x80
			if i == 0 {
				payload[0] = 0x90
			}
			payload[4] = 1 // a delta frame, but for every 50th
			if n%100 == 0 {
				payload[4] = 0
			}
			video++
			_ = c.cam.WriteRTP(&rtp.Packet{
				Header:  rtp.Header{Version: 2, Marker: i == packets-1, SequenceNumber: video, Timestamp: n * 1800},
				Payload: payload,
			})
		}
	}
}

// headroom is what of a 1,100-byte packet is not payload.
const headroom = 36

// load runs rooms of callers and reports the server's cost.
func load(b *testing.B, rooms, people int) {
	s := startServer(b, "engine")
	_ = newCaller(b, s, -1, people-1).pc.Close() // so that code and tables count as the process's, not the first callers'
	s.ask(order{Room: -1, Empty: true})
	empty := s.ask(order{Usage: true})
	var all []*caller
	for room := range rooms {
		for range people {
			all = append(all, newCaller(b, s, room, people-1))
		}
	}
	joined := s.ask(order{Usage: true})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for i, c := range all {
		go c.talk(ctx, time.Duration(i)*7919*time.Microsecond%(40*time.Millisecond))
	}
	time.Sleep(2 * time.Second)
	b.ResetTimer()
	for b.Loop() {
		before := s.ask(order{Usage: true})
		time.Sleep(5 * time.Second)
		after := s.ask(order{Usage: true})
		delivered := after.Delivered - before.Delivered
		b.ReportMetric(float64((after.CPU-before.CPU).Microseconds())/float64(delivered), "µs-CPU/packet")
		b.ReportMetric(float64(delivered)/5, "packets/s")
		b.ReportMetric(float64(after.Resident-empty.Resident)/float64(len(all))/1e6, "MB/participant")
	}
	b.ReportMetric(float64((joined.CPU-empty.CPU).Microseconds())/1000/float64(len(all)), "ms-CPU/join")
	b.ReportMetric(float64(joined.Goroutines-empty.Goroutines)/float64(len(all)), "goroutines/participant")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkServerCPU is the cost of a packet delivered to a viewer, kernel
// included, with the server on one core.
func BenchmarkServerCPU(b *testing.B) {
	b.Run("10_rooms_of_2", func(b *testing.B) { load(b, 10, 2) })
	b.Run("10_rooms_of_2_bare_loop", func(b *testing.B) { bareLoad(b, 20) })
	b.Run("1_room_of_6", func(b *testing.B) { load(b, 1, 6) })
}

// BenchmarkJoin is joins and leaves one after another: what a join costs the
// server, and what is left behind.
func BenchmarkJoin(b *testing.B) {
	s := startServer(b, "engine")
	newCaller(b, s, 0, 1)
	s.ask(order{Room: 0, Empty: true})
	before := s.ask(order{Usage: true})
	for n := 1; b.Loop(); n++ {
		c := newCaller(b, s, n, 1)
		s.ask(order{Room: n, Empty: true})
		_ = c.pc.Close()
	}
	after := s.ask(order{Usage: true})
	cpu := (after.CPU - before.CPU) / time.Duration(b.N)
	b.ReportMetric(float64(cpu.Microseconds())/1000, "ms-CPU/join")
	b.ReportMetric(float64(time.Second)/float64(cpu), "joins/s/core")
	b.ReportMetric(float64(after.Goroutines-before.Goroutines), "goroutines-left")
	b.ReportMetric(float64(after.Resident-before.Resident)/1e6, "MB-left")
}
