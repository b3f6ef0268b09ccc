package api

import (
	"net/http"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// ReportBody is what a person reports in an interview.
type ReportBody struct {
	By     string `json:"by" required:"true" minLength:"1" maxLength:"128" description:"The participant who reports."`
	About  string `json:"about,omitempty" maxLength:"128" description:"The participant it is about; absent: nobody in particular."`
	Reason string `json:"reason" required:"true" enum:"harassment,discrimination,fraud,impersonation,recording,contact_details,reward,other"`
	Words  string `json:"words,omitempty" maxLength:"1000" description:"In the person's own words."`
}

// Report is what a person reported. What was said, written or shown in the
// interview is no part of it.
type Report struct {
	ID        string    `json:"id" required:"true"`
	Thread    string    `json:"thread" required:"true"`
	Interview string    `json:"interview" required:"true"`
	By        string    `json:"by" required:"true"`
	About     string    `json:"about,omitempty"`
	Reason    string    `json:"reason" required:"true" enum:"harassment,discrimination,fraud,impersonation,recording,contact_details,reward,other"`
	Words     string    `json:"words,omitempty"`
	At        time.Time `json:"at" required:"true"`
}

// ReportList is what was reported in an interview, oldest first.
type ReportList struct {
	Reports []Report `json:"reports" required:"true" nullable:"false"`
}

func reportRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/reports", id: "createReport", tag: "interviews",
			summary:     "Report somebody in an interview",
			description: "What the button in the room does. Webhooks hear of it with `report.created`; who is told, and what follows, is the host app's to decide.",
			params:      interviewParams{}, body: ReportBody{By: "freelancer", About: "client", Reason: "reward", Words: "They asked for free work first."},
			answers: []answer{{status: http.StatusCreated, description: "The report.", body: exampleReport()}},
			codes:   []Code{CodeInvalidReport, CodeNotAParticipant, CodeNotFound}, serve: (*Server).createReport,
		},
		{
			method: http.MethodGet, path: "/v1/interviews/{interview}/reports", id: "listReports", tag: "interviews",
			summary: "List what was reported in an interview", params: interviewParams{},
			answers: []answer{{status: http.StatusOK, description: "All of it.", body: ReportList{Reports: []Report{exampleReport()}}}},
			codes:   []Code{CodeNotFound}, serve: (*Server).listReports,
		},
	}
}

func exampleReport() Report {
	return Report{
		ID: "rp_01KJPVJ3G0XW2M8QF5T7R9B4CE", Thread: "th_4711", Interview: exampleID, By: "freelancer", About: "client",
		Reason: "reward", Words: "They asked for free work first.", At: exampleAt.Add(2 * time.Minute),
	}
}

func (s *Server) createReport(w http.ResponseWriter, r *http.Request) error {
	var body ReportBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	iv, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	who, err := s.invited(r.Context(), iv.Thread, User{ID: body.By})
	if err != nil {
		return err
	}
	report, err := s.cfg.Chat.Report(r.Context(), iv, store.Report{
		Reporter: who.ID, About: interview.UserID(body.About), Reason: body.Reason, Words: body.Words,
	})
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusCreated, reportJSON(report))
	return nil
}

func (s *Server) listReports(w http.ResponseWriter, r *http.Request) error {
	iv, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.Reports(r.Context(), iv.ID)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, ReportList{Reports: each(found, reportJSON)})
	return nil
}

func reportJSON(r store.Report) Report {
	return Report{
		ID: r.ID, Thread: string(r.Thread), Interview: string(r.Interview), By: string(r.Reporter), About: string(r.About),
		Reason: r.Reason, Words: r.Words, At: utc(r.At),
	}
}
