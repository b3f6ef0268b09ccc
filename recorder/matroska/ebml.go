package matroska

import (
	"encoding/binary"
	"math"
)

// The elements that this package writes or looks into (RFC 8794, RFC 9559).
const (
	idEBML               = 0x1A45DFA3
	idEBMLVersion        = 0x4286
	idEBMLReadVersion    = 0x42F7
	idEBMLMaxIDLength    = 0x42F2
	idEBMLMaxSizeLength  = 0x42F3
	idDocType            = 0x4282
	idDocTypeVersion     = 0x4287
	idDocTypeReadVersion = 0x4285
	idVoid               = 0xEC
	idSegment            = 0x18538067
	idSeekHead           = 0x114D9B74
	idSeek               = 0x4DBB
	idSeekID             = 0x53AB
	idSeekPosition       = 0x53AC
	idInfo               = 0x1549A966
	idTimestampScale     = 0x2AD7B1
	idDuration           = 0x4489
	idDateUTC            = 0x4461
	idMuxingApp          = 0x4D80
	idWritingApp         = 0x5741
	idTracks             = 0x1654AE6B
	idTrackEntry         = 0xAE
	idTrackNumber        = 0xD7
	idTrackUID           = 0x73C5
	idTrackType          = 0x83
	idFlagLacing         = 0x9C
	idName               = 0x536E
	idLanguage           = 0x22B59C
	idCodecID            = 0x86
	idCodecPrivate       = 0x63A2
	idSeekPreRoll        = 0x56BB
	idVideo              = 0xE0
	idPixelWidth         = 0xB0
	idPixelHeight        = 0xBA
	idAudio              = 0xE1
	idSamplingFrequency  = 0xB5
	idChannels           = 0x9F
	idCluster            = 0x1F43B675
	idTimestamp          = 0xE7
	idSimpleBlock        = 0xA3
	idCues               = 0x1C53BB6B
	idCuePoint           = 0xBB
	idCueTime            = 0xB3
	idCueTrackPositions  = 0xB7
	idCueTrack           = 0xF7
	idCueClusterPosition = 0xF1
)

// unknownSize is a size of eight bytes that says the element goes on.
const unknownSize = 0x01FF_FFFF_FFFF_FFFF

// appendID appends an element's id, whose length is part of it.
func appendID(b []byte, id uint32) []byte {
	switch {
	case id > 0xFFFFFF:
		return binary.BigEndian.AppendUint32(b, id)
	case id > 0xFFFF:
		return append(b, byte(id>>16), byte(id>>8), byte(id))
	case id > 0xFF:
		return append(b, byte(id>>8), byte(id))
	}
	return append(b, byte(id))
}

// appendSize appends a size in as few bytes as it needs.
func appendSize(b []byte, size uint64) []byte {
	for n := 1; n <= 8; n++ {
		if size < 1<<(7*n)-1 { // all ones would say unknown
			return appendSizeOf(b, size, n)
		}
	}
	return binary.BigEndian.AppendUint64(b, unknownSize)
}

// appendSizeOf appends a size in n bytes.
func appendSizeOf(b []byte, size uint64, n int) []byte {
	size |= 1 << (7 * n)
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(size>>(8*i)))
	}
	return b
}

func appendBytes(b []byte, id uint32, value []byte) []byte {
	return append(appendSize(appendID(b, id), uint64(len(value))), value...)
}

func appendString(b []byte, id uint32, value string) []byte {
	return append(appendSize(appendID(b, id), uint64(len(value))), value...)
}

// appendUint appends a number in as few bytes as it needs.
func appendUint(b []byte, id uint32, value uint64) []byte {
	n := 1
	for n < 8 && value >= 1<<(8*n) {
		n++
	}
	return appendUintOf(b, id, value, n)
}

// appendUintOf appends a number in n bytes, so that another fits in its place.
func appendUintOf(b []byte, id uint32, value uint64, n int) []byte {
	b = appendSize(appendID(b, id), uint64(n))
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(value>>(8*i)))
	}
	return b
}

func appendFloat(b []byte, id uint32, value float64) []byte {
	b = appendSize(appendID(b, id), 8)
	return binary.BigEndian.AppendUint64(b, math.Float64bits(value))
}

// appendVoid fills n bytes, at least 9, with an element that says nothing.
func appendVoid(b []byte, n int) []byte {
	b = appendSizeOf(append(b, idVoid), uint64(n-9), 8)
	return append(b, make([]byte, n-9)...)
}
