package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
)

// FuzzTheAPIFromItsDocument makes requests from nothing but the OpenAPI
// document, valid ones and ones with something wrong, and holds the answers to
// what the document promises: a status and a code it lists, a problem that
// says what is wrong, and never a failure of the server.
func FuzzTheAPIFromItsDocument(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		h := newFuzzed(t, seed)
		for range 100 {
			h.step()
		}
	})
}

// fuzzed is a host that makes up its requests.
type fuzzed struct {
	*host
	r *rand.Rand

	operations []fuzzedOperation
	schemas    map[string]map[string]any
	seen       []string // ids that answers gave
}

type fuzzedOperation struct {
	method, path string
	operation    map[string]any
}

func newFuzzed(t *testing.T, seed uint64) *fuzzed {
	t.Helper()
	h := &fuzzed{host: newHost(t), r: rand.New(rand.NewPCG(seed, 1)), seen: []string{"th_1", "client", "freelancer"}}
	var doc struct {
		Paths      map[string]map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]map[string]any `json:"schemas"`
		} `json:"components"`
	}
	h.send("GET", "/v1/openapi.json", "").decode(&doc)
	h.schemas = doc.Components.Schemas
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			if path != "/v1/events" { // a stream does not end
				h.operations = append(h.operations, fuzzedOperation{strings.ToUpper(method), path, operation})
			}
		}
	}
	slices.SortFunc(h.operations, func(a, b fuzzedOperation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	h.putThread("th_1")
	return h
}

func (a answer) decode(out any) {
	a.t.Helper()
	fatal(a.t, json.Unmarshal(a.body, out))
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// step makes one request and judges the answer.
func (h *fuzzed) step() {
	op := h.operations[h.r.IntN(len(h.operations))]
	path := pathParam.ReplaceAllStringFunc(op.path, func(name string) string {
		if strings.Contains(name, "thread") && h.r.IntN(4) > 0 {
			return "th_1"
		}
		return h.segment()
	})
	if query := h.query(op); query != "" {
		path += "?" + query
	}
	var body []byte
	media := "application/json"
	if request, ok := op.operation["requestBody"].(map[string]any); ok && h.r.IntN(12) > 0 {
		schema := dig(request, "content", "application/json", "schema")
		body, _ = json.Marshal(h.value(schema, 0))
		if h.r.IntN(3) == 0 {
			body = h.spoil(body)
		}
		if h.r.IntN(20) == 0 {
			media = "text/plain"
		}
	}
	request := httptest.NewRequest(op.method, "http://parley.test"+path, bytes.NewReader(body)).WithContext(h.t.Context())
	request.Header.Set("Authorization", "Bearer "+h.key)
	request.Header.Set("Content-Type", media)
	if h.r.IntN(5) == 0 {
		request.Header.Set("Idempotency-Key", fmt.Sprint("key-", h.r.IntN(3)))
	}
	recorder := httptest.NewRecorder()
	h.server.ServeHTTP(recorder, request)
	h.judge(op, request, body, recorder.Result())
}

func (h *fuzzed) judge(op fuzzedOperation, request *http.Request, sent []byte, response *http.Response) {
	h.t.Helper()
	body, err := io.ReadAll(response.Body)
	fatal(h.t, err)
	what := fmt.Sprintf("%s %s %.300q: %d %.300s", request.Method, request.URL, sent, response.StatusCode, body)
	if response.StatusCode >= 500 {
		h.t.Fatalf("the server failed: %s", what)
	}
	if dig(op.operation, "responses", strconv.Itoa(response.StatusCode)) == nil && response.Header.Get("Location") == "" {
		h.t.Fatalf("the document does not have this status: %s", what)
	}
	if response.StatusCode < 300 {
		h.remember(body)
		return
	}
	if response.StatusCode < 400 {
		return // a path that was written in another way
	}
	var p api.Problem
	if err := json.Unmarshal(body, &p); err != nil || response.Header.Get("Content-Type") != "application/problem+json" {
		h.t.Fatalf("it is no problem document: %s (%v)", what, err)
	}
	if !api.Describes(request, p.Code) || p.Status != response.StatusCode || p.RequestID == "" || !strings.HasSuffix(p.Detail, ".") {
		h.t.Fatalf("not as the document has it: %s", what)
	}
}

var idForm = regexp.MustCompile(`"(?:id|decision|next)":"([A-Za-z0-9_.:-]{1,64})"`)

// remember keeps the ids in an answer, to be asked for.
func (h *fuzzed) remember(body []byte) {
	for _, found := range idForm.FindAllSubmatch(body, -1) {
		if len(h.seen) < 200 {
			h.seen = append(h.seen, string(found[1]))
		} else {
			h.seen[3+h.r.IntN(len(h.seen)-3)] = string(found[1])
		}
	}
}

func (h *fuzzed) id() string { return h.seen[h.r.IntN(len(h.seen))] }

// segment is what stands for an id in a path.
func (h *fuzzed) segment() string {
	if h.r.IntN(6) > 0 {
		return h.id()
	}
	return []string{"none", "a%20b", "%00", "%C3%28", "..%2f..", strings.Repeat("x", 129), "%F0%9F%92%A5", "-"}[h.r.IntN(8)]
}

func (h *fuzzed) query(op fuzzedOperation) string {
	parameters, _ := op.operation["parameters"].([]any)
	var parts []string
	for _, each := range parameters {
		parameter := each.(map[string]any)
		if parameter["in"] != "query" || h.r.IntN(2) == 0 {
			continue
		}
		value := []string{"1", "100", "0", "101", "-1", "x", "%00", "", h.id(), "ringing"}[h.r.IntN(10)]
		parts = append(parts, parameter["name"].(string)+"="+value)
	}
	return strings.Join(parts, "&")
}

// value makes up what a schema allows, and sometimes what it does not.
func (h *fuzzed) value(schema map[string]any, depth int) any {
	if schema == nil || depth > 6 {
		return "x"
	}
	if ref, ok := schema["$ref"].(string); ok {
		return h.value(h.schemas[ref[strings.LastIndexByte(ref, '/')+1:]], depth+1)
	}
	if h.r.IntN(25) == 0 {
		return []any{nil, true, -1, 1e300, "12", []any{}, map[string]any{}, strings.Repeat("ä", 3000)}[h.r.IntN(8)]
	}
	if list, ok := schema["enum"].([]any); ok && h.r.IntN(15) > 0 {
		return list[h.r.IntN(len(list))]
	}
	switch kind := kindIn(schema); kind {
	case "object":
		return h.object(schema, depth)
	case "array":
		items := make([]any, h.r.IntN(4))
		of, _ := schema["items"].(map[string]any)
		for n := range items {
			items[n] = h.value(of, depth+1)
		}
		return items
	case "boolean":
		return h.r.IntN(2) == 0
	case "integer", "number":
		return []any{5, 30, 45, 480, 0, -1, 481, 1.5, 99999999999}[h.r.IntN(9)]
	}
	return h.text(schema)
}

func kindIn(schema map[string]any) string {
	switch kind := schema["type"].(type) {
	case string:
		return kind
	case []any: // a type, or null
		for _, one := range kind {
			if one != "null" {
				return one.(string)
			}
		}
	}
	return ""
}

func (h *fuzzed) object(schema map[string]any, depth int) map[string]any {
	out := map[string]any{}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if slices.Contains(required, any(name)) && h.r.IntN(20) > 0 || h.r.IntN(2) == 0 {
			out[name] = h.value(properties[name].(map[string]any), depth+1)
		}
	}
	if h.r.IntN(30) == 0 {
		out["unknown"] = 1
	}
	return out
}

func (h *fuzzed) text(schema map[string]any) string {
	if schema["format"] == "date-time" {
		ahead := []time.Duration{time.Hour, 26 * time.Hour, 50 * time.Hour, -time.Hour, 9000 * time.Hour, 90000 * time.Hour, 0}[h.r.IntN(7)]
		return time.Now().Add(ahead + time.Duration(h.r.IntN(600))*time.Minute).Format(time.RFC3339)
	}
	switch h.r.IntN(4) {
	case 0:
		return h.id()
	case 1:
		return []string{"client", "freelancer", "video", "https://app.example.com/x", "Europe/Prague"}[h.r.IntN(5)]
	}
	return []string{
		"", "Hello", "a\x00b", "a\nb", "\u202egnp.exe", strings.Repeat("x", 129), strings.Repeat("é", 2049), "\u2028", "Mars/Olympus", "Local",
		"2026-02-30T00:00:00Z", "'; DROP TABLE threads; --", "http://169.254.169.254/", "javascript:alert(1)", "\xff\xfe", "👩🏽‍💻", mail, "read", "../..",
	}[h.r.IntN(19)]
}

// spoil breaks a body: its end, its encoding, its size or one byte of it.
func (h *fuzzed) spoil(body []byte) []byte {
	switch h.r.IntN(5) {
	case 0:
		return body[:h.r.IntN(len(body)+1)]
	case 1:
		return append(body, '}')
	case 2:
		return bytes.ReplaceAll(body, []byte(`"`), []byte("\"\xc3"))
	case 3:
		return []byte(`{"title":"` + strings.Repeat("t", 1<<20) + `"}`)
	}
	broken := bytes.Clone(body)
	if len(broken) > 0 {
		broken[h.r.IntN(len(broken))] = byte(h.r.IntN(256))
	}
	return broken
}

// dig reads a value deep in a JSON object, or nil.
func dig(in map[string]any, names ...string) map[string]any {
	for _, name := range names {
		in, _ = in[name].(map[string]any)
	}
	return in
}
