package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBody is the largest request body, in bytes.
const maxBody = 64 << 10

// maxDepth is how deep a request's JSON may nest. No body of ours needs more
// than four.
const maxDepth = 16

// fieldError says what is wrong with one field of a request.
type fieldError struct {
	Field  string // such as participants[1].name; empty for the whole body
	Reason string // a clause that follows the field's name, such as "is missing"
}

func (e *fieldError) Error() string {
	if e.Field == "" {
		return "The body " + e.Reason + "."
	}
	return fmt.Sprintf("The field %q %s.", e.Field, e.Reason)
}

// readBody reads the JSON body of r into out, a pointer to a body type. With
// optional set, no body at all stands for an empty object.
func readBody(r *http.Request, optional bool, out any) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return &fieldError{Reason: "could not be read to its end"}
	}
	if len(raw) > maxBody {
		return problem(CodeBodyTooLarge, fmt.Sprintf("The body is larger than %d bytes.", maxBody))
	}
	if optional && len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	} else if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return problem(CodeUnsupportedMediaType, "The body must be JSON, sent with Content-Type: application/json.")
	}
	return decodeStrict(raw, out)
}

// decodeStrict decodes one JSON object into out, a pointer to a struct. It
// refuses what encoding/json would let pass: unknown and repeated names, names
// in another case, null, missing fields that are tagged required, values
// outside the limits of the tags enum, minLength, maxLength, minItems,
// maxItems, and anything behind the object. The tags are those the OpenAPI
// document is generated from, so the document says exactly what is enforced.
func decodeStrict(raw []byte, out any) error {
	if !utf8.Valid(raw) {
		return &fieldError{Reason: "is not valid UTF-8"}
	}
	c := checker{dec: json.NewDecoder(bytes.NewReader(raw))}
	c.dec.UseNumber()
	if err := c.value(reflect.TypeOf(out).Elem(), "", "", 0); err != nil {
		return err
	}
	if _, err := c.dec.Token(); !errors.Is(err, io.EOF) {
		return &fieldError{Reason: "has something behind its JSON object"}
	}
	if err := json.Unmarshal(raw, out); err != nil {
		if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return &fieldError{Field: typed.Field, Reason: "has a value that does not fit"}
		}
		return &fieldError{Reason: "does not fit: " + err.Error()}
	}
	return nil
}

// checker walks the tokens of a JSON text beside the Go type that it is meant
// for, and remembers nothing but the path it is at.
type checker struct {
	dec *json.Decoder
}

// value checks the next value against t and the limits in tag.
func (c checker) value(t reflect.Type, path string, tag reflect.StructTag, depth int) error {
	if depth > maxDepth {
		return &fieldError{Field: path, Reason: "nests too deep"}
	}
	token, err := c.token()
	if err != nil {
		return err
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return c.text(t, token, path)
	}
	switch t.Kind() {
	case reflect.Struct:
		if token != json.Delim('{') {
			return &fieldError{Field: path, Reason: "must be an object"}
		}
		return c.object(t, path, depth)
	case reflect.Slice:
		if token != json.Delim('[') {
			return &fieldError{Field: path, Reason: "must be an array"}
		}
		return c.array(t, path, tag, depth)
	case reflect.String:
		text, ok := token.(string)
		if !ok {
			return &fieldError{Field: path, Reason: "must be a string"}
		}
		return checkText(text, path, tag)
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return &fieldError{Field: path, Reason: "must be true or false"}
		}
	case reflect.Int, reflect.Int64:
		number, ok := token.(json.Number)
		n, err := number.Int64()
		if !ok || err != nil {
			return &fieldError{Field: path, Reason: "must be a whole number"}
		}
		return checkNumber(n, path, tag)
	default:
		return fmt.Errorf("api: a request body holds a %s at %q", t, path)
	}
	return nil
}

// object checks the fields of the object that has just begun.
func (c checker) object(t reflect.Type, path string, depth int) error {
	fields := jsonFields(t)
	seen := make(map[string]bool, len(fields))
	for c.dec.More() {
		token, err := c.token()
		if err != nil {
			return err
		}
		name := token.(string) // the decoder allows nothing else here
		at := join(path, name)
		field, known := fields[name]
		switch {
		case !known:
			return &fieldError{Field: at, Reason: "is not known here"}
		case seen[name]:
			return &fieldError{Field: at, Reason: "is given twice"}
		}
		seen[name] = true
		if err := c.value(field.Type, at, field.Tag, depth+1); err != nil {
			return err
		}
	}
	if _, err := c.token(); err != nil {
		return err
	}
	for i := range t.NumField() { // in the type's order, for a stable answer
		field := t.Field(i)
		if name := jsonName(field); field.Tag.Get("required") == "true" && !seen[name] {
			return &fieldError{Field: join(path, name), Reason: "is missing"}
		}
	}
	return nil
}

// array checks the items of the array that has just begun.
func (c checker) array(t reflect.Type, path string, tag reflect.StructTag, depth int) error {
	most, limited := limit(tag, "maxItems")
	n := 0
	for ; c.dec.More(); n++ {
		if limited && n == most {
			return &fieldError{Field: path, Reason: fmt.Sprintf("has more than %d items", most)}
		}
		if err := c.value(t.Elem(), fmt.Sprintf("%s[%d]", path, n), "", depth+1); err != nil {
			return err
		}
	}
	if least, ok := limit(tag, "minItems"); ok && n < least {
		return &fieldError{Field: path, Reason: fmt.Sprintf("must have at least %d items", least)}
	}
	_, err := c.token()
	return err
}

// text checks a value whose type reads itself from a string, such as a time.
func (c checker) text(t reflect.Type, token json.Token, path string) error {
	text, ok := token.(string)
	if !ok {
		return &fieldError{Field: path, Reason: "must be a string"}
	}
	if reflect.New(t).Interface().(interface{ UnmarshalText([]byte) error }).UnmarshalText([]byte(text)) != nil {
		return &fieldError{Field: path, Reason: "must be a time as in RFC 3339, such as 2026-03-02T10:00:00Z"}
	}
	return nil
}

// token reads the next token; a syntax error becomes a sentence.
func (c checker) token() (json.Token, error) {
	token, err := c.dec.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, &fieldError{Reason: "ends in the middle of its JSON"}
	}
	if err != nil {
		return nil, &fieldError{Reason: fmt.Sprintf("is not JSON: something is wrong near byte %d", c.dec.InputOffset())}
	}
	return token, nil
}

// checkText checks a string against the tags enum, minLength and maxLength.
func checkText(text, path string, tag reflect.StructTag) error {
	if enum := tag.Get("enum"); enum != "" {
		if allowed := strings.Split(enum, ","); !slices.Contains(allowed, text) {
			return &fieldError{Field: path, Reason: "must be one of " + strings.Join(allowed, ", ")}
		}
	}
	length := utf8.RuneCountInString(text)
	if least, ok := limit(tag, "minLength"); ok && length < least {
		if least == 1 {
			return &fieldError{Field: path, Reason: "must not be empty"}
		}
		return &fieldError{Field: path, Reason: fmt.Sprintf("is shorter than %d characters", least)}
	}
	if most, ok := limit(tag, "maxLength"); ok && length > most {
		return &fieldError{Field: path, Reason: fmt.Sprintf("is longer than %d characters", most)}
	}
	if f, ok := formats[tag.Get("format")]; ok && text != "" && !f.fits(text) {
		return &fieldError{Field: path, Reason: f.reason}
	}
	return nil
}

// checkNumber checks a number against the tags minimum and maximum.
func checkNumber(n int64, path string, tag reflect.StructTag) error {
	least, low := limit(tag, "minimum")
	most, high := limit(tag, "maximum")
	if low && n < int64(least) || high && n > int64(most) {
		return &fieldError{Field: path, Reason: fmt.Sprintf("must be from %d to %d", least, most)}
	}
	return nil
}

// jsonFields returns the fields of a struct by their JSON names. Body types
// have no embedded structs.
func jsonFields(t reflect.Type) map[string]reflect.StructField {
	fields := make(map[string]reflect.StructField, t.NumField())
	for i := range t.NumField() {
		if name := jsonName(t.Field(i)); name != "" {
			fields[name] = t.Field(i)
		}
	}
	return fields
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// limit reads a number from a tag. The tags are constants of this package, and
// a test reads them all.
func limit(tag reflect.StructTag, name string) (int, bool) {
	n, err := strconv.Atoi(tag.Get(name))
	return n, err == nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

var textUnmarshaler = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()
