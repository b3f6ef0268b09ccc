package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"parley/internal/interview"
)

// A ChatMessage is something that somebody wrote in a thread, as it was
// delivered.
type ChatMessage struct {
	Thread    interview.ThreadID
	N         int64 // grows in the thread
	ID        string
	Ref       string // the sender's own name for it
	Interview interview.ID
	Author    interview.Participant
	At        time.Time
	Text      string
	Masked    bool // something was taken out of Text
	Reward    bool // something is offered in it for winning the contract
	File      *SharedFile
}

// ErrFull: a thread holds as many messages as allowed.
var ErrFull = errors.New("full")

// maxMessages is how many messages a thread holds.
const maxMessages = 20_000

// AddMessage stores m behind what its thread holds, with the decision that was
// made about it, unless that is nil, and what webhooks tell of both, and
// returns it with its number. tell is asked when the number is known. A message
// of the same author and ref that is stored already is returned instead, with
// known set. It returns ErrNotFound for an unknown thread and ErrFull.
func (s *Store) AddMessage(ctx context.Context, m ChatMessage, d *GuardDecision, tell func(ChatMessage) ([]Message, error)) (stored ChatMessage, known bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		stored, known, err = insertMessage(ctx, tx, m, d, tell)
		return err
	})
	if err != nil {
		return ChatMessage{}, false, fmt.Errorf("add message to thread %s: %w", m.Thread, err)
	}
	return stored, known, nil
}

// insertMessage is AddMessage within a transaction.
func insertMessage(ctx context.Context, tx *sql.Tx, m ChatMessage, d *GuardDecision, tell func(ChatMessage) ([]Message, error)) (stored ChatMessage, known bool, err error) {
	stored, err = scanMessage(tx.QueryRowContext(ctx, selectByRef, string(m.Thread), string(m.Author.ID), m.Ref))
	if !errors.Is(err, sql.ErrNoRows) {
		return stored, err == nil, err
	}
	var first, last sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT MIN(n), MAX(n) FROM messages WHERE thread = $1`, string(m.Thread)).Scan(&first, &last); err != nil {
		return stored, false, err
	}
	if last.Int64-first.Int64 >= maxMessages {
		return stored, false, ErrFull
	}
	m.N = last.Int64 + 1
	file, err := fileValue(m.File)
	if err != nil {
		return m, false, err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO messages (thread, n, id, ref, interview, author, name, role, at, text, masked, reward, file)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(m.Thread), m.N, m.ID, m.Ref, string(m.Interview), string(m.Author.ID), m.Author.Name, string(m.Author.Role),
		timeValue(m.At), m.Text, flag(m.Masked), flag(m.Reward), file); err != nil {
		return m, false, err
	}
	if d != nil {
		if err := addGuardDecision(ctx, tx, *d); err != nil {
			return m, false, err
		}
	}
	messages, err := tell(m)
	if err != nil {
		return m, false, err
	}
	return m, false, enqueue(ctx, tx, messages)
}

// MessageByRef returns the message that its author gave a name, or ErrNotFound.
func (s *Store) MessageByRef(ctx context.Context, thread interview.ThreadID, author interview.UserID, ref string) (ChatMessage, error) {
	m, err := scanMessage(s.reads.QueryRowContext(ctx, selectByRef, string(thread), string(author), ref))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("message %s of %s: %w", ref, author, err)
	}
	return m, nil
}

// ThreadMessages returns the messages of a thread, oldest first: the last ones
// before the number before, or of all when that is 0; up to limit, which is
// kept between 1 and MaxPage+1. An unknown thread has none.
func (s *Store) ThreadMessages(ctx context.Context, thread interview.ThreadID, before int64, limit int) ([]ChatMessage, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	found, err := list(ctx, s.reads, scanMessage, `SELECT * FROM (`+selectMessage+
		` WHERE thread = $1 AND n < $2 ORDER BY n DESC LIMIT $3) m ORDER BY n`, string(thread), before, min(max(limit, 1), MaxPage+1))
	if err != nil {
		return nil, fmt.Errorf("messages of thread %s: %w", thread, err)
	}
	return found, nil
}

// A Report is what somebody reported in an interview.
type Report struct {
	ID        string // sorts by time
	Thread    interview.ThreadID
	Interview interview.ID
	Reporter  interview.UserID
	About     interview.UserID // empty: nobody in particular
	Reason    string
	Words     string
	At        time.Time
}

// AddReport stores r and the messages that tell of it, or returns ErrNotFound
// for an unknown thread.
func (s *Store) AddReport(ctx context.Context, r Report, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO reports (id, thread, interview, reporter, about, reason, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			r.ID, string(r.Thread), string(r.Interview), string(r.Reporter), string(r.About), r.Reason, r.Words, timeValue(r.At)); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("add report: %w", err)
	}
	return nil
}

// Reports returns what was reported in an interview, oldest first.
func (s *Store) Reports(ctx context.Context, id interview.ID) ([]Report, error) {
	found, err := list(ctx, s.reads, func(row scanner) (r Report, err error) {
		err = row.Scan(&r.ID, &r.Thread, &r.Interview, &r.Reporter, &r.About, &r.Reason, &r.Words, timeColumn{&r.At})
		return r, err
	}, `SELECT id, thread, interview, reporter, about, reason, words, at FROM reports WHERE interview = $1 ORDER BY id LIMIT 1000`, string(id))
	if err != nil {
		return nil, fmt.Errorf("reports of interview %s: %w", id, err)
	}
	return found, nil
}

// LastTexts returns what somebody wrote last in a thread, oldest first.
func (s *Store) LastTexts(ctx context.Context, thread interview.ThreadID, author interview.UserID, limit int) ([]string, error) {
	found, err := list(ctx, s.reads, column[string],
		`SELECT text FROM (SELECT n, text FROM messages WHERE thread = $1 AND author = $2 ORDER BY n DESC LIMIT $3) m ORDER BY n`,
		string(thread), string(author), limit)
	if err != nil {
		return nil, fmt.Errorf("last messages of %s: %w", author, err)
	}
	return found, nil
}

const selectMessage = `SELECT thread, n, id, ref, interview, author, name, role, at, text, masked, reward, file FROM messages`

const selectByRef = selectMessage + ` WHERE thread = $1 AND author = $2 AND ref = $3`

func scanMessage(row scanner) (m ChatMessage, err error) {
	err = row.Scan(&m.Thread, &m.N, &m.ID, &m.Ref, &m.Interview, &m.Author.ID, &m.Author.Name, &m.Author.Role,
		timeColumn{&m.At}, &m.Text, &m.Masked, &m.Reward, fileColumn{&m.File})
	return m, err
}
