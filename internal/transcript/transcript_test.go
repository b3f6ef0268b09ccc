package transcript

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/transcript/transcripttest"
	"parley/recorder"
	"parley/recorder/render"
)

// speech is a Matroska file in which tones are heard: [frequency, from, to].
func speech(t *testing.T, seconds float64, tones ...[3]float64) []byte {
	t.Helper()
	var parts []string
	for _, tone := range tones {
		parts = append(parts, fmt.Sprintf("0.3*sin(2*PI*%g*t)*between(t,%g,%g)", tone[0], tone[1], tone[2]))
	}
	source := fmt.Sprintf("aevalsrc=exprs='%s':s=48000:d=%g", strings.Join(append(parts, "0"), "+"), seconds)
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-c:a", "libopus", "-f", "webm", "pipe:1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	return out
}

var findFFmpeg = sync.OnceValues(func() (*render.FFmpeg, error) { return render.Find(context.Background(), "") })

func maker(t *testing.T, key string) (*Maker, *transcripttest.Service) {
	t.Helper()
	fake := &transcripttest.Service{}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	ffmpeg, err := findFFmpeg()
	if err != nil {
		t.Fatal(err)
	}
	service := NewService(ServiceConfig{URL: server.URL + "/v1/", Model: transcripttest.Model, Key: key, Language: "en"})
	t.Cleanup(service.Close)
	return &Maker{Service: service, FFmpeg: ffmpeg}, fake
}

func always() error { return nil }

func near(t *testing.T, lines []Line, want ...Line) {
	t.Helper()
	ok := len(lines) == len(want)
	for n := 0; ok && n < len(want); n++ {
		g, w := lines[n], want[n]
		ok = g.Text == w.Text && g.Speaker == w.Speaker && math.Abs(float64(g.FromMS-w.FromMS)) <= 100 && math.Abs(float64(g.ToMS-w.ToMS)) <= 100
	}
	if !ok {
		t.Errorf("written is %+v, want %+v", lines, want)
	}
}

func TestWhatIsSaidStandsAtItsPlaceInTheRecording(t *testing.T) {
	m, fake := maker(t, transcripttest.Key)
	file := speech(t, 40, [3]float64{440, 2, 4}, [3]float64{1000, 5, 6}, [3]float64{440, 30, 31.5})
	var p Progress
	if err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{StartMS: 1500, FromMS: 1500}, &p, always); err != nil {
		t.Fatal(err)
	}
	near(t, p.Lines,
		Line{"Clara", 3500, 5500, transcripttest.Text(440)}, Line{"Clara", 6500, 7500, transcripttest.Text(1000)},
		Line{"Clara", 31500, 33000, transcripttest.Text(440)})
	if fake.Requests() != 2 || len(fake.Rejected()) > 0 { // the long silence is not sent
		t.Errorf("%d requests, rejected %v", fake.Requests(), fake.Rejected())
	}
	if l := fake.Languages(); !reflect.DeepEqual(l, []string{"en", "en"}) {
		t.Errorf("languages %v", l)
	}
}

func TestNothingIsHeardThatWasSaidBeforeTheAgreement(t *testing.T) {
	m, fake := maker(t, transcripttest.Key)
	file := speech(t, 12, [3]float64{440, 0.5, 6}, [3]float64{1000, 6, 9})
	var p Progress
	if err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{StartMS: 2000, FromMS: 9000}, &p, always); err != nil {
		t.Fatal(err)
	}
	near(t, p.Lines, Line{"Clara", 9000, 11000, transcripttest.Text(1000)})
	if s := fake.Heard()[transcripttest.Text(440)]; s > 0 {
		t.Errorf("%v s were heard of before", s)
	}
}

func TestAnAgreementThatIsTakenBackEndsIt(t *testing.T) {
	m, fake := maker(t, transcripttest.Key)
	file := speech(t, 20, [3]float64{440, 1, 2}, [3]float64{1000, 15, 17})
	asked := 0
	var p Progress
	err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{}, &p, func() error {
		if asked++; asked > 1 {
			return ErrTakenBack
		}
		return nil
	})
	if !errors.Is(err, ErrTakenBack) || fake.Requests() != 1 || fake.Heard()[transcripttest.Text(1000)] > 0 {
		t.Errorf("got %v after %d requests; heard %v", err, fake.Requests(), fake.Heard())
	}
}

func TestWhatFailedIsGoneOnWithAndNothingIsSentTwice(t *testing.T) {
	m, fake := maker(t, transcripttest.Key)
	file := speech(t, 20, [3]float64{440, 1, 2}, [3]float64{1000, 15, 17})
	for _, refusal := range []transcripttest.Refusal{{Status: 429, RetryAfter: 7}, {Status: 503}} {
		fake.Refuse(refusal)
		var p Progress
		err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{}, &p, always)
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.Again || e.After != time.Duration(refusal.RetryAfter)*time.Second {
			t.Errorf("%d: %v", refusal.Status, err)
		}
	}
	before := fake.Requests()
	var p Progress
	if err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{}, &Progress{}, always); err != nil {
		t.Fatal(err)
	}
	calls := 0
	err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{}, &p, func() error {
		if calls++; calls == 2 {
			fake.Refuse(transcripttest.Refusal{Status: 500})
		}
		return nil
	})
	if err == nil || len(p.Lines) != 1 {
		t.Fatalf("half way: %v, %+v", err, p.Lines)
	}
	if err := m.Write(t.Context(), bytes.NewReader(file), "Clara", Sound{}, &p, always); err != nil {
		t.Fatal(err)
	}
	near(t, p.Lines, Line{"Clara", 1000, 2000, transcripttest.Text(440)}, Line{"Clara", 15000, 17000, transcripttest.Text(1000)})
	if n := fake.Requests() - before; n != 5 {
		t.Errorf("%d requests, want 2, 2 and 1", n)
	}
}

func TestWhatIsRefusedIsSaidInWords(t *testing.T) {
	m, fake := maker(t, transcripttest.Key)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it followed a redirect") }))
	defer elsewhere.Close()
	for _, tt := range []struct {
		refusal transcripttest.Refusal
		want    string
	}{
		{transcripttest.Refusal{Status: 400}, "status 400: That is not taken."},
		{transcripttest.Refusal{Status: 401}, "does not take the key"},
		{transcripttest.Refusal{Status: 404}, "no such address or model"},
		{transcripttest.Refusal{Status: 413, Body: "<html>"}, "status 413"},
		{transcripttest.Refusal{Status: 307, Location: elsewhere.URL}, "leads elsewhere"},
		{transcripttest.Refusal{Status: 200, Body: "<html>"}, "something else than a transcription"},
		{transcripttest.Refusal{Status: 200, Body: `{"text":"` + strings.Repeat("a", maxAnswer) + `"}`}, "more than"},
	} {
		fake.Refuse(tt.refusal)
		e, ok := errors.AsType[*Error](m.Service.Try(t.Context()))
		if !ok || e.Again || !strings.Contains(e.Message, tt.want) {
			t.Errorf("%d: %v, want %q", tt.refusal.Status, e, tt.want)
		}
	}
	if err := m.Service.Try(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := NewService(ServiceConfig{URL: "http://127.0.0.1:1", Timeout: time.Second})
	if e, ok := errors.AsType[*Error](wrong.Try(t.Context())); !ok || !e.Again || !strings.Contains(e.Message, "cannot be reached") {
		t.Errorf("nobody there: %v", e)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Service.Try(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("when everything stops: %v", err)
	}
}

func TestLongSpeechIsCutWhereItIsStill(t *testing.T) {
	tone := func(c *cutter, from, to float64, loud float64) (all []piece) {
		for at := int(from * Rate); at < int(to*Rate); at += frame {
			samples := make([]int16, frame)
			for i := range samples {
				samples[i] = int16(loud * math.Sin(float64(at+i)))
			}
			if p, ok := c.put(samples); ok {
				all = append(all, p)
			}
		}
		return all
	}
	var c cutter
	if got := tone(&c, 0, 20, 0); got != nil {
		t.Fatalf("silence is sent: %d", len(got))
	}
	var got []piece
	for _, part := range [][3]float64{{20, 290, 5000}, {290, 290.4, 0}, {290.4, 330, 5000}, {330, 340, 0}} {
		got = append(got, tone(&c, part[0], part[1], part[2])...)
	}
	if _, left := c.last(); left || len(got) != 2 {
		t.Fatalf("%d pieces, more to come %v", len(got), left)
	}
	a, b := got[0], got[1]
	if begin, cut := float64(a.at)/Rate, float64(a.end())/Rate; math.Abs(begin-19.5) > 0.05 || cut < 290 || cut > 290.4 {
		t.Errorf("the first is from %v to %v", begin, cut)
	}
	if b.at != a.end() || math.Abs(float64(b.end())/Rate-330.5) > 0.05 {
		t.Errorf("the second is from %v to %v", float64(b.at)/Rate, float64(b.end())/Rate)
	}
	if n := len(wave(make([]int16, longest))); n > 25<<20 {
		t.Errorf("the longest piece has %d bytes", n)
	}
}

func TestOfThoseOnlyWhoAgreedSomethingIsPlanned(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	answer := func(kind recorder.Kind, a recorder.Answer, after time.Duration) recorder.Receipt {
		return recorder.Receipt{Consent: recorder.Consent{Kind: kind, Answer: a, At: noon.Add(after)}}
	}
	const yes, no, back = recorder.Granted, recorder.Declined, recorder.Withdrawn
	rec := answer(recorder.KindRecording, yes, -time.Second)
	wr := func(a recorder.Answer, after time.Duration) recorder.Receipt {
		return answer(recorder.KindTranscription, a, after)
	}
	for name, tt := range map[string]struct {
		consents []recorder.Receipt
		from     int64 // -1: nothing is planned
	}{
		"never asked":             {[]recorder.Receipt{rec}, -1},
		"with the recording":      {[]recorder.Receipt{rec, wr(yes, -time.Second)}, 2000},
		"said twice":              {[]recorder.Receipt{rec, wr(yes, -time.Second), wr(yes, time.Minute)}, 2000},
		"in its midst":            {[]recorder.Receipt{rec, wr(yes, 20*time.Second)}, 20_000},
		"after a pause":           {[]recorder.Receipt{rec, wr(yes, 40*time.Second)}, 30_000},
		"in a pause":              {[]recorder.Receipt{rec, wr(yes, 35*time.Second)}, 30_000},
		"at the end":              {[]recorder.Receipt{rec, wr(yes, 5*time.Minute)}, -1},
		"declined":                {[]recorder.Receipt{rec, wr(no, 0)}, -1},
		"taken back":              {[]recorder.Receipt{rec, wr(yes, 0), wr(back, time.Second)}, -1},
		"taken back and given":    {[]recorder.Receipt{rec, wr(yes, 0), wr(back, time.Second), wr(yes, 20*time.Second)}, 20_000},
		"no longer recorded":      {[]recorder.Receipt{rec, wr(yes, 0), answer(recorder.KindRecording, back, time.Second)}, -1},
		"without being recorded":  {[]recorder.Receipt{wr(yes, 0)}, -1},
		"recorded anew, not this": {[]recorder.Receipt{rec, wr(yes, 0), wr(back, 1), answer(recorder.KindRecording, back, 1), answer(recorder.KindRecording, yes, 2)}, -1},
	} {
		m := recorder.Manifest{
			Started: noon, DurationMS: 60_000, Pauses: []recorder.Pause{{AtMS: 30_000, From: noon.Add(30 * time.Second), To: noon.Add(40 * time.Second)}},
			People: []recorder.Member{{Person: recorder.Person{ID: "other"}}, {Person: recorder.Person{ID: "a", Name: "Ann"}, Consents: tt.consents}},
			Files: []recorder.File{
				{Name: "1", Participant: "other", Source: recorder.Mic, DurationMS: 60_000},
				{Name: "2", Participant: "a", Source: recorder.Mic, StartMS: 2000, DurationMS: 58_000},
				{Name: "3", Participant: "a", Source: recorder.ScreenAudio, DurationMS: 60_000},
				{Name: "4", Participant: "a", Source: recorder.Camera, DurationMS: 60_000},
			},
		}
		parts := Plan(m)
		if tt.from < 0 {
			if len(parts) > 0 {
				t.Errorf("%s: planned is %+v", name, parts)
			}
			continue
		}
		if len(parts) != 1 || parts[0].Participant != "a" || parts[0].File != "transcript-002.vtt" || !reflect.DeepEqual(parts[0].Sounds, []Sound{{"2", 2000, tt.from}}) {
			t.Errorf("%s: planned is %+v", name, parts)
		}
	}
}

func TestATranscriptIsPlainText(t *testing.T) {
	lines := []Line{
		{"Ann <b>", 0, 1250, "1 < 2 & 3 --> 4\n\n00:00.000 --> 00:09.000\nfaked"},
		{"Bob", 3_661_007, 3_662_000, "&amp; \u202e\x00 <script>alert(1)</script>"},
	}
	file := Encode(lines)
	want := "WEBVTT\n\n00:00:00.000 --> 00:00:01.250\n<v Ann &lt;b&gt;>1 &lt; 2 &amp; 3 --&gt; 4 00:00.000 --&gt; 00:09.000 faked\n" +
		"\n01:01:01.007 --> 01:01:02.000\n<v Bob>&amp;amp; \u202e &lt;script&gt;alert(1)&lt;/script&gt;\n"
	if string(file) != want {
		t.Errorf("written is\n%s\nwant\n%s", file, want)
	}
	back, err := Decode(file)
	if err != nil || len(back) != 2 || back[1].Text != "&amp; \u202e <script>alert(1)</script>" || back[1].FromMS != 3_661_007 {
		t.Errorf("read back: %+v, %v", back, err)
	}
	for _, broken := range []string{"", "WEBVTT\n\nx", "WEBVTT\n\n00:00.000 --> 00:01.000\n<v A>b\n", "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nb\n"} {
		if _, err := Decode([]byte(broken)); err == nil {
			t.Errorf("taken was %q", broken)
		}
	}
	merged := Merge([]Line{{"A", 5, 6, "2"}, {"A", 9, 9, "4"}}, []Line{{"B", 0, 9, "1"}, {"B", 5, 7, "3"}})
	for n, l := range merged {
		if l.Text != fmt.Sprint(n+1) {
			t.Errorf("merged is %+v", merged)
		}
	}
}
