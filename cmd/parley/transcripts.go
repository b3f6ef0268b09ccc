package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"parley/internal/doctor"
	"parley/internal/transcript"
	"parley/recorder/render"
)

// TranscriptsConfig says which service puts into writing what people say in
// recordings.
type TranscriptsConfig struct {
	URL      string // of the API; empty: nothing is put into writing
	Model    string
	KeyFile  string // empty: the service wants none
	Language string // empty: the service finds out
	Timeout  time.Duration
	AtOnce   int
}

// isTranscribed reports whether recordings are put into writing.
func (c RecordingConfig) isTranscribed() bool { return c.Enabled && c.Transcripts.URL != "" }

// apiURLValue is the address of an API, with its path.
type apiURLValue struct{ p *string }

func (v *apiURLValue) String() string { return *v.p }

func (v *apiURLValue) Set(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no address of an API; write one such as https://api.openai.com/v1", text)
	}
	if strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/audio/transcriptions") {
		return fmt.Errorf("%q names the endpoint itself; write what comes before /audio/transcriptions", text)
	}
	*v.p = text
	return nil
}

// languageValue is a language by its two letters (ISO 639-1).
type languageValue struct{ p *string }

func (v *languageValue) String() string { return *v.p }

func (v *languageValue) Set(text string) error {
	if len(text) != 2 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") != "" {
		return fmt.Errorf("%q is no language; write its two letters, such as en", text)
	}
	*v.p = text
	return nil
}

// checkTranscripts finds what would send what people said in the open.
func checkTranscripts(c TranscriptsConfig) error {
	if c.URL == "" && c.KeyFile != "" {
		return &configError{field: "recording.transcripts.url", message: "is missing; write the address of the service that recording.transcripts.key_file is for"}
	}
	if u, err := url.Parse(c.URL); err == nil && u.Scheme == "http" && !isInHouse(u.Hostname()) {
		return &configError{field: "recording.transcripts.url",
			message: "is http, by which what people said could be heard on the way; write https://" + u.Host + u.Path}
	}
	return nil
}

// isInHouse reports whether a host cannot be outside of the operator's own network,
// as far as its name shows.
func isInHouse(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
	}
	for _, end := range []string{".localhost", ".internal", ".local", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// maker returns what puts recordings into writing. The caller closes its service.
func (c RecordingConfig) maker(ffmpeg *render.FFmpeg) (*transcript.Maker, error) {
	t := c.Transcripts
	key, err := readSecret("recording.transcripts.key_file", t.KeyFile)
	if err != nil {
		return nil, err
	}
	return &transcript.Maker{FFmpeg: ffmpeg, Service: transcript.NewService(transcript.ServiceConfig{
		URL: t.URL, Model: t.Model, Key: key, Language: t.Language, Timeout: t.Timeout,
	})}, nil
}

// checkTranscription asks the service for what half a second of silence says.
func (e *examination) checkTranscription(ctx context.Context) []doctor.Finding {
	c := e.cfg.Recording
	if !c.isTranscribed() {
		return []doctor.Finding{doctor.NotTried("transcripts", "recording.transcripts.url is not set")}
	}
	const fix = "see recording.transcripts in docs/config.md"
	if _, err := render.Find(ctx, c.FFmpeg); err != nil {
		return []doctor.Finding{{Level: doctor.Fail, Message: "nothing can be put into writing without ffmpeg: " + err.Error(), Fix: "sudo apt-get install -y ffmpeg"}}
	}
	m, err := c.maker(nil)
	if err == nil {
		defer m.Service.Close()
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		err = m.Service.Try(ctx)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("the service does not answer half a second of silence within 30 seconds")
	}
	if err != nil {
		return []doctor.Finding{{Level: doctor.Fail, Message: err.Error(), Fix: fix}}
	}
	return []doctor.Finding{{Level: doctor.OK, Message: "the service at " + c.Transcripts.URL + " puts sound into writing"}}
}
