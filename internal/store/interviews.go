package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"parley/internal/interview"
)

// MaxPage is the longest page of a list; one more may be asked for, to see whether
// there is another page.
const MaxPage = 100

// SaveInterview inserts iv, or replaces everything known about it, stays
// included. It returns ErrConflict when iv rings or is live and so does another
// interview of its thread, and ErrNotFound when there is no such thread.
// messages, which tell what made it so, are stored with it or not at all.
func (s *Store) SaveInterview(ctx context.Context, iv interview.Interview, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := putInterview(ctx, tx, iv); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("save interview %s: %w", iv.ID, err)
	}
	return nil
}

func putInterview(ctx context.Context, tx *sql.Tx, iv interview.Interview) error {
	recording, err := recordingValue(iv.Recording)
	if err != nil {
		return err
	}
	ready, err := readyValue(iv.Readies)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO interviews (id, thread, mode, state, created_by, created_at, starts_at, rings_until,
			started_at, ended_at, end_reason, empty_since, planned_at, length, time_zone, sequence, reminded, recording, ready)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET thread = excluded.thread, mode = excluded.mode, state = excluded.state,
			created_by = excluded.created_by, created_at = excluded.created_at, starts_at = excluded.starts_at,
			rings_until = excluded.rings_until, started_at = excluded.started_at, ended_at = excluded.ended_at,
			end_reason = excluded.end_reason, empty_since = excluded.empty_since, planned_at = excluded.planned_at,
			length = excluded.length, time_zone = excluded.time_zone, sequence = excluded.sequence, reminded = excluded.reminded,
			recording = excluded.recording, ready = excluded.ready`,
		string(iv.ID), string(iv.Thread), string(iv.Mode), string(iv.State), string(iv.CreatedBy),
		timeValue(iv.CreatedAt), timeValue(iv.StartsAt), timeValue(iv.RingsUntil),
		timeValue(iv.StartedAt), timeValue(iv.EndedAt), iv.EndReason, timeValue(iv.EmptySince),
		timeValue(iv.PlannedAt), iv.Length.Microseconds(), iv.Zone, iv.Sequence, iv.Reminded.Microseconds(), recording, ready); err != nil {
		return err
	}
	if err := saveConsents(ctx, tx, iv); err != nil {
		return err
	}
	if err := saveStays(ctx, tx, iv); err != nil {
		return err
	}
	if err := saveZoom(ctx, tx, iv); err != nil {
		return err
	}
	return keepPeople(ctx, tx, iv.Thread, peopleOf(iv))
}

func saveStays(ctx context.Context, tx *sql.Tx, iv interview.Interview) error {
	for n, stay := range iv.Stays {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO stays (interview, n, user_id, name, role, joined_at, left_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (interview, n) DO UPDATE SET user_id = excluded.user_id, name = excluded.name,
				role = excluded.role, joined_at = excluded.joined_at, left_at = excluded.left_at`,
			string(iv.ID), n, string(stay.Participant.ID), stay.Participant.Name, string(stay.Participant.Role),
			timeValue(stay.JoinedAt), timeValue(stay.LeftAt)); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM stays WHERE interview = $1 AND n >= $2`, string(iv.ID), len(iv.Stays))
	return err
}

// Interview returns the interview with that id, or ErrNotFound.
func (s *Store) Interview(ctx context.Context, id interview.ID) (interview.Interview, error) {
	iv, err := s.interview(ctx, `id = $1`, string(id))
	if err != nil {
		return iv, fmt.Errorf("interview %s: %w", id, err)
	}
	return iv, nil
}

// OpenInterview returns the interview of a thread that rings or is live, or
// ErrNotFound. There is at most one.
func (s *Store) OpenInterview(ctx context.Context, thread interview.ThreadID) (interview.Interview, error) {
	iv, err := s.interview(ctx, `thread = $1 AND state IN ('ringing', 'live')`, string(thread))
	if err != nil {
		return iv, fmt.Errorf("open interview of thread %s: %w", thread, err)
	}
	return iv, nil
}

// OpenInterviews returns every interview that is not over, scheduled ones
// included, newest first.
func (s *Store) OpenInterviews(ctx context.Context) ([]interview.Interview, error) {
	ivs, err := s.interviews(ctx, `state IN ('scheduled', 'ringing', 'live')`, math.MaxInt32)
	if err != nil {
		return nil, fmt.Errorf("open interviews: %w", err)
	}
	return ivs, nil
}

// Scheduled returns the interviews of a thread whose time is to come: scheduled
// ones, and those that ring or are live.
func (s *Store) Scheduled(ctx context.Context, thread interview.ThreadID) ([]interview.Interview, error) {
	ivs, err := s.interviews(ctx, `thread = $1 AND state IN ('scheduled', 'ringing', 'live')`, math.MaxInt32, string(thread))
	if err != nil {
		return nil, fmt.Errorf("scheduled interviews of thread %s: %w", thread, err)
	}
	return ivs, nil
}

// Interviews returns the interviews of all threads that are in a state, or in any
// when it is empty, newest first; otherwise as ThreadInterviews.
func (s *Store) Interviews(ctx context.Context, state interview.State, before interview.ID, limit int) ([]interview.Interview, error) {
	limit = min(max(limit, 1), MaxPage+1)
	condition, args := `id < $1`, []any{string(before)}
	if before == "" {
		condition, args = `id > $1`, []any{""}
	}
	if state != "" {
		condition, args = condition+` AND state = $2`, append(args, string(state))
	}
	ivs, err := s.interviews(ctx, condition, limit, args...)
	if err != nil {
		return nil, fmt.Errorf("interviews: %w", err)
	}
	return ivs, nil
}

// ThreadInterviews returns the interviews of a thread, newest first: up to
// limit of them, which is kept between 1 and MaxPage+1. before is the id of the
// last one already seen, or empty to begin. An unknown thread has none.
func (s *Store) ThreadInterviews(ctx context.Context, thread interview.ThreadID, before interview.ID, limit int) ([]interview.Interview, error) {
	limit = min(max(limit, 1), MaxPage+1)
	ivs, err := s.interviews(ctx, `thread = $1 AND ($2 = '' OR id < $2)`, limit, string(thread), string(before))
	if err != nil {
		return nil, fmt.Errorf("interviews of thread %s: %w", thread, err)
	}
	return ivs, nil
}

// interview returns the one interview that meets a condition, or ErrNotFound.
func (s *Store) interview(ctx context.Context, condition string, args ...any) (interview.Interview, error) {
	ivs, err := s.interviews(ctx, condition, 1, args...)
	if err != nil {
		return interview.Interview{}, err
	}
	if len(ivs) == 0 {
		return interview.Interview{}, ErrNotFound
	}
	return ivs[0], nil
}

// interviews returns up to limit interviews that meet a condition, newest
// first, with their stays. It is one statement, so that an interview and its
// stays are always of the same moment. condition is one of this file's own.
func (s *Store) interviews(ctx context.Context, condition string, limit int, args ...any) ([]interview.Interview, error) {
	query := fmt.Sprintf(`
		SELECT i.id, i.thread, i.mode, i.state, i.created_by, i.created_at, i.starts_at, i.rings_until,
			i.started_at, i.ended_at, i.end_reason, i.empty_since, i.planned_at, i.length, i.time_zone, i.sequence, i.reminded,
			i.recording, i.ready,
			s.user_id, s.name, s.role, s.joined_at, s.left_at, z.state, z.reason, z.by_user, z.by_name, z.problem, z.at
		FROM (SELECT * FROM interviews WHERE %s ORDER BY id DESC LIMIT %d) i
		LEFT JOIN stays s ON s.interview = i.id
		LEFT JOIN zoom z ON z.interview = i.id
		ORDER BY i.id DESC, s.n`, condition, limit)
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []interview.Interview
	for rows.Next() {
		var (
			iv               interview.Interview
			stay             interview.Stay
			user, name, role sql.NullString
			length, reminded int64
			zoom             zoomColumns
		)
		if err := rows.Scan(&iv.ID, &iv.Thread, &iv.Mode, &iv.State, &iv.CreatedBy,
			timeColumn{&iv.CreatedAt}, timeColumn{&iv.StartsAt}, timeColumn{&iv.RingsUntil},
			timeColumn{&iv.StartedAt}, timeColumn{&iv.EndedAt}, &iv.EndReason, timeColumn{&iv.EmptySince},
			timeColumn{&iv.PlannedAt}, &length, &iv.Zone, &iv.Sequence, &reminded, recordingColumn{&iv.Recording}, readyColumn{&iv.Readies},
			&user, &name, &role, timeColumn{&stay.JoinedAt}, timeColumn{&stay.LeftAt},
			&zoom.state, &zoom.reason, &zoom.by, &zoom.name, &zoom.problem, timeColumn{&zoom.at}); err != nil {
			return nil, err
		}
		iv.Length, iv.Reminded = time.Duration(length)*time.Microsecond, time.Duration(reminded)*time.Microsecond
		if len(out) == 0 || out[len(out)-1].ID != iv.ID {
			zoom.into(&iv)
			out = append(out, iv)
		}
		if user.Valid {
			stay.Participant = participant(user, name, role)
			last := &out[len(out)-1]
			last.Stays = append(last.Stays, stay)
		}
	}
	return out, rows.Err()
}
