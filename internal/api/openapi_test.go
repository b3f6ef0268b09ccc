package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// document is the part of an OpenAPI document that the tests look at.
type document struct {
	OpenAPI string                          `json:"openapi"`
	Paths   map[string]map[string]operation `json:"paths"`
}

type operation struct {
	ID          string              `json:"operationId"`
	Security    []any               `json:"security"`
	RequestBody *content            `json:"requestBody"`
	Responses   map[string]*content `json:"responses"`
}

type content struct {
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Content     map[string]struct {
		Schema   json.RawMessage `json:"schema"`
		Examples map[string]struct {
			Value json.RawMessage `json:"value"`
		} `json:"examples"`
	} `json:"content"`
}

// generated is the document that several tests read. Making it takes a second and more
// with the race detector.
var generated = sync.OnceValues(func() ([]byte, error) { return openAPI("0.1.0", "https://calls.example.com") })

func readDocument(t *testing.T) document {
	t.Helper()
	raw, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentHasExactlyTheRoutesThatAreServed(t *testing.T) {
	doc := readDocument(t)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %q, want 3.1.0", doc.OpenAPI)
	}
	server := &Server{mux: http.NewServeMux()}
	server.register(routes())
	described := 0
	for path, operations := range doc.Paths {
		for method := range operations {
			described++
			request := httptest.NewRequest(strings.ToUpper(method), strings.NewReplacer("{", "", "}", "").Replace(path), nil)
			if _, pattern := server.mux.Handler(request); pattern != strings.ToUpper(method)+" "+path {
				t.Errorf("%s %s is described, and served by %q", method, path, pattern)
			}
		}
	}
	for _, rt := range routes() {
		op, ok := doc.Paths[rt.path][strings.ToLower(rt.method)]
		if !ok {
			t.Errorf("%s %s is served and not described", rt.method, rt.path)
			continue
		}
		if op.ID == "" || rt.open == (len(op.Security) > 0) {
			t.Errorf("%s %s: got id %q and security %v", rt.method, rt.path, op.ID, op.Security)
		}
	}
	if described != len(routes()) {
		t.Errorf("%d operations are described, %d are served", described, len(routes()))
	}
}

func TestRoutesOfTheContractAreServed(t *testing.T) {
	var served []string
	for _, rt := range routes() {
		served = append(served, rt.method+" "+rt.path)
	}
	for _, want := range []string{
		"PUT /v1/threads/{thread}", "GET /v1/threads/{thread}",
		"POST /v1/threads/{thread}/interviews", "GET /v1/threads/{thread}/interviews",
		"GET /v1/interviews/{interview}", "POST /v1/interviews/{interview}/join", "POST /v1/interviews/{interview}/end",
		"POST /v1/interviews/{interview}/decline", "POST /v1/interviews/{interview}/cancel",
		"GET /v1/events", "GET /v1/provider", "GET /v1/openapi.json",
	} {
		if !slices.Contains(served, want) {
			t.Errorf("%s is not served", want)
		}
	}
}

func TestEveryExampleIsWhatItsRouteReadsOrWrites(t *testing.T) {
	doc := readDocument(t)
	for _, rt := range routes() {
		op := doc.Paths[rt.path][strings.ToLower(rt.method)]
		if (rt.body != nil) != (op.RequestBody != nil) {
			t.Errorf("%s: the request body is described: %v", rt.id, op.RequestBody != nil)
		}
		if rt.body != nil {
			if op.RequestBody.Required == rt.bodyOptional {
				t.Errorf("%s: the body is required: %v", rt.id, op.RequestBody.Required)
			}
			for _, example := range examplesIn(t, rt.id, op.RequestBody, "application/json") {
				if err := decodeStrict(example, reflect.New(reflect.TypeOf(rt.body)).Interface()); err != nil {
					t.Errorf("%s: example %s: %v", rt.id, example, err)
				}
			}
		}
		for _, a := range rt.answers {
			if a.body == nil {
				continue
			}
			for _, example := range examplesIn(t, rt.id, op.Responses[strconv.Itoa(a.status)], a.mediaType()) {
				decodes(t, rt.id, example, reflect.New(reflect.TypeOf(a.body)).Interface())
			}
		}
	}
}

func TestEveryProblemOfARouteIsDescribedWithAnExample(t *testing.T) {
	doc := readDocument(t)
	for _, rt := range routes() {
		op := doc.Paths[rt.path][strings.ToLower(rt.method)]
		var described []Code
		for status, response := range op.Responses {
			if status[0] == '2' {
				continue
			}
			for name, example := range examplesIn(t, rt.id+" "+status, response, "application/problem+json") {
				var p Problem
				decodes(t, rt.id, example, &p)
				kind, known := kindOf(p.Code)
				if !known || strconv.Itoa(p.Status) != status || kind.Status != p.Status || string(p.Code) != name {
					t.Errorf("%s %s: example %q is %+v", rt.id, status, name, p)
				}
				if !strings.Contains(response.Description, kind.Meaning) {
					t.Errorf("%s %s: the description does not say what %s means", rt.id, status, p.Code)
				}
				described = append(described, p.Code)
			}
		}
		for _, code := range append(rt.commonCodes(), rt.codes...) {
			if !slices.Contains(described, code) {
				t.Errorf("%s: %s is not described", rt.id, code)
			}
		}
	}
}

func TestRequestSchemasForbidUnknownFields(t *testing.T) {
	raw, err := openAPI("0.1.0", "")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				AdditionalProperties *bool `json:"additionalProperties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for name, forbidden := range map[string]bool{"ThreadBody": true, "Participant": true, "User": true, "Interview": false, "Problem": false} {
		schema, ok := doc.Components.Schemas[name]
		if got := schema.AdditionalProperties != nil && !*schema.AdditionalProperties; !ok || got != forbidden {
			t.Errorf("%s (there: %v): unknown fields are forbidden: %v, want %v", name, ok, got, forbidden)
		}
	}
}

// The codes that only a session in a room can meet: signaling speaks of them.
var sessionCodes = []string{"token_reused", "session_over", "busy", "bad_offer", "no_media", "too_fast"}

func TestEveryCodeHasOneRowInTheTable(t *testing.T) {
	count := make(map[Code]int)
	for _, kind := range problems {
		count[kind.Code]++
		if http.StatusText(kind.Status) == "" || kind.Meaning == "" {
			t.Errorf("%s has status %d and meaning %q", kind.Code, kind.Status, kind.Meaning)
		}
	}
	for _, dir := range []string{".", "../interview", "../conference"} {
		for name, code := range codeConstants(t, dir) {
			if want := 1; !slices.Contains(sessionCodes, code) && count[Code(code)] != want {
				t.Errorf("%s (%s in %s) has %d rows, want %d", code, name, dir, count[Code(code)], want)
			}
		}
	}
}

// codeConstants returns the string constants of a package whose names begin
// with Code.
func codeConstants(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				if value, err := strconv.Unquote(literal.Value); err == nil {
					found[spec.Names[0].Name] = value
				}
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("no codes found in %s", dir)
	}
	return found
}

func examplesIn(t *testing.T, where string, c *content, media string) map[string]json.RawMessage {
	t.Helper()
	if c == nil || len(c.Content[media].Examples) == 0 {
		t.Errorf("%s: there is no example in %s", where, media)
		return nil
	}
	if !strings.Contains(string(c.Content[media].Schema), "#/components/schemas/") {
		t.Errorf("%s: the schema is %s, want a named one", where, c.Content[media].Schema)
	}
	found := make(map[string]json.RawMessage)
	for name, example := range c.Content[media].Examples {
		found[name] = example.Value
	}
	return found
}

func decodes(t *testing.T, where string, raw json.RawMessage, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Errorf("%s: example %s: %v", where, raw, err)
		return
	}
	if again, err := json.Marshal(into); err != nil || !sameJSON(again, raw) {
		t.Errorf("%s: example %s is written as %s (%v)", where, raw, again, err)
	}
}

func sameJSON(a, b []byte) bool {
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && fmt.Sprint(left) == fmt.Sprint(right)
}
