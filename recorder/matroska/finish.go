package matroska

import (
	"encoding/binary"
)

// appendCues appends the index.
func appendCues(b []byte, x index, segment int64) []byte {
	var points []byte
	for _, c := range x.cues {
		var where []byte
		where = appendUint(where, idCueTrack, 1)
		where = appendUint(where, idCueClusterPosition, uint64(c.cluster-segment))
		p := appendUint(nil, idCueTime, uint64(c.at.Milliseconds()))
		p = appendBytes(p, idCueTrackPositions, where)
		points = appendBytes(points, idCuePoint, p)
	}
	if points == nil {
		return b
	}
	return appendBytes(b, idCues, points)
}

// finish makes a file of a live stream whose clusters end at end, the output's
// present end. The segment's size comes last: whoever reads it may rely on the
// rest. Doing it again does the same.
func finish(out Output, l layout, end int64, x index, width, height int) error {
	cues := appendCues(nil, x, l.segment)
	if _, err := out.Write(cues); err != nil {
		return err
	}
	var seek []byte
	entry := func(id uint32, at int64) {
		e := appendBytes(nil, idSeekID, appendID(nil, id))
		e = appendUintOf(e, idSeekPosition, uint64(at-l.segment), 8)
		seek = appendBytes(seek, idSeek, e)
	}
	entry(idInfo, l.info)
	entry(idTracks, l.tracks)
	if len(cues) > 0 {
		entry(idCues, end)
	}
	room := appendBytes(nil, idSeekHead, seek)
	room = appendVoid(room, seekHeadRoom-len(room))

	type patch struct {
		at   int64
		data []byte
	}
	patches := []patch{
		{l.segment, room},
		{l.duration, appendFloat(nil, idDuration, float64(x.duration().Milliseconds()))},
	}
	if l.width > 0 && width > 0 && height > 0 {
		patches = append(patches,
			patch{l.width, appendUintOf(nil, idPixelWidth, uint64(width), 2)},
			patch{l.height, appendUintOf(nil, idPixelHeight, uint64(height), 2)})
	}
	size := uint64(end + int64(len(cues)) - l.segment)
	patches = append(patches, patch{l.segment - 8, binary.BigEndian.AppendUint64(nil, size|1<<56)})
	for _, p := range patches {
		if _, err := out.WriteAt(p.data, p.at); err != nil {
			return err
		}
	}
	return nil
}
