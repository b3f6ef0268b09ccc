package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"
)

// securityName is what the document calls authentication by API key.
const securityName = "apiKey"

const about = `Parley is a media server for interviews that begin in a message thread. A host application tells it about a thread, calls in it, and gives each person their own way in.

Every request except the one for this document carries an API key: ` + "`Authorization: Bearer pk_…`" + `. It is for servers: never give it to a browser. A key made with scopes may do only what they say; one without may do everything.

Every answer that is not a success is ` + "`application/problem+json`" + ` with a stable ` + "`code`" + `. The set of codes is closed:

`

// Enum lists every code for the document.
func (Code) Enum() []any {
	codes := make([]any, len(problems))
	for i, kind := range problems {
		codes[i] = string(kind.Code)
	}
	return codes
}

// getOpenAPI is GET /v1/openapi.json.
func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	document, err := s.document()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(document); err != nil {
		s.cfg.Logger.Debug("answer not delivered", "err", err)
	}
	return nil
}

// openAPI makes the document from the routes and the body types.
func openAPI(version, publicURL string) ([]byte, error) {
	reflector := openapi31.NewReflector()
	reflector.DefaultOptions = append(reflector.DefaultOptions, jsonschema.InterceptDefName(
		func(t reflect.Type, _ string) string { return t.Name() }))
	describe(reflector.Spec, version, publicURL)
	for _, rt := range routes() {
		if err := addRoute(reflector, rt); err != nil {
			return nil, fmt.Errorf("describe %s %s: %w", rt.method, rt.path, err)
		}
	}
	forbidUnknown(reflector.Spec, routes())
	return json.Marshal(reflector.Spec)
}

// describe fills in what is not about one route.
func describe(spec *openapi31.Spec, version, publicURL string) {
	var text strings.Builder
	text.WriteString(about)
	for _, kind := range problems {
		fmt.Fprintf(&text, "- `%s` (%d): %s\n", kind.Code, kind.Status, kind.Meaning)
	}
	spec.Info.WithTitle("Parley").WithVersion(version).WithDescription(text.String())
	if publicURL != "" {
		spec.WithServers(*(&openapi31.Server{}).WithURL(publicURL))
	}
	spec.WithTags(
		*(&openapi31.Tag{Name: "threads"}).WithDescription("The host app's message threads, as far as Parley knows them."),
		*(&openapi31.Tag{Name: "interviews"}).WithDescription("Conversations that belong to a thread."),
		*(&openapi31.Tag{Name: "scheduling"}).WithDescription("Times that one person proposes and another accepts."),
		*(&openapi31.Tag{Name: "chat"}).WithDescription("What people write in a thread, in the room and outside."),
		*(&openapi31.Tag{Name: "guard"}).WithDescription("Contact details stay out of threads until there is a contract."),
		*(&openapi31.Tag{Name: "events"}).WithDescription("What happens, as it happens."),
		*(&openapi31.Tag{Name: "webhooks"}).WithDescription("What happens, sent to the host app as Standard Webhooks 1.0.0 has it, and repeated until it arrives."),
		*(&openapi31.Tag{Name: "keys"}).WithDescription("What host apps and their parts call this API with."),
		*(&openapi31.Tag{Name: "server"}).WithDescription("This server."),
	)
	spec.SetHTTPBearerTokenSecurity(securityName, "", "An API key, pk_…")
}

// addRoute describes one route.
func addRoute(reflector *openapi31.Reflector, rt route) error {
	op, err := reflector.NewOperationContext(rt.method, rt.path)
	if err != nil {
		return err
	}
	op.SetID(rt.id)
	op.SetTags(rt.tag)
	op.SetSummary(rt.summary)
	description := rt.description
	if scope := rt.scope(); scope != "" {
		description = strings.TrimSpace(description + "\n\nNeeds the scope `" + scope + "`.")
	}
	op.SetDescription(description)
	if !rt.open {
		op.AddSecurity(securityName)
	}
	if rt.params != nil {
		op.AddReqStructure(rt.params)
	}
	if rt.body != nil {
		op.AddReqStructure(rt.body, openapi.WithCustomize(requestExample(rt)))
	}
	for _, a := range rt.answers {
		addAnswer(op, a)
	}
	addProblems(op, append(rt.commonCodes(), rt.codes...))
	return reflector.AddOperation(op)
}

func requestExample(rt route) func(openapi.ContentOrReference) {
	return func(content openapi.ContentOrReference) {
		body := content.(*openapi31.RequestBodyOrReference).RequestBody
		body.WithRequired(!rt.bodyOptional)
		setExamples(body.Content, "application/json", map[string]any{"example": rt.body})
	}
}

func addAnswer(op openapi.OperationContext, a answer) {
	options := []openapi.ContentOption{
		openapi.WithHTTPStatus(a.status),
		openapi.WithCustomize(func(content openapi.ContentOrReference) {
			response := content.(*openapi31.ResponseOrReference).Response
			response.Description = a.description
			if a.body != nil {
				setExamples(response.Content, a.mediaType(), map[string]any{"example": a.body})
			} else if a.status != http.StatusNoContent {
				response.WithContentItem(a.mediaType(), a.other())
			}
		}),
	}
	if a.media != "" {
		options = append(options, openapi.WithContentType(a.media))
	}
	op.AddRespStructure(a.body, options...)
}

// other is what an answer without a body type consists of.
func (a answer) other() openapi31.MediaType {
	if a.text == "" {
		return openapi31.MediaType{Schema: map[string]any{"type": "object"}}
	}
	of := openapi31.MediaType{Schema: map[string]any{"type": "string"}}
	return *of.WithExamplesItem("example", openapi31.ExampleOrReference{Example: (&openapi31.Example{}).WithValue(a.text)})
}

func (a answer) mediaType() string {
	if a.media == "" {
		return "application/json"
	}
	return a.media
}

// addProblems describes the refusals of a route, one answer per status with an
// example for every code.
func addProblems(op openapi.OperationContext, codes []Code) {
	byStatus := make(map[int][]problemKind)
	for _, kind := range problems { // in the table's order
		if slices.Contains(codes, kind.Code) {
			byStatus[kind.Status] = append(byStatus[kind.Status], kind)
		}
	}
	for status, kinds := range byStatus {
		examples := make(map[string]any, len(kinds))
		var meanings strings.Builder
		for _, kind := range kinds {
			examples[string(kind.Code)] = exampleProblem(kind)
			fmt.Fprintf(&meanings, "- `%s`: %s\n", kind.Code, kind.Meaning)
		}
		op.AddRespStructure(Problem{},
			openapi.WithHTTPStatus(status),
			openapi.WithContentType("application/problem+json"),
			openapi.WithCustomize(func(content openapi.ContentOrReference) {
				response := content.(*openapi31.ResponseOrReference).Response
				response.Description = meanings.String()
				setExamples(response.Content, "application/problem+json", examples)
			}))
	}
}

func setExamples(content map[string]openapi31.MediaType, media string, values map[string]any) {
	mt := content[media]
	for name, value := range values {
		mt.WithExamplesItem(name, openapi31.ExampleOrReference{Example: (&openapi31.Example{}).WithValue(value)})
	}
	content[media] = mt
}

// forbidUnknown says of every schema that requests are made of that unknown
// fields are refused. Answers may grow, so it says nothing about theirs.
func forbidUnknown(spec *openapi31.Spec, all []route) {
	var mark func(t reflect.Type)
	mark = func(t reflect.Type) {
		switch {
		case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice:
			mark(t.Elem())
		case t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textUnmarshaler):
			if schema, ok := spec.Components.Schemas[t.Name()]; ok {
				schema["additionalProperties"] = false
			}
			for i := range t.NumField() {
				mark(t.Field(i).Type)
			}
		}
	}
	for _, rt := range all {
		if rt.body != nil {
			mark(reflect.TypeOf(rt.body))
		}
	}
}
