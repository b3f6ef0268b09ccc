package matroska

import (
	"encoding/binary"
	"time"
)

// Track describes the one track of a file.
type Track struct {
	CodecID string // as Matroska calls it: A_OPUS, V_VP8…
	Private []byte // the codec's own head, where it has one
	Name    string
	UID     uint64
	Date    time.Time // of the file's zero

	// Of pictures: the first size. Close may be told of a larger one.
	Width, Height int
	// Of sound.
	Rate, Channels int
}

// WebM reports whether the codec may stand in a WebM file; others make it a
// Matroska file, which differs in name only.
func (t Track) WebM() bool {
	switch t.CodecID {
	case opusID, "V_VP8", "V_VP9", "V_AV1":
		return true
	}
	return false
}

// Where things stand in the head. They are the same in every file.
const (
	seekHeadRoom = 80 // from the segment's first byte
	durationRoom = 11
)

// layout is where a file's head left room.
type layout struct {
	segment  int64 // of the segment's first byte inside; its size is the 8 bytes before
	info     int64 // of the Info element
	tracks   int64
	duration int64
	width    int64 // of the PixelWidth element, 0 for sound
	height   int64
	clusters int64 // where the head ends
}

// appendHead appends everything before the first cluster.
func appendHead(b []byte, t Track) []byte {
	docType := "matroska"
	if t.WebM() {
		docType = "webm"
	}
	var e []byte
	e = appendUint(e, idEBMLVersion, 1)
	e = appendUint(e, idEBMLReadVersion, 1)
	e = appendUint(e, idEBMLMaxIDLength, 4)
	e = appendUint(e, idEBMLMaxSizeLength, 8)
	e = appendString(e, idDocType, docType)
	e = appendUint(e, idDocTypeVersion, 4)
	e = appendUint(e, idDocTypeReadVersion, 2)
	b = appendBytes(b, idEBML, e)

	b = binary.BigEndian.AppendUint64(appendID(b, idSegment), unknownSize)
	b = appendVoid(b, seekHeadRoom)

	var info []byte
	info = appendUint(info, idTimestampScale, uint64(time.Millisecond))
	info = appendVoid(info, durationRoom)
	info = appendUintOf(info, idDateUTC, uint64(t.Date.Sub(epoch)), 8)
	info = appendString(info, idMuxingApp, "parley")
	info = appendString(info, idWritingApp, "parley")
	b = appendBytes(b, idInfo, info)
	return appendBytes(b, idTracks, appendBytes(nil, idTrackEntry, trackEntry(t)))
}

// epoch is where Matroska's dates begin.
var epoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

func trackEntry(t Track) []byte {
	const video, audio = 1, 2
	kind := uint64(video)
	if t.Channels > 0 {
		kind = audio
	}
	var e []byte
	e = appendUint(e, idTrackNumber, 1)
	e = appendUint(e, idTrackUID, t.UID|1) // never 0
	e = appendUint(e, idTrackType, kind)
	e = appendUint(e, idFlagLacing, 0)
	e = appendString(e, idLanguage, "und")
	if t.Name != "" {
		e = appendString(e, idName, t.Name)
	}
	e = appendString(e, idCodecID, t.CodecID)
	if len(t.Private) > 0 {
		e = appendBytes(e, idCodecPrivate, t.Private)
	}
	if kind == audio {
		e = appendUint(e, idSeekPreRoll, uint64(80*time.Millisecond)) // RFC 7845 §4.6
		a := appendFloat(nil, idSamplingFrequency, float64(t.Rate))
		a = appendUint(a, idChannels, uint64(t.Channels))
		return appendBytes(e, idAudio, a)
	}
	v := appendUintOf(nil, idPixelWidth, uint64(t.Width), 2)
	v = appendUintOf(v, idPixelHeight, uint64(t.Height), 2)
	return appendBytes(e, idVideo, v)
}
