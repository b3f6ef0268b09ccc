package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// fields reads the fields of one JSON object by their exact names and keeps
// the first thing that is wrong. encoding/json into a struct would match names
// in any case and report errors that name Go types.
type fields struct {
	raw map[string]json.RawMessage
	err *DecodeError
}

// parse reads one JSON object and nothing after it.
func parse(data []byte) (fields, bool) {
	var f fields
	if t := bytes.TrimLeft(data, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return f, false
	}
	return f, json.Unmarshal(data, &f.raw) == nil
}

func (f *fields) refuse(code Code, format string, args ...any) {
	if f.err == nil {
		f.err = &DecodeError{Code: code, Message: fmt.Sprintf(format, args...)}
	}
}

// has reports whether the field is there; null counts as absent.
func (f *fields) has(name string) bool {
	raw, ok := f.raw[name]
	return ok && string(raw) != "null"
}

// read decodes a required field into v. wants says in words what v is.
func (f *fields) read(name string, v any, wants string) bool {
	if !f.has(name) {
		f.refuse(CodeMissingField, "The field %q is missing.", name)
		return false
	}
	if json.Unmarshal(f.raw[name], v) != nil {
		f.refuse(CodeWrongType, "The field %q must be %s.", name, wants)
		return false
	}
	return true
}

// text reads a required string of 1 to limit bytes whose every character
// passes allowed.
func (f *fields) text(name string, limit int, allowed func(rune) bool) string {
	var s string
	if !f.read(name, &s, "a string") {
		return ""
	}
	switch {
	case s == "":
		f.refuse(CodeInvalidValue, "The field %q must not be empty.", name)
	case len(s) > limit:
		f.refuse(CodeTooLong, "The field %q is longer than %d bytes.", name, limit)
	case strings.ContainsFunc(s, func(r rune) bool { return !allowed(r) }):
		f.refuse(CodeInvalidValue, "The field %q contains characters that do not belong there.", name)
	default:
		return s
	}
	return ""
}

func (f *fields) integer(name string, least, most int64) int64 {
	var n int64
	if !f.read(name, &n, "a whole number") {
		return 0
	}
	if n < least || n > most {
		f.refuse(CodeInvalidValue, "The field %q must be between %d and %d.", name, least, most)
		return 0
	}
	return n
}

func (f *fields) number(name string, least, most float64) float64 {
	var n float64
	if !f.read(name, &n, "a number") {
		return 0
	}
	if n < least || n > most {
		f.refuse(CodeInvalidValue, "The field %q must be between %g and %g.", name, least, most)
		return 0
	}
	return n
}

func (f *fields) boolean(name string) bool {
	var b bool
	f.read(name, &b, "true or false")
	return b
}

func (f *fields) source(name string) Source {
	var s string
	if !f.read(name, &s, "a string") {
		return ""
	}
	if !Source(s).Valid() {
		f.refuse(CodeInvalidValue, "The field %q must be mic, camera, screen or screen-audio.", name)
		return ""
	}
	return Source(s)
}

func printable(r rune) bool { return r > ' ' && r < 0x7f }

func notNUL(r rune) bool { return r != 0 }

// identifier is the alphabet of the ids Parley makes and takes.
func identifier(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.:-", r)
}

// midToken is the token of RFC 8866 §9, of which RFC 5888 §4 makes a mid.
func midToken(r rune) bool {
	return printable(r) && !strings.ContainsRune(`"(),/:;<=>?@[\]`, r)
}
