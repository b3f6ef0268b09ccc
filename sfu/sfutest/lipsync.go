package sfutest

import (
	"time"

	"github.com/pion/rtcp"
)

// LipSync is how far sound and picture of one publisher would be apart if they
// were played by their RTP times and the sender reports, as a browser does.
// Positive is picture late.
type LipSync struct {
	Reports  int           // sender reports, of sound and picture together
	Measured int           // pictures measured
	Last     time.Duration // of the last picture
	Worst    time.Duration // the one furthest from 0
	Off      time.Duration // how far, at the worst, the reports are from the true moment of a sound or picture
}

// syncCheck measures LipSync: for each stream, how far the time that the
// reports give a packet is from the time of its capture. Equal errors, such as
// a whole clock's, do not part sound from picture; unequal ones do.
type syncCheck struct {
	LipSync
	audio, video clockLine
	heard        time.Duration // error of the last sound
	heardFrom    string
	heardAt      time.Time
}

// clockLine is a stream's line from RTP time to wall time, by its last report.
type clockLine struct {
	rate int64
	ok   bool
	rtp  uint32
	ntp  time.Time
}

func (c *clockLine) time(timestamp uint32) time.Time {
	ticks := int64(int32(timestamp - c.rtp))
	return c.ntp.Add(time.Duration(ticks * int64(time.Second) / c.rate))
}

func (s *syncCheck) report(video bool, sr *rtcp.SenderReport) {
	s.Reports++
	line := &s.audio
	line.rate = 48000
	if video {
		line = &s.video
		line.rate = 90000
	}
	line.ok, line.rtp, line.ntp = true, sr.RTPTime, fromNTP(sr.NTPTime)
}

func (s *syncCheck) sound(a *arrival) {
	if !s.audio.ok {
		return
	}
	s.heard = s.audio.time(a.timestamp).Sub(a.stamp.captured)
	s.heardFrom, s.heardAt = a.stamp.publisher, a.at
	s.Off = max(s.Off, s.heard.Abs())
}

func (s *syncCheck) picture(a *arrival) {
	if s.video.ok {
		s.Off = max(s.Off, s.video.time(a.timestamp).Sub(a.stamp.captured).Abs())
	}
	if !s.video.ok || s.heardFrom != a.stamp.publisher || a.at.Sub(s.heardAt) > time.Second {
		return
	}
	s.Measured++
	s.Last = s.video.time(a.timestamp).Sub(a.stamp.captured) - s.heard
	if s.Last.Abs() > s.Worst.Abs() {
		s.Worst = s.Last
	}
}

// fromNTP is a time in NTP's 64 bits (RFC 3550 §4), between 1968 and 2104.
func fromNTP(t uint64) time.Time {
	const unix = 2208988800 // seconds from 1900 to 1970
	return time.Unix(int64(t>>32)-unix, int64((t&0xffffffff)*uint64(time.Second)>>32))
}

func toNTP(t time.Time) uint64 {
	const unix = 2208988800
	return uint64(t.Unix()+unix)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}
