// Package transcripttest is a transcription service for tests. It takes what OpenAI's
// endpoint takes and nothing else, listens to every sample it is sent, and writes down
// which tones it heard: whoever let somebody speak in a tone sees whether they were
// heard who should not have been.
package transcripttest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// Key and Model are what the service takes.
const (
	Key   = "sk-test-0123456789"
	Model = "whisper-1"
)

// Tones are the frequencies it knows by their name, in Hz.
func Tones() []int { return []int{300, 440, 620, 1000, 1700} }

// limits of the real one.
const maxFile = 25 << 20

// Service is the fake. The zero value is ready.
type Service struct {
	mu       sync.Mutex
	refusals []Refusal
	requests int
	heard    map[string]float64 // seconds of each sound
	rejected []string
	language []string
}

// Refusal is an answer other than a transcription.
type Refusal struct {
	Status     int
	RetryAfter int    // seconds
	Location   string // where it leads
	Body       string // empty: an error as the real one words it
}

// Refuse has the next requests refused.
func (s *Service) Refuse(r ...Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = append(s.refusals, r...)
}

// Requests returns how many requests there were.
func (s *Service) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Heard returns how many seconds it heard of each sound, by the text that it
// writes for it.
func (s *Service) Heard() map[string]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]float64{}
	for text, seconds := range s.heard {
		all[text] = seconds
	}
	return all
}

// Languages returns the languages it was told, one for each request.
func (s *Service) Languages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.language...)
}

// Rejected returns what the real one would not have taken.
func (s *Service) Rejected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.rejected...)
}

// Text is what it writes for a tone.
func Text(tone int) string { return fmt.Sprintf("I am %d & <b>", tone) }

// Sound is what it writes for any other sound.
const Sound = "a sound"

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if got := r.Header.Get("Authorization"); got != "Bearer "+Key {
		s.rejected = append(s.rejected, fmt.Sprintf("the key %q", got))
		refuse(w, Refusal{Status: http.StatusUnauthorized})
		return
	}
	samples, err := s.read(w, r)
	if err != nil {
		s.rejected = append(s.rejected, err.Error())
		refuse(w, Refusal{Status: http.StatusBadRequest})
		return
	}
	if len(s.refusals) > 0 {
		next := s.refusals[0]
		s.refusals = s.refusals[1:]
		refuse(w, next)
		return
	}
	type segment struct {
		ID    int     `json:"id"`
		Start float64 `json:"start"`
		End   float64 `json:"end"`
		Text  string  `json:"text"`
	}
	out := struct {
		Task     string    `json:"task"`
		Language string    `json:"language"`
		Duration float64   `json:"duration"`
		Text     string    `json:"text"`
		Segments []segment `json:"segments"`
	}{Task: "transcribe", Language: "english", Duration: float64(len(samples)) / rate, Segments: []segment{}}
	for _, h := range listen(samples) {
		if s.heard == nil {
			s.heard = map[string]float64{}
		}
		s.heard[h.text] += h.to - h.from
		out.Segments = append(out.Segments, segment{len(out.Segments), h.from, h.to, " " + h.text})
		out.Text += " " + h.text
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func refuse(w http.ResponseWriter, r Refusal) {
	if r.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(r.RetryAfter))
	}
	if r.Location != "" {
		w.Header().Set("Location", r.Location)
	}
	if r.Body == "" {
		w.Header().Set("Content-Type", "application/json")
		r.Body = `{"error":{"message":"That is not taken.","type":"invalid_request_error","param":null,"code":null}}`
	}
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body)
}

// read checks a request and returns the samples it holds.
func (s *Service) read(w http.ResponseWriter, r *http.Request) ([]int16, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/audio/transcriptions" || r.URL.RawQuery != "" {
		return nil, fmt.Errorf("%s %s", r.Method, r.URL)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+1<<16)
	if err := r.ParseMultipartForm(maxFile); err != nil {
		return nil, err
	}
	for name, values := range r.MultipartForm.Value {
		known := map[string]bool{
			"model": values[0] == Model, "response_format": values[0] == "verbose_json", "temperature": values[0] == "0", "language": len(values[0]) == 2,
		}
		if !known[name] || len(values) != 1 {
			return nil, fmt.Errorf("the field %s is %q", name, values)
		}
	}
	if r.FormValue("model") == "" || r.FormValue("response_format") == "" || len(r.MultipartForm.File) != 1 {
		return nil, errors.New("a field is missing, or there is a file too many")
	}
	s.language = append(s.language, r.FormValue("language"))
	file, head, err := r.FormFile("file")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if head.Filename != "speech.wav" || head.Size > maxFile {
		return nil, fmt.Errorf("the file is %q, of %d bytes", head.Filename, head.Size)
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return readWave(raw)
}

const rate = 16_000

// readWave takes the one form that is sent: 16 kHz, one channel, 16 bits.
func readWave(raw []byte) ([]int16, error) {
	const head = "RIFF....WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data"
	if len(raw) < len(head)+4 {
		return nil, fmt.Errorf("a file of %d bytes", len(raw))
	}
	for i := range len(head) {
		if raw[i] != head[i] && (i < 4 || i >= 8) {
			return nil, fmt.Errorf("byte %d of the file is %#x, want %#x", i, raw[i], head[i])
		}
	}
	data := raw[len(head)+4:]
	if got := binary.LittleEndian.Uint32(raw[len(head):]); int(got) != len(data) || int(binary.LittleEndian.Uint32(raw[4:])) != len(raw)-8 {
		return nil, fmt.Errorf("the file says it holds %d bytes and holds %d", got, len(data))
	}
	samples := make([]int16, len(data)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	if len(samples) < rate/10 {
		return nil, fmt.Errorf("%d samples are too short", len(samples))
	}
	return samples, nil
}

// sound is something that was heard, from and to in seconds.
type sound struct {
	from, to float64
	text     string
}

// listen names what there is to hear, in steps of a twentieth of a second.
func listen(samples []int16) []sound {
	const step = rate / 20
	var all []sound
	for at := 0; at+step <= len(samples); at += step {
		text := name(samples[at : at+step])
		if text == "" {
			continue
		}
		from, to := float64(at)/rate, float64(at+step)/rate
		if n := len(all); n > 0 && all[n-1].text == text && from-all[n-1].to < 0.3 {
			all[n-1].to = to
			continue
		}
		all = append(all, sound{from, to, text})
	}
	// What is as short as one step is the edge of something.
	return slices.DeleteFunc(all, func(s sound) bool { return s.to-s.from < 1.5*step/rate })
}

// name says what a short sound is: silence has no name.
func name(samples []int16) string {
	var total float64
	for _, s := range samples {
		total += float64(s) * float64(s)
	}
	if math.Sqrt(total/float64(len(samples))) < 300 {
		return ""
	}
	for _, tone := range Tones() {
		// Goertzel: the part of the power that is at this frequency.
		k := 2 * math.Cos(2*math.Pi*float64(tone)/rate)
		var a, b float64
		for _, s := range samples {
			a, b = float64(s)+k*a-b, a
		}
		if power := (a*a + b*b - k*a*b) * 2 / float64(len(samples)); power > 0.6*total {
			return Text(tone)
		}
	}
	return Sound
}
