package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestBodyIsRefusedWithTheFieldThatIsWrong(t *testing.T) {
	const people = `"participants":[{"id":"a","role":"observer"}]`
	for name, c := range map[string]struct{ body, field, reason string }{
		"empty":                {``, "", "ends in the middle"},
		"cut off":              {`{"title":"x"`, "", "ends in the middle"},
		"not JSON":             {`title=x`, "", "is not JSON"},
		"array":                {`[]`, "", "must be an object"},
		"null":                 {`null`, "", "must be an object"},
		"two objects":          {`{` + people + `}{}`, "", "something behind"},
		"not UTF-8":            {"{\"title\":\"\xff\"," + people + "}", "", "UTF-8"},
		"unknown":              {`{` + people + `,"colour":"red"}`, "colour", "is not known here"},
		"unknown inside":       {`{"participants":[{"id":"a","role":"observer"},{"id":"b","nmae":"x"}]}`, "participants[1].nmae", "is not known here"},
		"other case":           {`{"Title":"x",` + people + `}`, "Title", "is not known here"},
		"twice":                {`{"title":"x","title":"y",` + people + `}`, "title", "is given twice"},
		"missing":              {`{"title":"x"}`, "participants", "is missing"},
		"missing inside":       {`{"participants":[{"id":"a"}]}`, "participants[0].role", "is missing"},
		"wrong type":           {`{"title":7,` + people + `}`, "title", "must be a string"},
		"null string":          {`{"title":null,` + people + `}`, "title", "must be a string"},
		"object for array":     {`{"participants":{}}`, "participants", "must be an array"},
		"string for object":    {`{"participants":["a"]}`, "participants[0]", "must be an object"},
		"too long":             {`{"title":"` + strings.Repeat("é", 257) + `",` + people + `}`, "title", "longer than 256 characters"},
		"empty id":             {`{"participants":[{"id":"","role":"observer"}]}`, "participants[0].id", "must not be empty"},
		"not in the list":      {`{"participants":[{"id":"a","role":"boss"}]}`, "participants[0].role", "must be one of interviewer, interviewee, observer, interpreter"},
		"no items":             {`{"participants":[]}`, "participants", "at least 1 items"},
		"too many items":       {`{"participants":[` + strings.Repeat(`{"id":"a","role":"observer"},`, 32) + `{}]}`, "participants", "more than 32 items"},
		"not a time":           {`{` + people + `,"contract":{"state":"active","effective_at":"tomorrow"}}`, "contract.effective_at", "RFC 3339"},
		"number for a time":    {`{` + people + `,"contract":{"state":"active","effective_at":1}}`, "contract.effective_at", "must be a string"},
		"optional object null": {`{` + people + `,"contract":null}`, "contract", "must be an object"},
	} {
		t.Run(name, func(t *testing.T) {
			var body ThreadBody
			err := decodeStrict([]byte(c.body), &body)
			wrong, ok := errors.AsType[*fieldError](err)
			if !ok || wrong.Field != c.field || !strings.Contains(wrong.Reason, c.reason) {
				t.Errorf("got %#v, want field %q and a reason with %q", err, c.field, c.reason)
			}
		})
	}
}

func TestBodyOfExactlyTheLimitsIsRead(t *testing.T) {
	var body ThreadBody
	text := `{"title":"` + strings.Repeat("é", 256) + `","participants":[` +
		strings.Repeat(`{"id":"a","role":"observer"},`, 31) + `{"id":"` + strings.Repeat("a", 128) + `","role":"observer"}]}`
	if err := decodeStrict([]byte(text), &body); err != nil || len(body.Participants) != 32 {
		t.Errorf("got %d participants and %v, want 32", len(body.Participants), err)
	}
}

func TestBodyIsRefusedBySizeAndMediaType(t *testing.T) {
	request := func(body, media string) *http.Request {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		return r
	}
	const good = `{"mode":"video"}`
	for name, c := range map[string]struct {
		r        *http.Request
		optional bool
		code     Code
	}{
		"JSON":               {request(good, "application/json"), false, ""},
		"JSON with charset":  {request(good, "application/json; charset=utf-8"), false, ""},
		"form":               {request(good, "application/x-www-form-urlencoded"), false, CodeUnsupportedMediaType},
		"no media type":      {request(good, ""), false, CodeUnsupportedMediaType},
		"as large as can be": {request(good+strings.Repeat(" ", maxBody-len(good)), "application/json"), false, ""},
		"one byte more":      {request(good+strings.Repeat(" ", maxBody-len(good)+1), "application/json"), false, CodeBodyTooLarge},
		"none, but needed":   {request("", "application/json"), false, CodeInvalidRequest},
		"form, optional":     {request("a=b", "application/x-www-form-urlencoded"), true, CodeUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			var body CreateBody
			err := readBody(c.r, c.optional, &body)
			if p, _ := problemOf(err); (err != nil || c.code != "") && p.Code != c.code {
				t.Errorf("got %v (%s), want %q", err, p.Code, c.code)
			}
		})
	}
	var body EndBody
	if err := readBody(request("", ""), true, &body); err != nil {
		t.Errorf("no body where it is optional: %v", err)
	}
}

// The tags that limit values are numbers, and on fields of a kind that the
// decoder knows: a limit that is misspelt would be no limit.
func TestLimitsOfBodiesAreReadable(t *testing.T) {
	var check func(t *testing.T, typ reflect.Type)
	check = func(t *testing.T, typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || reflect.PointerTo(typ).Implements(textUnmarshaler) {
			return
		}
		for i := range typ.NumField() {
			field := typ.Field(i)
			if jsonName(field) == "" {
				t.Errorf("%s.%s has no JSON name", typ, field.Name)
			}
			for _, name := range []string{"minLength", "maxLength", "minItems", "maxItems"} {
				if text, ok := field.Tag.Lookup(name); ok {
					if _, err := strconv.Atoi(text); err != nil {
						t.Errorf("%s.%s: %s is %q", typ, field.Name, name, text)
					}
				}
			}
			check(t, field.Type)
		}
	}
	for _, rt := range routes() {
		if rt.body != nil {
			check(t, reflect.TypeOf(rt.body))
		}
	}
}

// Whatever the strict decoder lets pass, the plain one reads as well, and
// writing and reading it again changes nothing.
func FuzzStrictBody(f *testing.F) {
	for _, rt := range routes() {
		if rt.body != nil {
			raw, err := json.Marshal(rt.body)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	for _, text := range []string{``, `{`, `null`, `{"title":"a","title":"b"}`, `{"user":{"id":"a"}} `, `{"mode":"video","starts_at":"2026-03-02T10:00:00Z"}`, `[[[[`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, rt := range routes() {
			if rt.body == nil {
				continue
			}
			typ := reflect.TypeOf(rt.body)
			first, second := reflect.New(typ), reflect.New(typ)
			if err := decodeStrict(raw, first.Interface()); err != nil {
				if p, known := problemOf(err); !known || p.Detail == "" {
					t.Errorf("%s: %q gives %v, which is no problem of the caller's", typ, raw, err)
				}
				continue
			}
			again, err := json.Marshal(first.Interface())
			if err != nil {
				t.Fatalf("%s: %q was read and cannot be written: %v", typ, raw, err)
			}
			if err := json.Unmarshal(again, second.Interface()); err != nil {
				t.Fatalf("%s: %q: %v", typ, again, err)
			}
			if third, _ := json.Marshal(second.Interface()); !bytes.Equal(again, third) {
				t.Errorf("%s: %q changes to %q", typ, again, third)
			}
		}
	})
}
