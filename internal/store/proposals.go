package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/internal/interview"
)

// AddProposal stores a new proposal. The one that is open in its thread, if
// any, is given to replace first, which closes it and returns what tells of
// that; messages tell of the new one. It returns ErrNotFound when there is no
// such thread, or replace's own error, with nothing stored.
func (s *Store) AddProposal(ctx context.Context, p interview.Proposal, replace func(*interview.Proposal) ([]Message, error), messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		old, err := proposalRow(tx.QueryRowContext(ctx, selectProposal+` WHERE thread = $1 AND state = 'open'`, string(p.Thread)))
		if err == nil {
			told, err := replace(&old)
			if err != nil {
				return err
			}
			if err := putProposal(ctx, tx, old); err != nil {
				return err
			}
			messages = append(told, messages...)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := putProposal(ctx, tx, p); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("add proposal %s: %w", p.ID, err)
	}
	return nil
}

// ChangeProposal lets change work on a proposal and stores what it leaves with
// the messages it returns, in one transaction. It returns ErrNotFound, or
// change's own error, with nothing stored.
func (s *Store) ChangeProposal(ctx context.Context, id interview.ProposalID, change func(*interview.Proposal) ([]Message, error)) (p interview.Proposal, err error) {
	err = s.write(ctx, func(tx *sql.Tx) (err error) {
		if p, err = proposalRow(tx.QueryRowContext(ctx, selectProposal+` WHERE id = $1`, string(id))); err != nil {
			return err
		}
		messages, err := change(&p)
		if err != nil {
			return err
		}
		if err := putProposal(ctx, tx, p); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return interview.Proposal{}, fmt.Errorf("change proposal %s: %w", id, err)
	}
	return p, nil
}

// SaveBooking is SaveInterview for an interview that comes of a proposal, or is
// moved by one: p, which has just been accepted, is stored with it or not at
// all. It returns ErrConflict too when p was answered meanwhile.
func (s *Store) SaveBooking(ctx context.Context, iv interview.Interview, p interview.Proposal, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		was, err := proposalRow(tx.QueryRowContext(ctx, selectProposal+` WHERE id = $1`, string(p.ID)))
		if err != nil {
			return err
		}
		if was.State != interview.ProposalOpen {
			return fmt.Errorf("%w: the proposal is %s", ErrConflict, was.State)
		}
		if err := putProposal(ctx, tx, p); err != nil {
			return err
		}
		if err := putInterview(ctx, tx, iv); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("save interview %s of proposal %s: %w", iv.ID, p.ID, err)
	}
	return nil
}

func putProposal(ctx context.Context, tx *sql.Tx, p interview.Proposal) error {
	slots := make([]string, len(p.Slots))
	for n, slot := range p.Slots {
		slots[n] = strconv.FormatInt(slot.UnixMicro(), 10)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO proposals (id, thread, made_by, mode, slots, length, time_zone, note, moves, state, created_at, closed_at, chosen, interview)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at, chosen = excluded.chosen, interview = excluded.interview`,
		string(p.ID), string(p.Thread), string(p.By), string(p.Mode), strings.Join(slots, ","), p.Length.Microseconds(), p.Zone, p.Note,
		string(p.Moves), string(p.State), timeValue(p.CreatedAt), timeValue(p.ClosedAt), timeValue(p.Chosen), string(p.Interview))
	return err
}

// Proposal returns the proposal with that id, or ErrNotFound.
func (s *Store) Proposal(ctx context.Context, id interview.ProposalID) (interview.Proposal, error) {
	p, err := proposalRow(s.reads.QueryRowContext(ctx, selectProposal+` WHERE id = $1`, string(id)))
	if err != nil {
		return interview.Proposal{}, fmt.Errorf("proposal %s: %w", id, err)
	}
	return p, nil
}

// Proposals returns the proposals of a thread, newest first: up to limit of
// them, which is kept between 1 and MaxPage+1, and older than before unless
// that is empty. An unknown thread has none.
func (s *Store) Proposals(ctx context.Context, thread interview.ThreadID, before interview.ProposalID, limit int) ([]interview.Proposal, error) {
	limit = min(max(limit, 1), MaxPage+1)
	found, err := list(ctx, s.reads, scanProposal, selectProposal+
		` WHERE thread = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, string(thread), string(before), limit)
	if err != nil {
		return nil, fmt.Errorf("proposals of thread %s: %w", thread, err)
	}
	return found, nil
}

const selectProposal = `
	SELECT id, thread, made_by, mode, slots, length, time_zone, note, moves, state, created_at, closed_at, chosen, interview FROM proposals`

func proposalRow(row scanner) (interview.Proposal, error) {
	p, err := scanProposal(row)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return p, err
}

func scanProposal(row scanner) (p interview.Proposal, err error) {
	var slots string
	var length int64
	if err := row.Scan(&p.ID, &p.Thread, &p.By, &p.Mode, &slots, &length, &p.Zone, &p.Note, &p.Moves, &p.State,
		timeColumn{&p.CreatedAt}, timeColumn{&p.ClosedAt}, timeColumn{&p.Chosen}, &p.Interview); err != nil {
		return p, err
	}
	p.Length = time.Duration(length) * time.Microsecond
	for text := range strings.SplitSeq(slots, ",") {
		micros, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return p, fmt.Errorf("a slot is stored as %q", text)
		}
		p.Slots = append(p.Slots, time.UnixMicro(micros).UTC())
	}
	return p, nil
}
