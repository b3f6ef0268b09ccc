package api

import (
	"math"
	"net/http"

	"parley/internal/store"
)

// Quality is how the connections of those who were in an interview did.
type Quality struct {
	Participants []ParticipantQuality `json:"participants" required:"true" nullable:"false"`
}

// ParticipantQuality is what was measured of one person, all their connections
// together.
type ParticipantQuality struct {
	ID        string        `json:"id" required:"true"`
	MeasuredS int64         `json:"measured_s" required:"true" description:"For how long, in seconds."`
	PoorS     int64         `json:"poor_s" required:"true" description:"Of it, with a score below 3.1 in either direction: people had to strain to understand."`
	RTTMS     int64         `json:"rtt_ms" required:"true" description:"To the server and back, on the average; 0: not known."`
	Freezes   int64         `json:"freezes" required:"true" description:"Of the pictures this person saw, all together."`
	Up        PathQuality   `json:"up" required:"true" description:"From the person to the server."`
	Down      PathQuality   `json:"down" required:"true" description:"From the server to the person."`
	Causes    QualityCauses `json:"causes" required:"true" description:"For how many seconds each was to blame, as the person was told."`
}

// PathQuality is one direction, on the average.
type PathQuality struct {
	Loss     float64 `json:"loss" required:"true" description:"Share of packets lost on the way, before repair."`
	JitterMS int64   `json:"jitter_ms" required:"true"`
	Kbps     int64   `json:"kbps" required:"true"`
	Score    float64 `json:"score" required:"true" description:"Mean opinion of the sound as estimated, 1 to 4.5 (E-model, ITU-T G.107)."`
}

// QualityCauses are the words that a room uses for what somebody suffers from.
type QualityCauses struct {
	YourUpload   int64 `json:"your_upload" required:"true"`
	YourDownload int64 `json:"your_download" required:"true"`
	Busy         int64 `json:"this_computer_is_busy" required:"true"`
	Server       int64 `json:"server" required:"true"`
}

func qualityRoutes() []route {
	return []route{{
		method: http.MethodGet, path: "/v1/interviews/{interview}/quality", id: "getQuality", tag: "interviews",
		summary:     "How people's connections did",
		description: "Of everybody who was in the room, kept with the interview; while it is live, up to a minute ago. For telling a bad line from a bad conversation.",
		params:      interviewParams{},
		answers:     []answer{{status: http.StatusOK, description: "By person.", body: exampleQuality()}},
		codes:       []Code{CodeNotFound}, serve: (*Server).getQuality,
	}}
}

func exampleQuality() Quality {
	return Quality{Participants: []ParticipantQuality{{
		ID: "freelancer", MeasuredS: 1836, PoorS: 44, RTTMS: 61, Freezes: 3,
		Up:     PathQuality{Loss: 0.018, JitterMS: 6, Kbps: 1204, Score: 4.1},
		Down:   PathQuality{Loss: 0.002, JitterMS: 3, Kbps: 1390, Score: 4.3},
		Causes: QualityCauses{YourUpload: 52},
	}}}
}

func (s *Server) getQuality(w http.ResponseWriter, r *http.Request) error {
	iv, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.Qualities(r.Context(), iv.ID)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, Quality{Participants: each(found, qualityJSON)})
	return nil
}

func qualityJSON(q store.Quality) ParticipantQuality {
	const seconds = 2 // of a measurement
	n := float64(q.Measurements)
	path := func(s store.QualitySums) PathQuality {
		return PathQuality{
			Loss:     math.Round(s.Loss/n*10_000) / 10_000,
			JitterMS: int64(math.Round(s.Jitter / n * 1000)),
			Kbps:     int64(math.Round(s.Bitrate / n / 1000)),
			Score:    math.Round(s.Score/n*10) / 10,
		}
	}
	p := ParticipantQuality{
		ID: string(q.User), MeasuredS: seconds * q.Measurements, PoorS: seconds * q.Poor, Freezes: q.Freezes,
		Up: path(q.Up), Down: path(q.Down),
		Causes: QualityCauses{
			YourUpload: seconds * q.YourUpload, YourDownload: seconds * q.YourDownload,
			Busy: seconds * q.Busy, Server: seconds * q.Server,
		},
	}
	if q.RTTs > 0 {
		p.RTTMS = int64(math.Round(q.RTT / float64(q.RTTs) * 1000))
	}
	return p
}
