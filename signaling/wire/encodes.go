package wire

import (
	"encoding/json"
	"slices"
)

// TypeEncodes is the type of [Encodes].
const TypeEncodes = "encodes"

// Codec is a codec that can hold several layers in one stream (SVC).
type Codec string

// The codecs: a closed set.
const (
	CodecVP9 Codec = "vp9"
	CodecAV1 Codec = "av1"
)

// Codecs returns every codec, in the protocol's order.
func Codecs() []Codec { return []Codec{CodecVP9, CodecAV1} }

// Encodes says with which codecs the client can send a source as one stream of
// several layers. It holds until the next one for that source; an empty list takes
// it back.
type Encodes struct {
	Source Source  `json:"source"`
	Codecs []Codec `json:"codecs"`
}

func (f *fields) encodes() Encodes {
	e := Encodes{Source: f.source("source")}
	if e.Source == SourceMic || e.Source == SourceScreenAudio {
		f.refuse(CodeInvalidValue, `The field "source" must be camera or screen.`)
	}
	var raw []json.RawMessage
	if !f.read("codecs", &raw, "an array") {
		return e
	}
	for _, name := range raw {
		var c Codec
		switch {
		case json.Unmarshal(name, &c) != nil:
			f.refuse(CodeWrongType, `The field "codecs" must hold strings.`)
		case !slices.Contains(Codecs(), c) || slices.Contains(e.Codecs, c):
			f.refuse(CodeInvalidValue, `The field "codecs" must hold vp9 and av1, each once at the most.`)
		default:
			e.Codecs = append(e.Codecs, c)
		}
		if f.err != nil {
			return e
		}
	}
	return e
}

// Type returns "encodes".
func (Encodes) Type() string { return TypeEncodes }

func (Encodes) fromClient() {}
