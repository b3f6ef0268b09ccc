package api

import (
	"context"
	"net/http"
	"time"

	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
)

func pathRecording(r *http.Request) interview.RecordingID {
	return interview.RecordingID(r.PathValue("recording"))
}

// recordings returns the recordings, where there are any.
func (s *Server) recordings() (*recording.Library, error) {
	if s.cfg.Library == nil {
		return nil, problem(CodeNoRecorder, "This server does not record.")
	}
	return s.cfg.Library, nil
}

func (s *Server) listRecordings(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	if _, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r)); err != nil {
		return err
	}
	found, err := library.Recordings(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, RecordedList{Recordings: each(found, func(r store.Recording) Recorded { return recordedJSON(r, library) })})
	return nil
}

func (s *Server) listConsents(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	if _, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r)); err != nil {
		return err
	}
	found, err := library.Receipts(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, ConsentList{Consents: each(found, func(r store.Receipt) Receipt {
		return Receipt{Recording: string(r.Recording), Consent: answerJSON(r.Consent)}
	})})
	return nil
}

func (s *Server) getRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	found, err := library.Recording(r.Context(), pathRecording(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, recordedJSON(found, library))
	return nil
}

// verifyWithin bounds how long a recording is read to check it.
const verifyWithin = 10 * time.Minute

func (s *Server) verifyRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(verifyWithin + fileWrite))
	ctx, cancel := context.WithTimeout(r.Context(), verifyWithin)
	defer cancel()
	report, err := library.Verify(ctx, pathRecording(r))
	if err != nil {
		return err
	}
	m := report.Manifest
	s.writeJSON(w, http.StatusOK, Verification{
		Whole: len(report.Problems) == 0, Problems: append([]string{}, report.Problems...),
		Files: len(m.Files), People: len(m.People), JournalSHA256: m.Head,
	})
	return nil
}

func (s *Server) changeRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	var body RecordingChange
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	changed, err := library.Hold(r.Context(), pathRecording(r), body.Held)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, recordedJSON(changed, library))
	return nil
}

func (s *Server) deleteRecording(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	receipt, err := library.Delete(r.Context(), pathRecording(r), interview.UserID(r.URL.Query().Get("by")), "host")
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, destroyedJSON(receipt))
	return nil
}

func (s *Server) listViews(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	if _, err := library.Recording(r.Context(), pathRecording(r)); err != nil {
		return err
	}
	found, err := library.Views(r.Context(), pathRecording(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, ViewList{Views: each(found, func(v store.View) View {
		return View{At: utc(v.At), User: string(v.User), Key: v.APIKey, File: v.File}
	})})
	return nil
}

// deleteTracks destroys what was recorded of one person.
func (s *Server) deleteTracks(w http.ResponseWriter, r *http.Request) error {
	library, err := s.recordings()
	if err != nil {
		return err
	}
	if err := library.DeleteOf(r.Context(), pathRecording(r), interview.UserID(r.PathValue("participant")), "host"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
