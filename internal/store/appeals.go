package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
)

// An AppealChange is what goes with the change of an appeal: the guarding of the
// thread that takes the place of the one that is stored, nil when it stays, and
// messages that tell of it.
type AppealChange struct {
	Guarding *Guarding
	Messages []Message
}

// ChangeAppeal lets change work on a decision's appeal and stores what it
// leaves, in one transaction. It returns ErrNotFound when there is no such
// decision, or change's own error, with nothing stored.
func (s *Store) ChangeAppeal(ctx context.Context, id string, change func(*GuardDecision) (AppealChange, error)) (d GuardDecision, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		found, err := guardDecisions(ctx, tx, `id = $1`, 1, id)
		if err != nil || len(found) == 0 {
			return errors.Join(err, ErrNotFound)
		}
		d = found[0]
		with, err := change(&d)
		if err != nil {
			return err
		}
		a := d.Appeal
		if _, err := tx.ExecContext(ctx, `
			UPDATE guard_decisions SET contested_at = $2, contested_by = $3, words = $4, decided_at = $5, decided_by = $6, upheld = $7 WHERE id = $1`,
			id, timeValue(a.At), a.By, a.Words, timeValue(a.DecidedAt), a.DecidedBy, flag(a.Upheld)); err != nil {
			return err
		}
		if with.Guarding != nil {
			if err := putGuarding(ctx, tx, *with.Guarding); err != nil {
				return err
			}
		}
		return enqueue(ctx, tx, with.Messages)
	})
	if err != nil {
		return GuardDecision{}, fmt.Errorf("appeal against %s: %w", id, err)
	}
	return d, nil
}

// Appeals returns the decisions of a thread that somebody contested, the newest
// first and at most limit.
func (s *Store) Appeals(ctx context.Context, thread interview.ThreadID, by interview.UserID, limit int) ([]GuardDecision, error) {
	found, err := guardDecisions(ctx, s.reads, `thread = $1 AND contested_by = $2 AND contested_at IS NOT NULL`, limit, string(thread), string(by))
	if err != nil {
		return nil, fmt.Errorf("appeals of a person: %w", err)
	}
	return found, nil
}

// A Contester is what somebody who contests a decision has contested before.
type Contester struct {
	Open   int // appeals of theirs that nobody has decided, everywhere
	Recent int // appeals of theirs since a moment
	// Again: they have contested all that was found before, in the same thread,
	// and were not right.
	Again bool
}

// Contester says what the person by has contested before they contest d.
func (s *Store) Contester(ctx context.Context, d GuardDecision, by interview.UserID, since time.Time) (c Contester, err error) {
	var fresh int
	err = s.reads.QueryRowContext(ctx, `
		SELECT
			(SELECT COUNT(*) FROM guard_decisions WHERE contested_by = $2 AND contested_at IS NOT NULL AND decided_at IS NULL),
			(SELECT COUNT(*) FROM guard_decisions WHERE contested_by = $2 AND contested_at >= $3),
			(SELECT COUNT(*) FROM guard_findings WHERE decision = $1 AND hash NOT IN (
				SELECT f.hash FROM guard_decisions d JOIN guard_findings f ON f.decision = d.id
				WHERE d.contested_by = $2 AND d.contested_at IS NOT NULL AND d.thread = $4 AND d.upheld = 0 AND d.id <> $1))`,
		d.ID, string(by), timeValue(since), string(d.Thread)).Scan(&c.Open, &c.Recent, &fresh)
	if err != nil {
		return c, fmt.Errorf("appeals of a person: %w", err)
	}
	c.Again = fresh == 0
	return c, nil
}
