package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"parley/internal/chat"
	"parley/internal/demo"
)

// Config is everything an operator can set. Its values come, each overriding
// the one before, from the defaults, a YAML file, the environment and flags;
// see loadConfig. The settings method is the one table of their names.
type Config struct {
	Data      string
	HTTP      HTTPConfig
	Media     MediaConfig
	TURN      TURNConfig
	Interview InterviewConfig
	Recording RecordingConfig
	Webhook   WebhookConfig
	Guard     GuardConfig
	Chat      ChatConfig
	Files     FilesConfig
	Zoom      ZoomConfig
	Metrics   MetricsConfig
	Log       LogConfig
}

// HTTPConfig says where pages, API and signaling are served, and to whom.
type HTTPConfig struct {
	Listen         string         // host:port
	PublicURL      string         // scheme and host that people open; no path
	TLSCertificate string         // PEM file; empty serves plain HTTP
	TLSKey         string         // PEM file
	Origins        []string       // further origins whose pages may open signaling
	FrameAncestors []string       // origins whose pages may frame the room
	Proxies        []netip.Prefix // whose X-Forwarded-For and PROXY header are believed
	ACME           string         // "off", "on", or "on" with the operator's mail address
	ACMEDirectory  string         // URL; empty: Let's Encrypt
	ACMECA         string         // PEM file of who vouches for the directory; empty: the system's
	Redirect       string         // host:port of plain HTTP that leads to https; empty: none
}

// isTLS reports whether Parley speaks TLS itself.
func (c HTTPConfig) isTLS() bool { return c.TLSCertificate != "" || c.isACME() }

func (c HTTPConfig) isACME() bool { return c.ACME != "" && c.ACME != "off" }

// TURNConfig says whether and for whom media is relayed.
type TURNConfig struct {
	Enabled     bool
	Realm       string           // empty: the public host
	URLs        []string         // further addresses of the relay that browsers are given
	Peers       []netip.AddrPort // media of other nodes
	Allocations int              // at most, in all
	Kbps        int              // of one allocation, each way
}

// MediaConfig says where RTP arrives and which addresses browsers are told.
type MediaConfig struct {
	Listen   netip.Addr   // invalid means every address of the machine
	Port     int          // of the first shard; 0 means any free ports
	Shards   int          // 0 means one per processor
	Announce []netip.Addr // empty means the machine's own addresses
}

// InterviewConfig holds the rules that are the operator's to choose.
type InterviewConfig struct {
	RingFor         time.Duration
	EmptyFor        time.Duration
	Grace           time.Duration
	MaxParticipants int
	Seats           int
}

// RecordingConfig says whether interviews may be recorded, and where that is kept.
type RecordingConfig struct {
	Enabled bool
	Mode    string // of interviews for which nobody chose one: off, all, per_track
	Dir     string // empty: recordings in Data
	KeyFile string // empty: recording.key in Data
	Keep    time.Duration
	Film    bool   // make one film of each
	FFmpeg  string // path; empty: where programs are

	Transcripts TranscriptsConfig

	// Where recordings go; an empty StorageURL keeps them in Dir.
	StorageURL, StorageRegion, StorageKey, StorageSecretFile string
}

// WebhookConfig says where webhooks may be sent and how long they are kept.
type WebhookConfig struct {
	Allow []netip.Prefix // besides the public internet
	Keep  time.Duration
}

// GuardConfig says how threads are guarded whose host app has not said.
type GuardConfig struct {
	Mode    string   // off, observe, warn, mask, block
	Allowed []string // domains that are no contact detail
}

// ChatConfig says how long what is written is kept.
type ChatConfig struct {
	Keep time.Duration
}

// FilesConfig says which files people may offer, and where browsers take them.
type FilesConfig struct {
	UploadOrigins []string // origins, or the word self; none: no files are taken
	MaxMB         int
	Types         []string // media types, or kinds of them such as image/*; none: all
}

// MetricsConfig says who, besides the machine itself, may read /metrics.
type MetricsConfig struct {
	Allow []netip.Prefix
}

// LogConfig says how much is logged, and in which form.
type LogConfig struct {
	Level  string // debug, info, warn, error
	Format string // text, json
}

// defaultConfig is what `parley serve` starts from.
func defaultConfig() Config {
	return Config{
		Data: "data",
		HTTP: HTTPConfig{Listen: "127.0.0.1:8080", ACME: "off"},
		// 3478 is the port that networks expect real-time media helpers on,
		// so it passes more firewalls than an arbitrary one.
		Media: MediaConfig{Port: 3478},
		TURN:  TURNConfig{Enabled: true, Allocations: 4096, Kbps: 12000},
		Interview: InterviewConfig{
			RingFor:         5 * time.Minute,
			EmptyFor:        30 * time.Second,
			Grace:           30 * time.Second,
			MaxParticipants: 16,
			Seats:           8,
		},
		// A host app that has just been connected must find nothing held back.
		Guard:     GuardConfig{Mode: "observe"},
		Chat:      ChatConfig{Keep: 365 * 24 * time.Hour},
		Files:     FilesConfig{MaxMB: 100},
		Recording: defaultRecording(),
		Webhook:   WebhookConfig{Keep: 30 * 24 * time.Hour},
		Zoom:      ZoomConfig{PerHost: 1, OAuthURL: "https://zoom.us", APIURL: "https://api.zoom.us"},
		Log:       LogConfig{Level: "info", Format: "text"},
	}
}

func defaultRecording() RecordingConfig {
	return RecordingConfig{
		Enabled: true, Film: true, Mode: "off", Keep: 30 * 24 * time.Hour,
		Transcripts: TranscriptsConfig{Model: "whisper-1", Timeout: 5 * time.Minute, AtOnce: 1},
	}
}

// demoConfig is what `parley demo` starts from: it needs no file, leaves the
// well-known media port alone, and keeps quiet.
func demoConfig() Config {
	c := defaultConfig()
	c.Data = demoDataDir(runtime.GOOS, os.Getenv)
	c.Media.Port = 0
	c.Recording.Mode = "all"
	// Whoever tries webhooks out has the receiver on the same machine.
	c.Webhook.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	c.Guard.Mode = "block" // to be seen
	// The app behind the same address takes files, and holds them in memory.
	c.Files.UploadOrigins, c.Files.MaxMB = []string{chat.OriginSelf}, demo.MaxFileMB
	c.Log.Level = "warn"
	return c
}

// demoDataDir is the user's own data directory, or ./data where there is none.
func demoDataDir(system string, env func(string) string) string {
	home := env("HOME")
	switch {
	case system == "windows" && env("LocalAppData") != "":
		return filepath.Join(env("LocalAppData"), "parley-demo")
	case system == "windows" || home == "" && env("XDG_DATA_HOME") == "":
		return "data"
	case system == "darwin":
		return filepath.Join(home, "Library", "Application Support", "parley-demo")
	case filepath.IsAbs(env("XDG_DATA_HOME")):
		return filepath.Join(env("XDG_DATA_HOME"), "parley-demo")
	case home == "":
		return "data"
	}
	return filepath.Join(home, ".local", "share", "parley-demo")
}
