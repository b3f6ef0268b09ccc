package sfu

// Codec is a codec that can hold several layers in one stream (SVC), by the name it
// has in MIME types.
type Codec string

// The codecs that are asked for in layers.
const (
	VP9 Codec = "vp9"
	AV1 Codec = "av1"
)
