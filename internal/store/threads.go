package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
)

// PutThread inserts t, or replaces everything known about it. messages, which
// tell what changed, are stored with it or not at all.
func (s *Store) PutThread(ctx context.Context, t interview.Thread, now time.Time, messages ...Message) error {
	_, err := s.ChangeThread(ctx, t.ID, now, func(*interview.Thread) (interview.Thread, []Message, error) { return t, messages, nil })
	return err
}

// ChangeThread stores the thread that change makes of what is known, which is
// nil for a new one, with the messages it returns, in one transaction: what
// change compares with is what is replaced. Its own error leaves all as it was.
func (s *Store) ChangeThread(ctx context.Context, id interview.ThreadID, now time.Time, change func(old *interview.Thread) (interview.Thread, []Message, error)) (t interview.Thread, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		known := &interview.Thread{}
		if *known, err = readThread(ctx, tx, id); errors.Is(err, ErrNotFound) {
			known = nil
		} else if err != nil {
			return err
		}
		var messages []Message
		if t, messages, err = change(known); err != nil {
			return err
		}
		if err := writeThread(ctx, tx, t, now); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return interview.Thread{}, fmt.Errorf("put thread %s: %w", id, err)
	}
	return t, nil
}

func writeThread(ctx context.Context, tx *sql.Tx, t interview.Thread, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO threads (id, title, contract_state, contract_effective_at, created_at, updated_at, stage, job_post, job_proposal, locale, url)
		VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, contract_state = excluded.contract_state,
			contract_effective_at = excluded.contract_effective_at, updated_at = excluded.updated_at, stage = excluded.stage,
			job_post = excluded.job_post, job_proposal = excluded.job_proposal, locale = excluded.locale, url = excluded.url`,
		string(t.ID), t.Title, string(t.Contract.State), timeValue(t.Contract.EffectiveAt), timeValue(now), string(t.Stage),
		t.Context.JobPost, t.Context.Proposal, t.Context.Locale, t.Context.URL); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM thread_participants WHERE thread = $1`, string(t.ID)); err != nil {
		return err
	}
	people := make([]interview.UserID, len(t.Participants))
	for n, p := range t.Participants {
		people[n] = p.ID
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO thread_participants (thread, n, user_id, name, role, time_zone) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(t.ID), n, string(p.ID), p.Name, string(p.Role), p.Zone); err != nil {
			return err
		}
	}
	return keepPeople(ctx, tx, t.ID, people)
}

// Thread returns the thread with that id, or ErrNotFound.
func (s *Store) Thread(ctx context.Context, id interview.ThreadID) (interview.Thread, error) {
	t, err := readThread(ctx, s.reads, id)
	if err != nil {
		return interview.Thread{}, fmt.Errorf("thread %s: %w", id, err)
	}
	return t, nil
}

func readThread(ctx context.Context, db querier, id interview.ThreadID) (interview.Thread, error) {
	// One statement, so that the participants are those of this thread's version.
	rows, err := db.QueryContext(ctx, `
		SELECT t.id, t.title, t.contract_state, t.contract_effective_at, t.stage, t.job_post, t.job_proposal, t.locale, t.url,
			p.user_id, p.name, p.role, p.time_zone
		FROM threads t LEFT JOIN thread_participants p ON p.thread = t.id
		WHERE t.id = $1 ORDER BY p.n`, string(id))
	if err != nil {
		return interview.Thread{}, err
	}
	defer rows.Close()
	var t interview.Thread
	for rows.Next() {
		var user, name, role, zone sql.NullString
		if err := rows.Scan(&t.ID, &t.Title, &t.Contract.State, timeColumn{&t.Contract.EffectiveAt}, &t.Stage,
			&t.Context.JobPost, &t.Context.Proposal, &t.Context.Locale, &t.Context.URL, &user, &name, &role, &zone); err != nil {
			return interview.Thread{}, err
		}
		if user.Valid {
			p := participant(user, name, role)
			p.Zone = zone.String
			t.Participants = append(t.Participants, p)
		}
	}
	if err := rows.Err(); err != nil {
		return interview.Thread{}, err
	}
	if t.ID == "" {
		return interview.Thread{}, ErrNotFound
	}
	return t, nil
}

func participant(user, name, role sql.NullString) interview.Participant {
	return interview.Participant{
		ID: interview.UserID(user.String), Name: name.String, Role: interview.Role(role.String),
	}
}
