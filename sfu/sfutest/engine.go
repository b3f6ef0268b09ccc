package sfutest

import (
	"fmt"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// newPeerConnection makes a Pion client with Pion's interceptors on a host.
func newPeerConnection(b *Browser) (*webrtc.PeerConnection, error) {
	p := b.profile
	m, err := mediaEngine(p)
	if err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	registry.Add(b.budget)
	registry.Add(&sparing{})
	registry.Add(&repairNames{})
	registry.Add(&repairTypes{})
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(m, registry); err != nil {
		return nil, fmt.Errorf("number packets for congestion control: %w", err)
	}
	now := func() time.Time { return time.Now().Add(p.skew) }
	responder, err := nack.NewResponderInterceptor(nack.WithResponderLoggerFactory(silent{}))
	if err != nil {
		return nil, fmt.Errorf("make the responder: %w", err)
	}
	registry.Add(responder)
	registry.Add(b.tap)
	if err := webrtc.ConfigureRTCPReportsWithOptions(registry, []report.ReceiverOption{report.WithReceiverLoggerFactory(silent{})},
		report.SenderNow(now), report.WithSenderLoggerFactory(silent{})); err != nil {
		return nil, fmt.Errorf("send reports: %w", err)
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(m); err != nil {
		return nil, fmt.Errorf("name layers: %w", err)
	}
	if err := webrtc.ConfigureTWCCSenderWithOptions(m, registry, twcc.WithLoggerFactory(silent{}), twcc.SendTicker(b.budget.ticker)); err != nil {
		return nil, fmt.Errorf("send congestion feedback: %w", err)
	}
	var s webrtc.SettingEngine
	s.SetNet(b.host)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.DisableActiveTCP(true)
	s.SetDTLSInsecureSkipHelloVerify(true) // as browsers do: ICE has verified the address
	s.LoggerFactory = silent{}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(s))
	pc, err := api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("make a peer connection: %w", err)
	}
	return pc, nil
}

// mediaEngine has what the web page prefers: Opus, VP8 and retransmission.
func mediaEngine(p profile) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	video := []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	for _, c := range []struct {
		kind webrtc.RTPCodecType
		webrtc.RTPCodecParameters
	}{
		{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecParameters{
			PayloadType: webrtc.PayloadType(p.opus),
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
				RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}},
			},
		}},
		{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecParameters{
			PayloadType: redType,
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mimeTypeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", p.opus, p.opus),
				RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}},
			},
		}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{
			PayloadType:        webrtc.PayloadType(p.vp8),
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: video},
		}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{
			PayloadType: webrtc.PayloadType(p.vp8 + 1),
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", p.vp8),
			},
		}},
	} {
		if c.MimeType == mimeTypeRED && p.plain {
			continue
		}
		if err := m.RegisterCodec(c.RTPCodecParameters, c.kind); err != nil {
			return nil, fmt.Errorf("register %s: %w", c.MimeType, err)
		}
	}
	if p.layered {
		if err := registerLayered(m, p, video); err != nil {
			return nil, err
		}
	}
	level := webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}
	if err := m.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register the audio level: %w", err)
	}
	return m, nil
}

// registerLayered adds the codecs that hold layers in one stream.
func registerLayered(m *webrtc.MediaEngine, p profile, feedback []webrtc.RTCPFeedback) error {
	for _, c := range []struct {
		mime, line string
		as         webrtc.PayloadType
	}{{webrtc.MimeTypeVP9, "profile-id=0", vp9Type}, {webrtc.MimeTypeAV1, "level-idx=5;profile=0;tier=0", av1Type}} {
		media := webrtc.RTPCodecCapability{MimeType: c.mime, ClockRate: 90000, SDPFmtpLine: c.line, RTCPFeedback: feedback}
		repair := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", c.as)}
		for as, codec := range map[webrtc.PayloadType]webrtc.RTPCodecCapability{c.as: media, c.as + 1: repair} {
			if err := m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: as, RTPCodecCapability: codec}, webrtc.RTPCodecTypeVideo); err != nil {
				return fmt.Errorf("register %s: %w", codec.MimeType, err)
			}
		}
	}
	if !p.described {
		return nil
	}
	if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: descriptorURI}, webrtc.RTPCodecTypeVideo); err != nil {
		return fmt.Errorf("register the dependency descriptor: %w", err)
	}
	return nil
}

// silent is a logger for Pion that says nothing: formatting what nobody reads
// is a good part of its cost.
type silent struct{}

func (silent) NewLogger(string) logging.LeveledLogger { return silent{} }

func (silent) Trace(string)          {}
func (silent) Tracef(string, ...any) {}
func (silent) Debug(string)          {}
func (silent) Debugf(string, ...any) {}
func (silent) Info(string)           {}
func (silent) Infof(string, ...any)  {}
func (silent) Warn(string)           {}
func (silent) Warnf(string, ...any)  {}
func (silent) Error(string)          {}
func (silent) Errorf(string, ...any) {}
