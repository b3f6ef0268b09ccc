package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A RecordingStatus is what has become of a recording's files.
type RecordingStatus string

// The states of a recording's files.
const (
	RecordingOpen    RecordingStatus = "open"    // being written
	RecordingKept    RecordingStatus = "kept"    // closed, whole
	RecordingBroken  RecordingStatus = "broken"  // closed, and ended by a failure; what there is can be played
	RecordingDeleted RecordingStatus = "deleted" // destroyed
)

// A Recording is what is on file of one recording.
type Recording struct {
	ID        interview.RecordingID
	Interview interview.ID
	Thread    interview.ThreadID
	Status    RecordingStatus
	Reason    string // why it ended: one of interview's Reason constants
	AskedBy   interview.UserID
	StartedAt time.Time
	EndedAt   time.Time // zero while it is open
	Size      int64     // bytes of all files; 0 while it is open
	Held      bool      // no retention and nobody's wish deletes it
	DeletedAt time.Time
	DeletedBy string
	// JournalHead is the hash of the journal's last line, kept apart from it so that a
	// journal that was cut shows; empty while it is open.
	JournalHead string

	// Only SetTranscript changes what has become of the transcripts.
	Transcript        TranscriptState
	TranscriptProblem string // of one that failed, in words
}

// A TranscriptState is what has become of a recording's transcripts.
type TranscriptState string

// The states of transcripts.
const (
	TranscriptNone   TranscriptState = ""       // nobody agreed to any, or all were taken back
	TranscriptQueued TranscriptState = "queued" // to be made
	TranscriptReady  TranscriptState = "ready"
	TranscriptFailed TranscriptState = "failed" // tried again after the next start
)

const recordingColumns = `id, interview, thread, state, reason, asked_by, started_at, ended_at, size, held, deleted_at, deleted_by, journal_head`

// recordingRead is what is read of a recording: PutRecording writes the rest.
const recordingRead = recordingColumns + `, transcript, transcript_problem`

// PutRecording inserts r, or replaces everything known about it but its transcripts and
// whether it is held. messages, which tell what changed, are stored with it or not at all.
func (s *Store) PutRecording(ctx context.Context, r Recording, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO recordings (`+recordingColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, ended_at = excluded.ended_at,
				size = excluded.size, deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by,
				journal_head = excluded.journal_head`,
			string(r.ID), string(r.Interview), string(r.Thread), string(r.Status), r.Reason, string(r.AskedBy),
			timeValue(r.StartedAt), timeValue(r.EndedAt), r.Size, r.Held, timeValue(r.DeletedAt), r.DeletedBy, r.JournalHead); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("put recording %s: %w", r.ID, err)
	}
	return nil
}

// HoldRecording notes that nothing deletes a recording, or that it may be deleted again.
// It alone does: whoever puts a recording back may have read it before.
func (s *Store) HoldRecording(ctx context.Context, id interview.RecordingID, on bool) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE recordings SET held = $2 WHERE id = $1`, string(id), flag(on))
		return err
	})
	if err != nil {
		return fmt.Errorf("hold recording %s: %w", id, err)
	}
	return nil
}

// Recording returns the recording with that id, or ErrNotFound.
func (s *Store) Recording(ctx context.Context, id interview.RecordingID) (Recording, error) {
	row := s.reads.QueryRowContext(ctx, `SELECT `+recordingRead+` FROM recordings WHERE id = $1`, string(id))
	r, err := scanRecording(row)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Recording{}, fmt.Errorf("recording %s: %w", id, err)
	}
	return r, nil
}

// InterviewRecordings returns every recording of an interview, in order, deleted
// ones too.
func (s *Store) InterviewRecordings(ctx context.Context, id interview.ID) ([]Recording, error) {
	found, err := list(ctx, s.reads, scanRecording, `SELECT `+recordingRead+` FROM recordings WHERE interview = $1 ORDER BY id`, string(id))
	if err != nil {
		return nil, fmt.Errorf("recordings of interview %s: %w", id, err)
	}
	return found, nil
}

// OpenRecordings returns the recordings that are being written, or were when the
// server stopped.
func (s *Store) OpenRecordings(ctx context.Context) ([]Recording, error) {
	found, err := list(ctx, s.reads, scanRecording, `SELECT `+recordingRead+` FROM recordings WHERE state = 'open' ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("open recordings: %w", err)
	}
	return found, nil
}

// ExpiredRecordings returns up to limit recordings that ended before a moment,
// have files, and are not held, the oldest first.
func (s *Store) ExpiredRecordings(ctx context.Context, before time.Time, limit int) ([]Recording, error) {
	found, err := list(ctx, s.reads, scanRecording, `
		SELECT `+recordingRead+` FROM recordings
		WHERE deleted_at IS NULL AND held = 0 AND ended_at < $1 ORDER BY ended_at LIMIT $2`, timeValue(before), limit)
	if err != nil {
		return nil, fmt.Errorf("expired recordings: %w", err)
	}
	return found, nil
}

// SetTranscript stores what has become of a recording's transcripts, with
// messages that tell of it. taken, unless it is nil, are answers that took them
// back and were given when the recording was over.
func (s *Store) SetTranscript(ctx context.Context, r Recording, taken []interview.Consent, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE recordings SET transcript = $2, transcript_problem = $3 WHERE id = $1`,
			string(r.ID), string(r.Transcript), r.TranscriptProblem); err != nil {
			return err
		}
		for _, c := range taken {
			if err := saveConsent(ctx, tx, r.Interview, r.ID, c); err != nil {
				return err
			}
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("transcripts of recording %s: %w", r.ID, err)
	}
	return nil
}

// UntranscribedRecordings returns the recordings whose transcripts are to be made,
// or failed, and that are closed and have files, the oldest first.
func (s *Store) UntranscribedRecordings(ctx context.Context) ([]Recording, error) {
	found, err := list(ctx, s.reads, scanRecording, `
		SELECT `+recordingRead+` FROM recordings
		WHERE transcript IN ('queued', 'failed') AND state IN ('kept', 'broken') ORDER BY ended_at`)
	if err != nil {
		return nil, fmt.Errorf("recordings without a transcript: %w", err)
	}
	return found, nil
}

func scanRecording(row scanner) (Recording, error) {
	var r Recording
	err := row.Scan(&r.ID, &r.Interview, &r.Thread, &r.Status, &r.Reason, &r.AskedBy, timeColumn{&r.StartedAt},
		timeColumn{&r.EndedAt}, &r.Size, &r.Held, timeColumn{&r.DeletedAt}, &r.DeletedBy, &r.JournalHead, &r.Transcript, &r.TranscriptProblem)
	return r, err
}

// A View is one look at a recording: by a participant, or by a host's API key.
type View struct {
	At     time.Time
	User   interview.UserID
	APIKey string
	File   string
}

// AddView writes down that somebody looked at a recording.
func (s *Store) AddView(ctx context.Context, id interview.RecordingID, v View) error {
	if err := s.exec(ctx, `INSERT INTO recording_views (recording, at, user_id, api_key, file) VALUES ($1, $2, $3, $4, $5)`,
		string(id), timeValue(v.At), string(v.User), v.APIKey, v.File); err != nil {
		return fmt.Errorf("view of recording %s: %w", id, err)
	}
	return nil
}

// Views returns the latest looks at a recording, newest first, at most limit.
func (s *Store) Views(ctx context.Context, id interview.RecordingID, limit int) ([]View, error) {
	found, err := list(ctx, s.reads, func(row scanner) (View, error) {
		var v View
		err := row.Scan(timeColumn{&v.At}, &v.User, &v.APIKey, &v.File)
		return v, err
	}, `SELECT at, user_id, api_key, file FROM recording_views WHERE recording = $1 ORDER BY at DESC LIMIT $2`, string(id), limit)
	if err != nil {
		return nil, fmt.Errorf("views of recording %s: %w", id, err)
	}
	return found, nil
}
