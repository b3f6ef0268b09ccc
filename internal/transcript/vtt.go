package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// escape makes text of anything: what is markup in WebVTT is written as what it
// looks like (W3C WebVTT §3.5).
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// Encode writes lines as WebVTT, each in the voice of who said it.
func Encode(lines []Line) []byte {
	var b bytes.Buffer
	b.WriteString("WEBVTT\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "\n%s --> %s\n<v %s>%s\n", stamp(l.FromMS), stamp(l.ToMS),
			escape.Replace(plain(l.Speaker, maxName)), escape.Replace(plain(l.Text, maxText)))
	}
	return b.Bytes()
}

func stamp(ms int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// errForm says that a file is not as Encode writes it.
var errForm = errors.New("it is no transcript of this server's")

// Decode reads what Encode writes, and nothing else.
func Decode(file []byte) ([]Line, error) {
	head, rest, _ := strings.Cut(string(file), "\n")
	if head != "WEBVTT" {
		return nil, errForm
	}
	var lines []Line
	for rest != "" {
		var blank, times, said string
		blank, rest, _ = strings.Cut(rest, "\n")
		times, rest, _ = strings.Cut(rest, "\n")
		said, rest, _ = strings.Cut(rest, "\n")
		from, to, ok := strings.Cut(times, " --> ")
		name, text, voiced := strings.Cut(said, ">")
		name, named := strings.CutPrefix(name, "<v ")
		l := Line{Speaker: unescape.Replace(name), Text: unescape.Replace(text)}
		var err, err2 error
		l.FromMS, err = position(from)
		l.ToMS, err2 = position(to)
		if blank != "" || !ok || !voiced || !named || err != nil || err2 != nil {
			return nil, errForm
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// position reads what stamp writes.
func position(text string) (ms int64, err error) {
	clock, fraction, ok := strings.Cut(text, ".")
	parts := strings.Split(clock, ":")
	if !ok || len(parts) != 3 || len(fraction) != 3 {
		return 0, errForm
	}
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 24)
		if err != nil {
			return 0, errForm
		}
		ms = ms*60 + int64(n)
	}
	n, err := strconv.ParseUint(fraction, 10, 24)
	if err != nil {
		return 0, errForm
	}
	return ms*1000 + int64(n), nil
}
