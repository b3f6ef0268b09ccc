package matroska

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"
)

// element is one of a file, as a validator finds it without this package's readers.
type element struct {
	id         uint32
	at         int64 // of the id
	from, to   int64 // of what is in it
	containing []element
}

// masters are the elements that hold others, and what each may hold (RFC 9559 §5.1).
var masters = map[uint32][]uint32{
	idEBML:              {idEBMLVersion, idEBMLReadVersion, idEBMLMaxIDLength, idEBMLMaxSizeLength, idDocType, idDocTypeVersion, idDocTypeReadVersion},
	idSegment:           {idSeekHead, idVoid, idInfo, idTracks, idCluster, idCues},
	idSeekHead:          {idSeek},
	idSeek:              {idSeekID, idSeekPosition},
	idInfo:              {idTimestampScale, idDuration, idDateUTC, idMuxingApp, idWritingApp},
	idTracks:            {idTrackEntry},
	idTrackEntry:        {idTrackNumber, idTrackUID, idTrackType, idFlagLacing, idLanguage, idName, idCodecID, idCodecPrivate, idSeekPreRoll, idAudio, idVideo},
	idAudio:             {idSamplingFrequency, idChannels},
	idVideo:             {idPixelWidth, idPixelHeight},
	idCluster:           {idTimestamp, idSimpleBlock},
	idCues:              {idCuePoint},
	idCuePoint:          {idCueTime, idCueTrackPositions},
	idCueTrackPositions: {idCueTrack, idCueClusterPosition},
}

// vint reads a number of variable length (RFC 8794 §4), with its marker or without.
func vint(b []byte, marker bool) (value uint64, width int, err error) {
	if len(b) == 0 {
		return 0, 0, fmt.Errorf("nothing is left")
	}
	width = 1
	for width <= 8 && b[0]&(1<<(8-width)) == 0 {
		width++
	}
	if width > 8 || width > len(b) {
		return 0, 0, fmt.Errorf("a number of %d bytes in %d", width, len(b))
	}
	for i := range width {
		value = value<<8 | uint64(b[i])
	}
	if !marker {
		value &^= 1 << (7 * width)
	}
	return value, width, nil
}

// elements reads a part of a file: each fits where it stands and may stand there,
// and they fill it.
func elements(b []byte, at, end int64, may []uint32) (all []element, err error) {
	for at < end {
		id, n, err := vint(b[at:end], true)
		if err != nil {
			return nil, fmt.Errorf("the id at byte %d: %w", at, err)
		}
		size, m, err := vint(b[at+int64(n):end], false)
		if err != nil {
			return nil, fmt.Errorf("the size of %x at byte %d: %w", id, at, err)
		}
		e := element{id: uint32(id), at: at, from: at + int64(n+m)}
		e.to = e.from + int64(size)
		known := false
		for _, m := range may {
			known = known || m == e.id
		}
		if !known || e.to > end || e.to < e.from {
			return nil, fmt.Errorf("%x at byte %d, %d bytes long, does not belong there", id, at, size)
		}
		if within, master := masters[e.id]; master {
			if e.containing, err = elements(b, e.from, e.to, within); err != nil {
				return nil, err
			}
		}
		all = append(all, e)
		at = e.to
	}
	return all, nil
}

func (e element) number(b []byte) (v uint64) {
	for _, x := range b[e.from:e.to] {
		v = v<<8 | uint64(x)
	}
	return v
}

// find returns the elements of an id inside.
func (e element) find(id uint32) (all []element) {
	for _, c := range e.containing {
		if c.id == id {
			all = append(all, c)
		}
	}
	return all
}

// one returns the only element of an id inside; without it the test ends.
func (e element) one(t *testing.T, id uint32) element {
	t.Helper()
	all := e.find(id)
	if len(all) != 1 {
		t.Fatalf("%d elements %x in %x", len(all), id, e.id)
	}
	return all[0]
}

// validate checks a closed file as mkvalidator does.
func validate(t *testing.T, b []byte) {
	t.Helper()
	top, err := elements(b, 0, int64(len(b)), []uint32{idEBML, idSegment})
	if err != nil || len(top) != 2 || top[0].id != idEBML || top[1].id != idSegment {
		t.Fatalf("%d elements, %v", len(top), err)
	}
	segment := top[1]
	track := segment.one(t, idTracks).one(t, idTrackEntry)
	number := track.one(t, idTrackNumber).number(b)
	video := track.one(t, idTrackType).number(b) == 1
	clusters := map[int64]element{}
	before, keyframes := int64(-1), map[int64]bool{} // clusters that begin with one
	for _, c := range segment.find(idCluster) {
		clusters[c.at] = c
		opened := int64(c.one(t, idTimestamp).number(b))
		if c.containing[0].id != idTimestamp {
			t.Errorf("the cluster at byte %d does not begin with its time", c.at)
		}
		for i, block := range c.find(idSimpleBlock) {
			body := b[block.from:block.to]
			at := opened + int64(int16(binary.BigEndian.Uint16(body[1:])))
			if uint64(body[0]&0x7F) != number || body[3]&0x06 != 0 || at <= before || at-opened > MaxCluster.Milliseconds() {
				t.Errorf("block %d of the cluster at byte %d: track %x, flags %x, at %d ms after %d", i, c.at, body[0], body[3], at, before)
			}
			before = at
			if i == 0 && body[3]&0x80 != 0 {
				keyframes[c.at] = true
			}
			if video && i > 0 && body[3]&0x80 != 0 {
				t.Errorf("a keyframe inside the cluster at byte %d", c.at)
			}
		}
	}
	duration := math.Float64frombits(segment.one(t, idInfo).one(t, idDuration).number(b))
	if scale := segment.one(t, idInfo).one(t, idTimestampScale).number(b); scale != uint64(time.Millisecond) || duration <= float64(before) {
		t.Errorf("it lasts %v times %d ns, and the last block begins at %d ms", duration, scale, before)
	}
	sought := map[uint64]bool{}
	for _, s := range segment.one(t, idSeekHead).find(idSeek) {
		id, at := s.one(t, idSeekID).number(b), segment.from+int64(s.one(t, idSeekPosition).number(b))
		for _, c := range segment.containing {
			sought[id] = sought[id] || c.at == at && uint64(c.id) == id
		}
		if !sought[id] {
			t.Errorf("%x is not at byte %d", id, at)
		}
	}
	if len(sought) != 3 {
		t.Errorf("the head leads to %d elements, want to info, tracks and index", len(sought))
	}
	for _, p := range segment.one(t, idCues).find(idCuePoint) {
		where := p.one(t, idCueTrackPositions)
		at := segment.from + int64(where.one(t, idCueClusterPosition).number(b))
		c, is := clusters[at]
		if !is || !keyframes[at] || where.one(t, idCueTrack).number(b) != number || c.one(t, idTimestamp).number(b) != p.one(t, idCueTime).number(b) {
			t.Errorf("the index leads to byte %d, where no cluster begins with a keyframe at %d ms", at, p.one(t, idCueTime).number(b))
		}
	}
}

// TestFilesAreValid checks closed files and repaired ones, element by element.
func TestFilesAreValid(t *testing.T) {
	h264 := Track{CodecID: "V_MPEG4/ISO/AVC", Private: []byte{1, 2, 3}, Width: 320, Height: 180, UID: 8, Date: epoch}
	for _, track := range []Track{video, sound, h264} {
		t.Run(track.CodecID, func(t *testing.T) {
			var whole, live memory
			write(t, &whole, track, true)
			validate(t, whole.b)
			write(t, &live, track, false)
			for cut := 700; cut < len(live.b); cut += 97 {
				m := memory{b: append([]byte(nil), live.b[:cut]...)}
				if s, err := Repair(&m, int64(cut)); err != nil {
					t.Fatal(err)
				} else if s.Blocks > 0 {
					validate(t, m.b)
				}
			}
		})
	}
}
