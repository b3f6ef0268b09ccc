package transcript

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ServiceConfig says which service hears, and how it is asked.
type ServiceConfig struct {
	URL      string // of the API, up to what comes before /audio/transcriptions
	Model    string
	Key      string        // empty: none is sent
	Language string        // ISO 639-1; empty: the service finds out
	Timeout  time.Duration // of one request; 0: five minutes
}

const maxAnswer = 4 << 20 // bytes

// Service is a service that puts sound into writing. It may be used by many at a
// time.
type Service struct {
	cfg  ServiceConfig
	http *http.Client
}

// NewService returns a service. Nothing is asked of it yet.
func NewService(cfg ServiceConfig) *Service {
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Minute
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	return &Service{cfg: cfg, http: &http.Client{
		Timeout: cfg.Timeout,
		// What people said goes where the operator wrote, and through nothing else.
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 32 << 10, DisableCompression: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets idle connections go.
func (s *Service) Close() { s.http.CloseIdleConnections() }

// Model is the name of the model that hears.
func (s *Service) Model() string { return s.cfg.Model }

// Error is why a service did not put something into writing.
type Error struct {
	Message string        // in words, without what was sent
	Again   bool          // it may go better later
	After   time.Duration // when the service asks for it; 0: it says nothing
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Try asks the service for what half a second of silence says. The error is an
// *Error.
func (s *Service) Try(ctx context.Context) error {
	_, err := s.hear(ctx, piece{samples: make([]int16, Rate/2)})
	return err
}

// hear asks for the lines of a piece of sound.
func (s *Service) hear(ctx context.Context, p piece) ([]heard, error) {
	body, kind, err := s.form(wave(p.samples))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL+"/audio/transcriptions", body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Parley")
	if s.cfg.Key != "" {
		request.Header.Set("Authorization", "Bearer "+s.cfg.Key)
	}
	response, err := s.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, s.unreached(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err() // nobody waits: it is no fault of the service
	case err != nil:
		return nil, &Error{Message: "the service broke off in the middle of its answer", Again: true}
	case response.StatusCode != http.StatusOK:
		return nil, s.refused(response, raw, time.Now())
	case len(raw) > maxAnswer:
		return nil, &Error{Message: fmt.Sprintf("the service answers more than %d bytes", maxAnswer)}
	}
	lines, err := parse(raw, p.length())
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	return lines, nil
}

// form is the body of a request, and its content type.
func (s *Service) form(sound []byte) (*bytes.Buffer, string, error) {
	var b bytes.Buffer
	b.Grow(len(sound) + 2048)
	form := multipart.NewWriter(&b)
	fields := [][2]string{{"model", s.cfg.Model}, {"response_format", "verbose_json"}, {"temperature", "0"}}
	if s.cfg.Language != "" {
		fields = append(fields, [2]string{"language", s.cfg.Language})
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return nil, "", err
		}
	}
	// Neither the name of the file nor anything else says whose voice it is.
	file, err := form.CreateFormFile("file", "speech.wav")
	if err != nil {
		return nil, "", err
	}
	_, err = file.Write(sound)
	return &b, form.FormDataContentType(), errors.Join(err, form.Close())
}

// unreached says why there is no answer. A certificate that is not trusted is no
// better a minute later, but the operator may be at it.
func (s *Service) unreached(err error) *Error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		if u.Timeout() {
			return &Error{Message: fmt.Sprintf("the service does not answer within %s", s.cfg.Timeout), Again: true}
		}
		err = u.Err
	}
	return &Error{Message: "the service cannot be reached: " + plain(err.Error(), 200), Again: true}
}

// refused says in words what an answer without a transcription means.
func (s *Service) refused(response *http.Response, raw []byte, now time.Time) *Error {
	status := response.StatusCode
	e := &Error{Again: status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500}
	switch {
	case status >= 300 && status < 400:
		e.Message = "the service leads elsewhere, and sound is sent nowhere else: write its own address in recording.transcripts.url"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		// Its own words may quote the key.
		e.Message = "the service does not take the key: see recording.transcripts.key_file"
	case status == http.StatusNotFound:
		e.Message = fmt.Sprintf("the service knows no such address or model: see recording.transcripts.url, which ends before /audio/transcriptions, and recording.transcripts.model%s", words(raw))
	case status == http.StatusTooManyRequests:
		e.Message, e.After = "the service asks to be asked less often, or its quota is used up", after(response, now)
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Message, e.After = fmt.Sprintf("the service fails with status %d", status), after(response, now)
	default:
		e.Message = fmt.Sprintf("the service refuses with status %d%s", status, words(raw))
	}
	return e
}

// words is what a service says of its refusal.
func words(raw []byte) string {
	var said struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return ""
	}
	if text := plain(said.Error.Message, 200); text != "" {
		return ": " + text
	}
	return ""
}

// maxAfter is how long a service is left alone because it asks for it.
const maxAfter = time.Hour

// after reads Retry-After (RFC 9110 §10.2.3).
func after(response *http.Response, now time.Time) time.Duration {
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxAfter)
	}
	return 0
}
