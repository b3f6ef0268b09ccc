package api

import (
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
)

type participantParams struct {
	Participant string `path:"participant" required:"true" minLength:"1" maxLength:"128" description:"The host app's id of the person."`
}

// Erasure is the receipt of a person's erasure. It does not name them.
type Erasure struct {
	ID         string    `json:"id" required:"true" description:"What stands in the person's place where the record of others needs somebody."`
	At         time.Time `json:"erased_at" required:"true"`
	Threads    int64     `json:"threads" required:"true" description:"In which the person is no longer named."`
	Stays      int64     `json:"stays" required:"true"`
	Proposals  int64     `json:"proposals" required:"true"`
	Messages   int64     `json:"messages" required:"true" description:"Deleted."`
	Files      int64     `json:"files" required:"true" description:"Offers of files, deleted. The files themselves are the host app's to erase."`
	Decisions  int64     `json:"guard_decisions" required:"true" description:"Deleted."`
	Reports    int64     `json:"reports" required:"true" description:"Deleted, of those the person made."`
	Consents   int64     `json:"consents" required:"true" description:"Kept without the person."`
	Webhooks   int64     `json:"webhook_messages" required:"true" description:"Deleted, delivered or not: what was delivered is the host app's to erase."`
	Recordings []string  `json:"recordings" required:"true" nullable:"false" description:"Destroyed."`
}

func eraseRoutes() []route {
	return []route{{
		method: http.MethodDelete, path: "/v1/participants/{participant}", id: "eraseParticipant", tag: "privacy",
		summary: "Erase a person",
		description: "Takes a person out of everything that is kept, in one step, and destroys the recordings of interviews they took part in. " +
			"Their interviews have to be over. docs/privacy.md says what is kept of whom.",
		params:  participantParams{},
		answers: []answer{{status: http.StatusOK, description: "The receipt. Keep it: it is not kept here.", body: exampleErasure()}},
		codes:   []Code{CodeTakesPart, CodeRecordingHeld, CodeRecordingOpen}, serve: (*Server).eraseParticipant,
	}}
}

func exampleErasure() Erasure {
	return Erasure{
		ID: "erased_01KJPVJ3G0XW2M8QF5T7R9B4CE", At: exampleAt, Threads: 1, Stays: 3, Messages: 12, Consents: 1, Webhooks: 40,
		Recordings: []string{exampleRecordingID},
	}
}

// eraseParticipant destroys recordings first: what cannot be undone is the last
// thing that may fail half way, and is found again when it is asked for again.
func (s *Server) eraseParticipant(w http.ResponseWriter, r *http.Request) error {
	id := interview.UserID(r.PathValue("participant"))
	out := Erasure{ID: "erased_" + ulid.Make().String(), At: time.Now().UTC().Truncate(time.Second), Recordings: []string{}}
	if err := s.cfg.Store.MayErase(r.Context(), id); err != nil {
		return err
	}
	recordings, err := s.cfg.Store.PersonRecordings(r.Context(), id)
	if err != nil {
		return err
	}
	for _, each := range recordings {
		switch {
		case each.Held:
			return recording.ErrHeld
		case each.Status == store.RecordingOpen:
			return recording.ErrOpen
		}
	}
	for _, each := range recordings {
		library, err := s.recordings()
		if err != nil {
			return err
		}
		if _, err := library.Delete(r.Context(), each.ID, "", "erasure"); err != nil {
			return err
		}
		out.Recordings = append(out.Recordings, string(each.ID))
	}
	e, err := s.cfg.Store.ErasePerson(r.Context(), id, interview.UserID(out.ID), out.At)
	if err != nil {
		return err
	}
	out.Threads, out.Stays, out.Proposals, out.Messages = e.Threads, e.Stays, e.Proposals, e.Messages
	out.Files, out.Decisions, out.Reports, out.Consents, out.Webhooks = e.Files, e.Decisions, e.Reports, e.Consents, e.WebhookMessages
	s.cfg.Logger.Info("person erased", "receipt", out.ID)
	s.writeJSON(w, http.StatusOK, out)
	return nil
}
