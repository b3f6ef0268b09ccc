package main

import (
	"bytes"
	"encoding/binary"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/transcript"
	"parley/internal/transcript/transcripttest"
	"parley/recorder"
	"parley/recorder/frames"
)

// closedRecording is a recording of two, who speak in a tone each; only Ann agreed to
// be put into writing.
func closedRecording(t *testing.T) string {
	t.Helper()
	dir, closed := t.TempDir(), make(chan struct{})
	rec, err := recorder.New(recorder.Config{Directory: dir})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	r, err := rec.Start(recorder.Options{ID: "rec_1", Mode: recorder.ModeAll, Deliver: func(e recorder.Event) {
		if _, ok := e.(recorder.Closed); ok {
			close(closed)
		}
	}})
	must(err)
	tones := map[string][][]byte{}
	for who, hz := range map[string]int{"ann": 440, "bob": 1000} {
		tones[who], err = transcripttest.Opus(t.Context(), hz, 0, 2)
		must(err)
		must(r.Join(recorder.Person{ID: who, Name: strings.ToUpper(who)}))
		must(r.Consent(recorder.Consent{Participant: who, Kind: recorder.KindRecording, Answer: recorder.Granted}))
	}
	must(r.Consent(recorder.Consent{Participant: "ann", Kind: recorder.KindTranscription, Answer: recorder.Granted, At: time.Now().Add(-time.Minute)}))
	for who, packets := range tones {
		track, err := r.Track(recorder.TrackOptions{Participant: who, Source: recorder.Mic, Codec: frames.Opus})
		must(err)
		now := time.Now()
		for n, payload := range packets {
			packet := append([]byte{0x80, 111, 0, byte(n), 0, 0, 0, 0, 0, 0, 0, 1}, payload...)
			binary.BigEndian.PutUint32(packet[4:], uint32(n*960))
			track.RTP(now.Add(time.Duration(n)*20*time.Millisecond), packet)
		}
	}
	r.Stop("ended")
	<-closed
	must(rec.Close(t.Context()))
	return filepath.Join(dir, "rec_1")
}

func TestARecordingIsPutIntoWritingFromTheCommandLine(t *testing.T) {
	fake := &transcripttest.Service{}
	server := httptest.NewServer(fake)
	defer server.Close()
	directory, key := closedRecording(t), filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(transcripttest.Key), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := Main(t.Context(), append([]string{"recordings", "transcribe", directory}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	merged := filepath.Join(directory+".transcribed", transcript.Merged)
	if code, out, errs := run("--url", server.URL+"/v1", "--key-file", key); code != exitOK || out != merged+"\n" {
		t.Fatalf("%d, %s%s", code, out, errs)
	}
	raw, err := os.ReadFile(merged)
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := transcript.Decode(raw); err != nil || len(lines) != 1 || lines[0].Speaker != "ANN" || lines[0].Text != transcripttest.Text(440) {
		t.Errorf("written is %s", raw)
	}
	if s := fake.Heard()[transcripttest.Text(1000)]; s > 0 || len(fake.Rejected()) > 0 {
		t.Errorf("of who did not agree %v s were heard; not taken: %v", s, fake.Rejected())
	}
	if code, _, errs := run(); code != exitUsage || !strings.Contains(errs, "--url") {
		t.Errorf("without a service: %d, %s", code, errs)
	}
	if code, _, errs := run("--url", "http://speech.example.com/v1"); code == exitOK || !strings.Contains(errs, "is http") {
		t.Errorf("in the open: %d, %s", code, errs)
	}
	if code, _, errs := run("--url", server.URL+"/v1"); code != exitFailed || !strings.Contains(errs, "does not take the key") {
		t.Errorf("without the key: %d, %s", code, errs)
	}
	if err := os.WriteFile(filepath.Join(directory, "journal.jsonl"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run("--url", server.URL+"/v1", "--key-file", key); code != exitFailed {
		t.Errorf("of a changed journal: %d, %s", code, errs)
	}
}
