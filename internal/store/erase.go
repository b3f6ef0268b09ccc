package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/internal/interview"
)

// ErrTakesPart: the person belongs to an interview that is not over.
var ErrTakesPart = errors.New("the person takes part in an interview that is not over")

// Erased says what of a person was erased, by how many rows.
type Erased struct {
	Threads, Stays, Proposals, Messages, Files, Decisions, Reports, Consents, WebhookMessages int64
}

// The threads that the person $1 has to do with, and the interviews in them.
const (
	theirThreads    = `(SELECT thread FROM thread_people WHERE user_id = $1)`
	theirInterviews = `(SELECT i.id FROM thread_people p JOIN interviews i ON i.thread = p.thread WHERE p.user_id = $1)`
)

// ErasePerson takes a person out of everything the store holds, in one
// transaction. What is theirs alone is deleted; where the record of others
// needs somebody, substitute takes their place, without a name. Webhook
// messages that name them are deleted, delivered or not. It returns
// ErrTakesPart, with nothing changed, while an interview of a thread of theirs
// is not over. Their answers to being recorded stay, as the substitute's; their
// recordings are destroyed before: see PersonRecordings.
func (s *Store) ErasePerson(ctx context.Context, id, substitute interview.UserID, now time.Time) (e Erased, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := takesPart(ctx, tx, id); err != nil {
			return err
		}
		if err := eraseTold(ctx, tx, id, now, &e); err != nil {
			return err
		}
		for _, step := range []struct {
			count *int64
			query string
		}{
			{&e.Messages, `DELETE FROM messages WHERE author = $1`},
			{&e.Files, `DELETE FROM files WHERE author = $1`},
			{&e.Decisions, `DELETE FROM guard_decisions WHERE actor = $1`},
			{nil, `UPDATE guard_decisions SET contested_by = $2, words = '' WHERE contested_by = $1 AND contested_at IS NOT NULL`},
			{&e.Reports, `DELETE FROM reports WHERE reporter = $1 AND interview IN ` + theirInterviews},
			{nil, `UPDATE reports SET about = $2 WHERE about = $1 AND interview IN ` + theirInterviews},
			{&e.Proposals, `UPDATE proposals SET made_by = $2, note = '' WHERE made_by = $1 AND thread IN ` + theirThreads},
			{&e.Stays, `UPDATE stays SET user_id = $2, name = '' WHERE user_id = $1 AND interview IN ` + theirInterviews},
			{nil, `UPDATE interviews SET created_by = $2 WHERE created_by = $1 AND thread IN ` + theirThreads},
			{nil, `UPDATE interviews SET
				recording = replace(replace(recording, '"user":"' || $1 || '"', '"user":"' || $2 || '"'), '"asked_by":"' || $1 || '"', '"asked_by":"' || $2 || '"'),
				ready = replace(ready, '"user":"' || $1 || '"', '"user":"' || $2 || '"')
				WHERE thread IN ` + theirThreads + ` AND (recording LIKE '%"' || $1 || '"%' OR ready LIKE '%"' || $1 || '"%')`},
			{&e.Consents, `UPDATE consents SET user_id = $2 WHERE user_id = $1 AND interview IN ` + theirInterviews},
			{nil, `UPDATE recordings SET asked_by = $2 WHERE asked_by = $1 AND interview IN ` + theirInterviews},
			{nil, `UPDATE recordings SET deleted_by = $2 WHERE deleted_by = $1 AND deleted_by <> ''`},
			{nil, `UPDATE recording_views SET user_id = $2 WHERE user_id = $1`},
			{nil, `DELETE FROM qualities WHERE user_id = $1`},
			{nil, `DELETE FROM recording_wishes WHERE user_id = $1`},
			{nil, `UPDATE zoom SET by_user = $2, by_name = '' WHERE by_user = $1 AND interview IN ` + theirInterviews},
			{&e.Threads, `UPDATE thread_participants SET user_id = $2, name = '', time_zone = '' WHERE user_id = $1 AND thread IN ` + theirThreads},
			{nil, `DELETE FROM thread_people WHERE user_id = $1`},
		} {
			args := []any{string(id), string(substitute)}
			if !strings.Contains(step.query, "$2") {
				args = args[:1]
			}
			result, err := tx.ExecContext(ctx, step.query, args...)
			if err != nil {
				return err
			}
			if step.count == nil {
				continue
			}
			if *step.count, err = result.RowsAffected(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Erased{}, fmt.Errorf("erase a person: %w", err)
	}
	return e, nil
}

// MayErase returns ErrTakesPart while an interview of a thread of theirs is not over.
func (s *Store) MayErase(ctx context.Context, id interview.UserID) error {
	return takesPart(ctx, s.reads, id)
}

func takesPart(ctx context.Context, db querier, id interview.UserID) error {
	busy, err := list(ctx, db, column[int], `
		SELECT 1 FROM thread_participants p JOIN interviews i ON i.thread = p.thread
		WHERE p.user_id = $1 AND p.thread IN `+theirThreads+` AND i.state IN ('scheduled', 'ringing', 'live') LIMIT 1`, string(id))
	if err == nil && len(busy) > 0 {
		return ErrTakesPart
	}
	return err
}

// eraseTold deletes the webhook messages that name a person: they are about a
// thread of theirs, or one that was refused for what they wrote. What waited behind
// one of them is next; the newest message stays, because the next one is
// numbered after it, without its body.
func eraseTold(ctx context.Context, tx *sql.Tx, id interview.UserID, now time.Time, e *Erased) error {
	names := "%\"" + strings.ReplaceAll(string(id), "_", `\_`) + "\"%"
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM webhook_messages`).Scan(&last); err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `
		DELETE FROM webhook_messages WHERE subject IN (SELECT thread FROM thread_people WHERE user_id = $1
			UNION SELECT id FROM interviews WHERE thread IN `+theirThreads+`
			UNION SELECT thread FROM guard_decisions WHERE actor = $1) AND body LIKE $2 ESCAPE '\' AND seq < $3`, string(id), names, last)
	if err != nil {
		return err
	}
	if e.WebhookMessages, err = result.RowsAffected(); err != nil {
		return err
	}
	var emptied int64
	err = tx.QueryRowContext(ctx, `UPDATE webhook_messages SET body = '{}' WHERE seq = $2 AND body LIKE $1 ESCAPE '\' RETURNING seq`, names, last).Scan(&emptied)
	switch {
	case err == nil:
		e.WebhookMessages++
		if _, err := tx.ExecContext(ctx, `DELETE FROM webhook_deliveries WHERE message = $1`, last); err != nil {
			return err
		}
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET state = 'pending', next_at = $1 WHERE state = 'waiting' AND NOT EXISTS (
			SELECT 1 FROM webhook_deliveries d WHERE d.endpoint = webhook_deliveries.endpoint
				AND d.subject = webhook_deliveries.subject AND d.n < webhook_deliveries.n AND d.state IN ('pending', 'waiting'))`, timeValue(now))
	return err
}

// PersonRecordings returns the recordings that have files, of interviews somebody
// took part in.
func (s *Store) PersonRecordings(ctx context.Context, id interview.UserID) ([]Recording, error) {
	found, err := list(ctx, s.reads, scanRecording, `
		SELECT `+recordingRead+` FROM recordings
		WHERE deleted_at IS NULL AND interview IN (SELECT interview FROM stays WHERE user_id = $1 AND interview IN `+theirInterviews+`) ORDER BY id`, string(id))
	if err != nil {
		return nil, fmt.Errorf("recordings of a person: %w", err)
	}
	return found, nil
}
