package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/recorder"
)

func TestRecordingsAreVerifiedAndTheirReceiptsPrinted(t *testing.T) {
	directory := t.TempDir()
	keep, err := recorder.New(recorder.Config{Directory: directory})
	if err != nil {
		t.Fatal(err)
	}
	recording, err := keep.Start(recorder.Options{ID: "rec_1", Interview: "iv_1", Mode: recorder.ModeAll})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ann", "bob"} {
		err := recording.Consent(recorder.Consent{Participant: id, Kind: recorder.KindRecording, Answer: recorder.Granted, TextVersion: "3", Language: "de"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := keep.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	directory = filepath.Join(directory, "rec_1")
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := Main(t.Context(), append([]string{"recordings"}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	if code, out, errs := run("verify", directory); code != exitOK || !strings.Contains(out, "rec_1 is whole") {
		t.Errorf("verify: %d, %s%s", code, out, errs)
	}
	code, out, errs := run("receipts", directory, "--participant", "bob")
	var receipts []recorder.Receipt
	if err := json.Unmarshal([]byte(out), &receipts); err != nil || code != exitOK || errs != "" {
		t.Fatalf("receipts: %d, %v, %s%s", code, err, out, errs)
	}
	if len(receipts) != 1 || receipts[0].Participant != "bob" || receipts[0].Interview != "iv_1" || receipts[0].SHA256 == "" {
		t.Errorf("receipts of bob: %+v", receipts)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "needs to be told"},
		{[]string{"shred"}, exitUsage, "no parley recordings shred"},
		{[]string{"verify"}, exitUsage, "needs the directory"},
		{[]string{"verify", t.TempDir()}, exitFailed, "no recording"},
		{[]string{"verify", "rec_2", "--data", t.TempDir()}, exitUsage, "--url"},
		{[]string{"verify", directory, "--head", "abc"}, exitFailed, "replaced or shortened"},
	} {
		if code, _, errs := run(c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: got %d, %s; want %d, %s", c.args, code, errs, c.code, c.want)
		}
	}
	journal := filepath.Join(directory, "journal.jsonl")
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, bytes.Replace(text, []byte(`"granted"`), []byte(`"Granted"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run("verify", directory); code != exitFailed || !strings.Contains(errs, "chain of hashes") {
		t.Errorf("verify of a changed journal: %d, %s", code, errs)
	}
}
