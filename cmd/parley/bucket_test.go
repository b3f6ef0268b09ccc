package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/recorder"
	"parley/recorder/archive/s3test"
	"parley/signaling/wire"
)

// TestARecordingGoesToABucketAndIsPlayedFromThere records two guests in a server whose
// bucket is away for a while: the call and the recording do not notice, and what is
// here goes only when the bucket has it.
func TestARecordingGoesToABucketAndIsPlayedFromThere(t *testing.T) {
	s3, dir := s3test.New(t), t.TempDir()
	secret := filepath.Join(dir, "bucket.secret")
	must(t, os.WriteFile(secret, []byte(s3test.SecretKey+"\n"), 0o600))
	d := startDemo(t, dir, "--recording-storage-url", "http://"+s3.Address+"/"+s3test.Bucket+"/parley",
		"--recording-storage-region", "us-east-1", "--recording-storage-key", s3test.AccessKey, "--recording-storage-secret-file", secret,
		"--recording-film", "off")
	people := d.converse(t)
	id := people.record(t, d)
	path := "/v1/recordings/" + id
	s3.Kill()
	time.Sleep(1500 * time.Millisecond)
	people.goesOn(t, "without the bucket")
	must(t, people[0].session.Send(wire.Record{Action: wire.ActionStop}))
	eventually(t, "it is kept", func() bool {
		_, r := d.call(t, http.MethodGet, path, "")
		return r["status"] == "kept"
	})
	var m recorder.Manifest
	must(t, json.Unmarshal(d.part(t, path+"/files/manifest.json", "", http.StatusOK), &m))
	if len(m.Files) != 2 || m.DurationMS < 1000 {
		t.Fatalf("kept: %d files, %d ms", len(m.Files), m.DurationMS)
	}
	sound := path + "/files/" + m.Files[0].Name
	here := d.part(t, sound, "", http.StatusOK)
	sealed := filepath.Join(dir, "recordings", "tracks", id, "*.age")
	if left, err := filepath.Glob(sealed); err != nil || len(left) != 4 {
		t.Errorf("without the bucket %v are here, %v; want four files", left, err)
	}

	s3.Start(t)
	eventually(t, "it has gone to the bucket", func() bool {
		left, err := filepath.Glob(sealed)
		return err == nil && len(left) == 0
	})
	stored := s3.Objects(t)
	for _, name := range []string{"journal.jsonl", "manifest.json", m.Files[0].Name, m.Files[1].Name} {
		if !slices.Contains(stored, "parley/"+id+"/"+name+".age") {
			t.Errorf("%s is not in the bucket: %v", name, stored)
		}
	}
	if there := d.part(t, sound, "", http.StatusOK); !bytes.Equal(there, here) {
		t.Errorf("%d bytes come from the bucket, of %d", len(there), len(here))
	}
	if got := d.part(t, sound, "bytes=100-1099", http.StatusPartialContent); !bytes.Equal(got, here[100:1100]) {
		t.Errorf("a range of 1000 bytes is %d bytes, or others", len(got))
	}
	var found api.Verification
	must(t, json.Unmarshal(d.part(t, path+"/verification", "", http.StatusOK), &found))
	if !found.Whole || found.Files != 2 || found.People != 2 {
		t.Errorf("checked: %+v", found)
	}

	verify := func(more ...string) (int, string) {
		var out bytes.Buffer
		return Main(t.Context(), append([]string{"recordings", "verify", id, "--data", dir}, more...), &out, &out), out.String()
	}
	if code, said := verify("--head", found.JournalSHA256); code != exitOK || !strings.Contains(said, id+" is whole") {
		t.Errorf("verified by its id: %d, %s", code, said)
	}
	if code, said := verify("--head", "abc"); code != exitFailed || !strings.Contains(said, "not with abc") {
		t.Errorf("verified with the hash of another journal: %d, %s", code, said)
	}

	if status, receipt := d.call(t, http.MethodDelete, path, ""); status != http.StatusOK || receipt["signature"] == "" {
		t.Errorf("deleted: %d %v", status, receipt)
	}
	if stored := s3.Objects(t); len(stored) > 0 {
		t.Errorf("the bucket still has %v", stored)
	}
	d.part(t, sound, "", http.StatusGone)
}

// record lets the first ask and the second agree, and returns the recording's id once
// it runs.
func (c conversation) record(t *testing.T, d *runningDemo) (id string) {
	t.Helper()
	iv, err := hostApp{url: d.URL, key: d.APIKey}.openInterview(t.Context(), "t1")
	must(t, err)
	recording := func() map[string]any {
		_, answer := d.call(t, http.MethodGet, "/v1/interviews/"+iv, "")
		r, _ := answer["recording"].(map[string]any)
		return r
	}
	must(t, c[0].session.Send(wire.Record{Action: wire.ActionStart, Text: "2026-11", Language: "en"}))
	eventually(t, "it is asked for", func() bool {
		id, _ = recording()["id"].(string)
		return id != ""
	})
	must(t, c[1].session.Send(wire.Answered{Recording: id, State: "granted", Text: "2026-11", Language: "en"}))
	eventually(t, "it runs", func() bool { return recording()["state"] == "recording" })
	return id
}

// part is what the server answers to a request for a file, or a range of one.
func (d *runningDemo) part(t *testing.T, path, wanted string, status int) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+d.APIKey)
	if wanted != "" {
		r.Header.Set("Range", wanted)
	}
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != status {
		t.Fatalf("%s: got %d, want %d: %s", path, response.StatusCode, status, strings.TrimSpace(string(body)))
	}
	return body
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
