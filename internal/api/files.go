package api

import (
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/interview"
)

// File is a file that somebody offered in a room. It goes from their browser to
// the host app: no byte of it comes to this server.
type File struct {
	ID        string    `json:"id" required:"true"`
	Thread    string    `json:"thread" required:"true"`
	Interview string    `json:"interview" required:"true" description:"In whose room it was offered."`
	From      Author    `json:"from" required:"true"`
	At        time.Time `json:"at" required:"true"`
	Name      string    `json:"name" required:"true" description:"As the contact guard left it. It came from a person: make no path of it."`
	Size      int64     `json:"size" required:"true" description:"In bytes, as the browser says: hold the upload to it."`
	MediaType string    `json:"media_type" required:"true" description:"What the browser takes it for."`
	State     string    `json:"state" required:"true" enum:"offered,granted,declined,unanswered,expired,withdrawn,uploaded"`
	Until     time.Time `json:"until,omitzero" description:"When it fails by itself: by then it has to be answered, or uploaded. Absent when it is closed."`
	Link      string    `json:"link,omitempty" description:"Where people open it."`
	Reason    string    `json:"reason,omitempty" description:"Why it was declined."`
}

// UploadBody says where a file goes.
type UploadBody struct {
	URL       string         `json:"url" required:"true" minLength:"1" maxLength:"4096" description:"Where the browser sends the file: an address whose origin is in files.upload_origins, or a path on Parley's own where that says self. What allows it belongs into the address or the headers, for this one file."`
	Method    string         `json:"method,omitempty" enum:"PUT,POST" description:"Absent: PUT. The body of the request is the file, as it is."`
	Headers   []UploadHeader `json:"headers,omitempty" maxItems:"16" description:"That the browser sends with it. The upload's address has to allow them to pages of Parley's origin (CORS)."`
	ExpiresAt time.Time      `json:"expires_at,omitzero" description:"Until when it may be uploaded, at most a day from now; absent: an hour."`
	Link      string         `json:"link" required:"true" minLength:"1" maxLength:"2048" description:"Where people open the file when it is there: your own page, that knows who may. It is shown to everybody in the thread."`
}

// UploadHeader is a header of an upload.
type UploadHeader struct {
	Name  string `json:"name" required:"true" minLength:"1" maxLength:"64"`
	Value string `json:"value" required:"true" maxLength:"1024"`
}

// DeclineFileBody says why a file is not wanted.
type DeclineFileBody struct {
	Reason string `json:"reason,omitempty" maxLength:"256" description:"In words for the person who offered it."`
}

type sharedParams struct {
	File string `path:"file" required:"true" minLength:"1" maxLength:"64" description:"The id of the file, from file.offered."`
}

func fileRoutes() []route {
	granted, declined := exampleFile(), exampleFile()
	granted.State, granted.Link, granted.Until = "granted", exampleUpload().Link, exampleAt.Add(interview.UploadFor)
	declined.State, declined.Reason, declined.Until = "declined", "We take no archives.", time.Time{}
	return []route{
		{
			method: http.MethodGet, path: "/v1/files/{file}", id: "getFile", tag: "files",
			summary: "Read what became of a file", params: sharedParams{},
			answers: []answer{{status: http.StatusOK, description: "The file.", body: exampleFile()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).getFile,
		},
		{
			method: http.MethodPost, path: "/v1/files/{file}/upload", id: "grantFile", tag: "files",
			summary: "Say where a file is uploaded to",
			description: "The answer to `file.offered`, within 20 seconds. The person's browser sends the file there, past this server. When it says that it has, " +
				"`file.uploaded` is told and the link is shown in the thread.",
			params: sharedParams{}, body: exampleUpload(),
			answers: []answer{{status: http.StatusOK, description: "The file, granted.", body: granted}},
			codes:   []Code{CodeInvalidUpload, CodeNotFound, CodeFileClosed}, serve: (*Server).grantFile,
		},
		{
			method: http.MethodPost, path: "/v1/files/{file}/decline", id: "declineFile", tag: "files",
			summary: "Say that a file is not wanted", description: "The other answer to `file.offered`. The person reads the reason.",
			params: sharedParams{}, body: DeclineFileBody{Reason: "We take no archives."}, bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The file, declined.", body: declined}},
			codes:   []Code{CodeInvalidReason, CodeNotFound, CodeFileClosed}, serve: (*Server).declineFile,
		},
	}
}

func exampleFile() File {
	return File{
		ID: "fl_01KJPVJ3G0XW2M8QF5T7R9B4CE", Thread: "th_4711", Interview: exampleID,
		From: Author{ID: "freelancer", Name: "Femi Adeyemi", Role: "interviewee"}, At: exampleAt, Name: "Floor plan.pdf", Size: 482113,
		MediaType: "application/pdf", State: "offered", Until: exampleAt.Add(interview.AnswerFileWithin),
	}
}

func exampleUpload() UploadBody {
	return UploadBody{
		URL: "https://files.example.com/in/9f1c?signature=4be2", Headers: []UploadHeader{{"Content-Type", "application/pdf"}},
		Link: "https://app.example.com/files/9f1c",
	}
}

func (s *Server) getFile(w http.ResponseWriter, r *http.Request) error {
	o, err := s.cfg.Chat.File(r.Context(), interview.FileID(r.PathValue("file")))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, fileJSON(o))
	return nil
}

func (s *Server) grantFile(w http.ResponseWriter, r *http.Request) error {
	var body UploadBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	u := chat.Upload{Method: body.Method, URL: body.URL, ExpiresAt: body.ExpiresAt}
	for _, h := range body.Headers {
		u.Headers = append(u.Headers, chat.Header(h))
	}
	o, err := s.cfg.Chat.GrantFile(r.Context(), interview.FileID(r.PathValue("file")), u, body.Link)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, fileJSON(o))
	return nil
}

func (s *Server) declineFile(w http.ResponseWriter, r *http.Request) error {
	var body DeclineFileBody
	if err := readBody(r, true, &body); err != nil {
		return err
	}
	o, err := s.cfg.Chat.DeclineFile(r.Context(), interview.FileID(r.PathValue("file")), body.Reason)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, fileJSON(o))
	return nil
}

func fileJSON(o interview.FileOffer) File {
	return File{
		ID: string(o.ID), Thread: string(o.Thread), Interview: string(o.Interview), From: authorJSON(o.Author), At: utc(o.At),
		Name: o.File.Name, Size: o.File.Size, MediaType: o.File.Type, State: string(o.State), Until: utc(o.Until), Link: o.Link, Reason: o.Reason,
	}
}
