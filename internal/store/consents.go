package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"parley/internal/interview"
)

// recordingColumn reads and writes an interview's recording. JSON, because it is
// only ever read together with its interview, and nothing is looked up by it.
type recordingColumn struct{ into *interview.Recording }

// recordingDoc is the stored form. Its names are kept for ever; the domain's may change.
type recordingDoc struct {
	Mode      string       `json:"mode,omitempty"`
	State     string       `json:"state,omitempty"`
	ID        string       `json:"id,omitempty"`
	AskedBy   string       `json:"asked_by,omitempty"`
	StartsAt  time.Time    `json:"starts_at,omitzero"`
	StartedAt time.Time    `json:"started_at,omitzero"`
	Consents  []consentDoc `json:"consents,omitempty"`

	Transcripts   bool         `json:"transcripts,omitempty"`
	Transcription []consentDoc `json:"transcription,omitempty"`
}

type consentDoc struct {
	User     string    `json:"user"`
	State    string    `json:"state"`
	Text     string    `json:"text"`
	Language string    `json:"language"`
	At       time.Time `json:"at"`
}

// Scan implements sql.Scanner.
func (c recordingColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("a recording is stored as %T", src)
	}
	if *c.into = (interview.Recording{}); text == "" {
		return nil
	}
	var d recordingDoc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("a recording is stored as something else: %w", err)
	}
	*c.into = interview.Recording{
		Mode: interview.RecordingMode(d.Mode), State: interview.RecordingState(d.State),
		ID: interview.RecordingID(d.ID), AskedBy: interview.UserID(d.AskedBy), StartsAt: d.StartsAt, StartedAt: d.StartedAt,
		Consents: consentsOf(d.Consents, interview.ConsentRecording), Transcripts: d.Transcripts,
		Transcription: consentsOf(d.Transcription, interview.ConsentTranscription),
	}
	return nil
}

func consentsOf(docs []consentDoc, kind interview.ConsentKind) (all []interview.Consent) {
	for _, k := range docs {
		all = append(all, interview.Consent{
			Participant: interview.UserID(k.User), Kind: kind, State: interview.ConsentState(k.State), Text: k.Text, Language: k.Language, At: k.At,
		})
	}
	return all
}

func consentDocs(all []interview.Consent) (docs []consentDoc) {
	for _, k := range all {
		docs = append(docs, consentDoc{User: string(k.Participant), State: string(k.State), Text: k.Text, Language: k.Language, At: k.At})
	}
	return docs
}

// recordingValue is what a recordingColumn holds.
func recordingValue(r interview.Recording) (string, error) {
	d := recordingDoc{
		Mode: string(r.Mode), State: string(r.State), ID: string(r.ID), AskedBy: string(r.AskedBy), StartsAt: r.StartsAt, StartedAt: r.StartedAt,
		Consents: consentDocs(r.Consents), Transcripts: r.Transcripts, Transcription: consentDocs(r.Transcription),
	}
	raw, err := json.Marshal(d)
	if err != nil || string(raw) == "{}" {
		return "", err
	}
	return string(raw), nil
}

// saveConsents adds the answers that are not on file yet. None is ever changed.
func saveConsents(ctx context.Context, tx *sql.Tx, iv interview.Interview) error {
	for _, c := range slices.Concat(iv.Recording.Consents, iv.Recording.Transcription) {
		if err := saveConsent(ctx, tx, iv.ID, iv.Recording.ID, c); err != nil {
			return err
		}
	}
	return nil
}

func saveConsent(ctx context.Context, tx *sql.Tx, iv interview.ID, id interview.RecordingID, c interview.Consent) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO consents (recording, user_id, kind, at, interview, state, text_version, language)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		string(id), string(c.Participant), string(c.Kind), timeValue(c.At), string(iv), string(c.State), c.Text, c.Language)
	return err
}

// A Receipt is one answer to one recording, as it was given.
type Receipt struct {
	Recording interview.RecordingID
	Consent   interview.Consent
}

// Receipts returns every answer that was given in an interview, oldest first.
func (s *Store) Receipts(ctx context.Context, id interview.ID) ([]Receipt, error) {
	found, err := list(ctx, s.reads, func(row scanner) (r Receipt, err error) {
		c := &r.Consent
		err = row.Scan(&r.Recording, &c.Participant, &c.Kind, &c.State, &c.Text, &c.Language, timeColumn{&c.At})
		return r, err
	}, `SELECT recording, user_id, kind, state, text_version, language, at FROM consents WHERE interview = $1 ORDER BY at, user_id, kind`, string(id))
	if err != nil {
		return nil, fmt.Errorf("receipts of interview %s: %w", id, err)
	}
	return found, nil
}
