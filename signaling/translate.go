package signaling

import (
	"math"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// message translates news that goes on; the notices after which a session is
// over are deliver's.
func message(n conference.Notice) wire.ServerMessage {
	switch n := n.(type) {
	case conference.Entered:
		return wire.Entered{
			Participants: each(n.Participants, presence),
			Seating:      each(n.Seating, seated),
			Interview:    interviewOf(n.Interview),
		}
	case conference.Joined:
		return wire.Participant{Change: wire.ChangeJoined, Participant: presence(n.Presence)}
	case conference.Left:
		gone := wire.Presence{Person: wire.Person{ID: string(n.Participant)}}
		return wire.Participant{Change: wire.ChangeLeft, Cause: string(n.Cause), Participant: gone}
	case conference.Changed:
		return wire.Participant{Change: wire.ChangeChanged, Participant: presence(n.Presence)}
	case conference.Seated:
		return wire.Seat{Seated: seated(n)}
	case conference.Published:
		return wire.Published{Participant: string(n.Participant), Source: wire.Source(n.Source), On: n.On, Paused: n.Paused}
	case conference.Speaking:
		return wire.Speaking{Participant: string(n.Participant), On: n.On}
	case conference.Layers:
		return wire.Layers{Source: source(n.Source), RIDs: n.RIDs, Codec: wire.Codec(n.Codec), Mode: n.Mode}
	case conference.Paused:
		return wire.Paused{Place: wire.Place(n.Place), Seat: n.Seat, On: n.On}
	case conference.Jammed:
		return wire.Jam{On: n.On, KBPS: n.Bitrate / 1000}
	case conference.Quality:
		return quality(n)
	case conference.Media:
		return wire.Media{State: wire.MediaState(n.State), Reason: n.Reason}
	case conference.Said:
		return wire.Said{Message: chatMessage(n.Message)}
	case conference.Filed:
		return filed(n)
	case conference.Guarded:
		return wire.Guard{Active: n.Active}
	case conference.Appealed:
		return wire.Appealed{Appeal: appeal(n)}
	case conference.Zoomed:
		return zoomed(n)
	case conference.StateChanged:
		return wire.InterviewChanged{Interview: interviewOf(n.Interview)}
	case conference.RecordingChanged:
		return recordingChanged(n)
	}
	return nil
}

func quality(q conference.Quality) wire.Quality {
	out := wire.Quality{
		Participant: string(q.Participant),
		Up:          path(q.Up),
		Down:        path(q.Down),
		Cause:       wire.Cause(q.Cause),
	}
	if q.CPULimited {
		out.Limited = append(out.Limited, wire.LimitCPU)
	}
	if q.UpLimited {
		out.Limited = append(out.Limited, wire.LimitUpload)
	}
	return out
}

func path(p conference.Path) wire.Path {
	return wire.Path{
		Loss:     math.Round(p.Loss*1000) / 1000,
		RTTMS:    p.RTT.Milliseconds(),
		JitterMS: p.Jitter.Milliseconds(),
		KBPS:     p.Bitrate / 1000,
		Score:    p.Score,
	}
}

func layout(m wire.Layout) conference.Layout {
	l := conference.Layout{Seats: make(map[int]conference.Shown, len(m.Seats))}
	for _, s := range m.Seats {
		l.Seats[s.Seat] = conference.Shown{Width: s.Width, Height: s.Height, Hidden: s.Hidden, Pinned: s.Pinned}
	}
	if s := m.Screen; s != nil {
		l.Screen = &conference.Shown{Width: s.Width, Height: s.Height, Hidden: s.Hidden}
	}
	return l
}

func welcome(s conference.Snapshot, ice []wire.ICEServer) wire.Welcome {
	return wire.Welcome{
		Session:      s.Session,
		Resume:       s.Resume,
		Resumed:      s.Resumed,
		Entered:      s.Entered,
		Interview:    interviewOf(s.Interview),
		You:          person(s.You),
		May:          each(s.May, source),
		Seats:        s.Seats,
		Participants: each(s.Participants, presence),
		Seating:      each(s.Seating, seated),
		ICEServers:   ice,
		PingMS:       pingEvery.Milliseconds(),
		Zoom:         zoomChoice(s.Zoom),
		Files:        fileLimits(s.Files),
	}
}

func offer(m wire.Offer) conference.Offer {
	o := conference.Offer{
		SDP:      m.SDP,
		Sources:  make(map[interview.Source]string, len(m.Sources)),
		Seats:    each(m.Seats, func(l wire.Lines) conference.Lines { return conference.Lines(l) }),
		Fallback: m.Fallback,
	}
	for s, mid := range m.Sources {
		o.Sources[interview.Source(s)] = mid
	}
	if m.Screen != nil {
		o.Screen = conference.Lines(*m.Screen)
	}
	return o
}

// interviewOf is the interview as the protocol shows it.
func interviewOf(iv interview.Interview) wire.Interview {
	return wire.Interview{
		ID:           string(iv.ID),
		Thread:       string(iv.Thread),
		Mode:         string(iv.Mode),
		State:        string(iv.State),
		CreatedBy:    string(iv.CreatedBy),
		CreatedAt:    iv.CreatedAt.UTC(),
		StartsAt:     utc(iv.StartsAt),
		OpensAt:      utc(iv.OpensAt()),
		Minutes:      int(iv.Length / time.Minute),
		Zone:         iv.Zone,
		Sequence:     iv.Sequence,
		RingsUntil:   utc(iv.RingsUntil),
		StartedAt:    utc(iv.StartedAt),
		EndedAt:      utc(iv.EndedAt),
		EndReason:    iv.EndReason,
		DurationS:    int64(iv.Duration() / time.Second),
		Participants: each(iv.Stays, stay),
		Present:      each(iv.Present(), func(p interview.Participant) string { return string(p.ID) }),
		Recording:    recording(iv),
		Zoom:         zoomStatus(iv.Zoom),
	}
}

// timing is what a refusal says about when the interview is.
func timing(t conference.Timing, you interview.Participant) *wire.Timing {
	return &wire.Timing{
		Interview: interviewOf(t.Interview),
		You:       person(you),
		People: each(t.People, func(p interview.Participant) wire.Zoned {
			return wire.Zoned{Person: person(p.Named()), Zone: p.Zone}
		}),
		Now: time.Now().UTC().Truncate(time.Millisecond),
	}
}

func stay(s interview.Stay) wire.Stay {
	return wire.Stay{Person: person(s.Participant), JoinedAt: s.JoinedAt.UTC(), LeftAt: utc(s.LeftAt)}
}

func person(p interview.Participant) wire.Person {
	return wire.Person{ID: string(p.ID), Name: p.Name, Role: string(p.Role)}
}

func presence(p conference.Presence) wire.Presence {
	return wire.Presence{
		Person:       person(p.Participant),
		Reconnecting: p.Reconnecting,
		Publishing:   each(p.Publishing, source),
		Paused:       each(p.Paused, source),
		Speaking:     p.Speaking,
	}
}

func seated(s conference.Seated) wire.Seated {
	return wire.Seated{Place: wire.Place(s.Place), Seat: s.Seat, Participant: string(s.Participant)}
}

func source(s interview.Source) wire.Source { return wire.Source(s) }

// utc keeps a time that is not known zero, which is how it stays out of JSON.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
