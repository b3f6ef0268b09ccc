package wire_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/signaling/wire"
)

// golden returns the golden files of one direction by name.
func golden(t testing.TB, direction string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", direction+".*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files for %s: %v", direction, err)
	}
	files := make(map[string][]byte)
	for _, p := range paths {
		files[strings.TrimSuffix(filepath.Base(p), ".json")] = read(t, p)
	}
	return files
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func value(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return v
}

func encode(t *testing.T, m wire.Message) []byte {
	t.Helper()
	data, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestClientMessagesSurviveTheRoundTrip(t *testing.T) {
	for name, data := range golden(t, "client") {
		t.Run(name, func(t *testing.T) {
			m, err := wire.DecodeClient(data)
			if err != nil {
				t.Fatal(err)
			}
			if got := encode(t, m); !reflect.DeepEqual(value(t, got), value(t, data)) {
				t.Errorf("got %s, want %s", got, data)
			}
		})
	}
}

func TestServerMessagesSurviveTheRoundTrip(t *testing.T) {
	for name, data := range golden(t, "server") {
		t.Run(name, func(t *testing.T) {
			m, err := wire.DecodeServer(data)
			if err != nil {
				t.Fatal(err)
			}
			if got := encode(t, m); !reflect.DeepEqual(value(t, got), value(t, data)) {
				t.Errorf("got %s, want %s", got, data)
			}
		})
	}
}

func TestEveryMessageHasAGoldenFile(t *testing.T) {
	for direction, types := range map[string][]string{"client": wire.ClientTypes(), "server": wire.ServerTypes()} {
		seen := make(map[string]bool)
		for name, data := range golden(t, direction) {
			var head struct{ Type string }
			if err := json.Unmarshal(data, &head); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if parts := strings.Split(name, "."); parts[1] != head.Type {
				t.Errorf("%s holds a message of type %q", name, head.Type)
			}
			seen[head.Type] = true
		}
		for _, typ := range types {
			if !seen[typ] {
				t.Errorf("no golden file for %s %q", direction, typ)
			}
			delete(seen, typ)
		}
		for typ := range seen {
			t.Errorf("%s golden file for a type that is not listed: %q", direction, typ)
		}
	}
}

func TestRefusedMessagesNameTheirMistake(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join("testdata", "refused", "*.json"))
	if len(paths) < 30 {
		t.Fatalf("got %d refused messages, want at least 30", len(paths))
	}
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".json")
		t.Run(name, func(t *testing.T) {
			want, _, _ := strings.Cut(name, ".")
			m, err := wire.DecodeClient(read(t, p))
			refused, ok := err.(*wire.DecodeError)
			if !ok || m != nil {
				t.Fatalf("got %v, %v, want a *DecodeError alone", m, err)
			}
			if string(refused.Code) != want {
				t.Errorf("got code %s (%s), want %s", refused.Code, refused.Message, want)
			}
			if got, want := refused.Fatal(), refused.Code == wire.CodeMalformed; got != want {
				t.Errorf("got fatal %v, want %v", got, want)
			}
			if !strings.HasSuffix(refused.Message, ".") || strings.Contains(refused.Message, "json:") {
				t.Errorf("not a sentence for people: %q", refused.Message)
			}
		})
	}
}

func TestTheProtocolPageShowsTheGoldenFiles(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "protocol.md"))
	known := make(map[string]string)
	for _, direction := range []string{"client", "server"} {
		for name, data := range golden(t, direction) {
			known[canonical(t, data)] = name
		}
	}
	for _, block := range bytes.Split(page, []byte("```json\n"))[1:] {
		sample, _, _ := bytes.Cut(block, []byte("```"))
		c := canonical(t, sample)
		if known[c] == "" {
			t.Errorf("a sample is no golden file, or is shown twice: %s", sample)
		}
		delete(known, c)
	}
	for _, name := range known {
		t.Errorf("%s is not shown", name)
	}
	for _, code := range wire.Codes() {
		if !bytes.Contains(page, []byte("`"+code+"`")) {
			t.Errorf("code %s is not explained", code)
		}
	}
}

// canonical returns JSON with sorted fields and no space.
func canonical(t *testing.T, data []byte) string {
	t.Helper()
	out, err := json.Marshal(value(t, data))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
