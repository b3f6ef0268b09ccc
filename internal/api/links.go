package api

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
	"parley/internal/token"
	"parley/recorder"
)

// viewCookie holds a link's token, for the paths of one recording.
const viewCookie = "parley_recording"

// fileWrite is how long one write of a file may take.
const fileWrite = 30 * time.Second

func (s *Server) linkRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	var body LinkBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	found, err := library.Recording(r.Context(), pathRecording(r))
	if err != nil {
		return err
	}
	if found.Status == store.RecordingDeleted {
		return recording.ErrDeleted
	}
	who, err := s.invited(r.Context(), found.Thread, body.User)
	if err != nil {
		return err
	}
	all := who.Role == interview.RoleInterviewer
	if body.All != nil {
		all = *body.All
	}
	now := time.Now()
	view := token.View{
		ID: "tk_" + ulid.Make().String(), User: string(who.ID), Recording: string(found.ID), All: all,
		IssuedAt: now, ExpiresAt: now.Add(token.MaxViewLifetime),
	}
	raw, err := s.cfg.Keys.MintView(view)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusCreated, Link{
		URL:       s.cfg.PublicURL + "/recordings/" + string(found.ID) + "#token=" + raw,
		ExpiresAt: view.ExpiresAt.UTC().Truncate(time.Second),
	})
	return nil
}

// viewer is the person whose link a request came with: the token itself, or the
// cookie it was made into.
func (s *Server) viewer(r *http.Request) (v token.View, raw string, err error) {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		cookie, err := r.Cookie(viewCookie)
		if err != nil {
			return v, "", problem(CodeUnauthorized, "A link to this recording is needed.")
		}
		raw = cookie.Value
	}
	v, err = s.cfg.Keys.VerifyView(strings.TrimSpace(raw), time.Now())
	if err != nil || v.Recording != r.PathValue("recording") {
		return v, "", problem(CodeUnauthorized, "The link has expired, or is for something else. Ask for a new one.")
	}
	return v, raw, nil
}

// viewerOrHost is the person whose link a request came with, or else the id of the
// host app's key, which needs the scope of recordings.
func (s *Server) viewerOrHost(r *http.Request) (v token.View, key string, err error) {
	v, _, refused := s.viewer(r)
	if refused == nil {
		return v, "", nil
	}
	host, err := s.authenticate(r)
	if err != nil {
		return v, "", refused
	}
	if !host.Allows(scopeRecordings) {
		return v, "", lacks(scopeRecordings)
	}
	return v, host.ID, nil
}

func (s *Server) openRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	view, raw, err := s.viewer(r)
	if err != nil {
		return err
	}
	m, err := library.Manifest(r.Context(), pathRecording(r))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: viewCookie, Value: raw, Path: "/v1/recordings/" + view.Recording, Expires: view.ExpiresAt,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: strings.HasPrefix(s.cfg.PublicURL, "https://"),
	})
	opened := openedJSON(m, view)
	if size, ok := library.FilmSize(pathRecording(r)); ok && view.All {
		opened.Whole = &OpenedFilm{URL: path.Join("/v1/recordings", m.Recording, "files", recording.FilmName), Size: size}
	}
	for _, t := range library.Transcripts(pathRecording(r), m.People) {
		if view.All || t.Participant == view.User {
			opened.Transcripts = append(opened.Transcripts, OpenedTranscript{
				URL: path.Join("/v1/recordings", m.Recording, "files", t.Name), Participant: t.Participant, Size: t.Size,
			})
		}
	}
	s.writeJSON(w, http.StatusOK, opened)
	return nil
}

// openedJSON is what a manifest holds for one person.
func openedJSON(m recorder.Manifest, view token.View) Opened {
	out := Opened{
		ID: m.Recording, StartedAt: utc(m.Started), DurationMS: m.DurationMS, You: view.User,
		People: []OpenedPerson{}, Files: []OpenedFile{}, Chapters: []OpenedChapter{}, Transcripts: []OpenedTranscript{},
	}
	for _, f := range m.Files {
		if !view.All && f.Participant != view.User {
			continue
		}
		out.Files = append(out.Files, OpenedFile{
			Name: f.Name, URL: path.Join("/v1/recordings", m.Recording, "files", f.Name),
			Participant: f.Participant, Source: string(f.Source), StartMS: f.StartMS, DurationMS: f.DurationMS, Size: f.Size,
		})
	}
	for _, p := range m.People {
		if slices.ContainsFunc(out.Files, func(f OpenedFile) bool { return f.Participant == p.ID }) {
			out.People = append(out.People, OpenedPerson{ID: p.ID, Name: p.Name})
		}
	}
	for _, c := range m.Chapters {
		out.Chapters = append(out.Chapters, OpenedChapter{AtMS: c.AtMS, Label: c.Label})
	}
	return out
}

func (s *Server) askForDeletion(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	view, _, err := s.viewer(r)
	if err != nil {
		return err
	}
	if err := library.AskForDeletion(r.Context(), pathRecording(r), interview.UserID(view.User)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// getRecordingFile serves a file to whoever has a link, and to the host app.
func (s *Server) getRecordingFile(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	name := r.PathValue("file")
	by, err := s.looker(r, library, name)
	if err != nil {
		return err
	}
	f, err := library.Open(r.Context(), pathRecording(r), name, by)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", recordingType(name))
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`"`)
	http.ServeContent(&patientWriter{ResponseWriter: w, control: http.NewResponseController(w)}, r, name, f.Modified, f.Reader)
	return nil
}

// deleteTranscript takes back, for a person or by the host app in their name, what
// was agreed to about being put into writing.
func (s *Server) deleteTranscript(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	view, key, err := s.viewerOrHost(r)
	if err != nil {
		return err
	}
	who := interview.UserID(r.PathValue("participant"))
	if key == "" && view.User != string(who) {
		return problem(CodeNotFound, "There is no such transcript, or it is not of you.")
	}
	if err := library.Untranscribe(r.Context(), pathRecording(r), who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// looker says who wants to see a file, and refuses those who may not.
func (s *Server) looker(r *http.Request, library *recording.Library, name string) (store.View, error) {
	view, key, err := s.viewerOrHost(r)
	if err != nil || key != "" {
		return store.View{APIKey: key}, err
	}
	if !view.All {
		m, err := library.Manifest(r.Context(), pathRecording(r))
		if err != nil {
			return store.View{}, err
		}
		own := slices.ContainsFunc(m.Files, func(f recorder.File) bool { return f.Name == name && f.Participant == view.User }) ||
			slices.ContainsFunc(library.Transcripts(pathRecording(r), m.People), func(t recording.Transcript) bool { return t.Name == name && t.Participant == view.User })
		if !own {
			return store.View{}, problem(CodeNotFound, "There is no such file, or it is not of you.")
		}
	}
	return store.View{User: interview.UserID(view.User)}, nil
}

func recordingType(name string) string {
	switch path.Ext(name) {
	case ".webm":
		return "video/webm"
	case ".mkv":
		return "video/x-matroska"
	case ".mp4":
		return "video/mp4"
	case ".vtt":
		return "text/vtt; charset=utf-8"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}

// patientWriter gives each write its time instead of the whole file.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(fileWrite))
	return p.ResponseWriter.Write(b)
}
