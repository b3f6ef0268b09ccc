package transcript

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAnswer holds that whatever a service answers becomes lines within the sound that
// was sent, in order, that stand in a WebVTT file and come out of it as they went in.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"text":"hello","segments":[{"start":0,"end":1.5,"text":" hello"},{"start":1.5,"end":1e9,"text":"-->"}]}`), int64(2000))
	f.Add([]byte(`{"text":"no times"}`), int64(100))
	f.Add([]byte(`{"segments":[{"start":-1,"end":-2,"text":"<v A>&lt;\n\n00:00"}]}`), int64(5))
	f.Add([]byte(`{"segments":[{"start":1e308,"text":"\u2028\u0000x"}]}`), int64(0))
	f.Add([]byte(`[]`), int64(1))
	f.Fuzz(func(t *testing.T, raw []byte, ms int64) {
		length := time.Duration(max(ms, 0)%300_000) * time.Millisecond
		all, err := parse(raw, length)
		if err != nil && all != nil {
			t.Fatal("refused, and taken")
		}
		var lines []Line
		var before time.Duration
		for _, h := range all {
			if h.from < before || h.to < h.from || h.to > length || h.text == "" || !utf8.ValidString(h.text) || strings.ContainsAny(h.text, "\n\r\x00") {
				t.Fatalf("%+v after %v, of %v", h, before, length)
			}
			before = h.from
			lines = append(lines, Line{"Ann > <b>", h.from.Milliseconds(), h.to.Milliseconds(), h.text})
		}
		file := Encode(lines)
		if strings.Count(string(file), " --> ") != len(lines) || strings.Count(string(file), "\n") != 1+3*len(lines) {
			t.Fatalf("%d lines became\n%s", len(lines), file)
		}
		if back, err := Decode(file); err != nil || !reflect.DeepEqual(back, lines) {
			t.Fatalf("%+v came back as %+v, %v", lines, back, err)
		}
	})
}

// FuzzDecode holds that what is read as a transcript is one.
func FuzzDecode(f *testing.F) {
	f.Add(Encode([]Line{{"Ann", 1, 2, "a & b"}, {"", 3_600_000, 3_600_001, "<"}}))
	f.Add([]byte("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v A>b"))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines, err := Decode(file)
		if err != nil {
			return
		}
		for _, l := range lines {
			if l.FromMS < 0 || l.ToMS < 0 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
