package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A SharedFile is the file that a message brings. The message's text is its
// name, and Link leads to the host app, which keeps it.
type SharedFile struct {
	ID   interview.FileID `json:"id"`
	Size int64            `json:"size"` // bytes
	Type string           `json:"type"`
	Link string           `json:"link"`
}

// maxFiles is how many offers of files a thread holds.
const maxFiles = 5_000

// AddFile stores an offer with the decision that was made about its name, unless
// that is nil, and the messages that tell of both. It returns ErrNotFound for an
// unknown thread and ErrFull.
func (s *Store) AddFile(ctx context.Context, o interview.FileOffer, d *GuardDecision, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var held int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM files WHERE thread = $1`, string(o.Thread)).Scan(&held); err != nil {
			return err
		}
		if held >= maxFiles {
			return ErrFull
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO files (id, thread, interview, ref, author, author_name, role, at, name, size, media_type, state, until_at, link, reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			string(o.ID), string(o.Thread), string(o.Interview), o.Ref, string(o.Author.ID), o.Author.Name, string(o.Author.Role), timeValue(o.At),
			o.File.Name, o.File.Size, o.File.Type, string(o.State), timeValue(o.Until), o.Link, o.Reason); err != nil {
			return err
		}
		if d != nil {
			if err := addGuardDecision(ctx, tx, *d); err != nil {
				return err
			}
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("add a file to thread %s: %w", o.Thread, err)
	}
	return nil
}

// PutFile stores what has become of an offer, with the messages that tell of it.
// One that is uploaded is shown to the thread by m, unless that is nil: it is
// stored with it, and tell is asked as in AddMessage.
func (s *Store) PutFile(ctx context.Context, o interview.FileOffer, m *ChatMessage, tell func(ChatMessage) ([]Message, error)) (shown ChatMessage, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE files SET state = $2, until_at = $3, link = $4, reason = $5 WHERE id = $1`,
			string(o.ID), string(o.State), timeValue(o.Until), o.Link, o.Reason); err != nil {
			return err
		}
		if m != nil {
			shown, _, err = insertMessage(ctx, tx, *m, nil, tell)
			return err
		}
		messages, err := tell(ChatMessage{})
		if err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return ChatMessage{}, fmt.Errorf("put file %s: %w", o.ID, err)
	}
	return shown, nil
}

// File returns an offer, or ErrNotFound.
func (s *Store) File(ctx context.Context, id interview.FileID) (interview.FileOffer, error) {
	return s.oneFile(ctx, `WHERE id = $1`, string(id))
}

// FileByRef returns the offer that somebody's page gave a name, or ErrNotFound.
func (s *Store) FileByRef(ctx context.Context, thread interview.ThreadID, author interview.UserID, ref string) (interview.FileOffer, error) {
	return s.oneFile(ctx, `WHERE thread = $1 AND author = $2 AND ref = $3`, string(thread), string(author), ref)
}

func (s *Store) oneFile(ctx context.Context, where string, args ...any) (interview.FileOffer, error) {
	o, err := scanFile(s.reads.QueryRowContext(ctx, selectFile+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("read a file: %w", err)
	}
	return o, nil
}

// OpenFiles returns how many files somebody has under way in a thread.
func (s *Store) OpenFiles(ctx context.Context, thread interview.ThreadID, author interview.UserID) (n int, err error) {
	err = s.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM files WHERE thread = $1 AND author = $2 AND until_at IS NOT NULL`,
		string(thread), string(author)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count files under way: %w", err)
	}
	return n, nil
}

// DueFiles returns up to limit open offers whose time is up, and when the next
// one's is; zero: there is none.
func (s *Store) DueFiles(ctx context.Context, now time.Time, limit int) (due []interview.FileOffer, next time.Time, err error) {
	due, err = list(ctx, s.reads, scanFile, selectFile+`WHERE until_at <= $1 ORDER BY until_at LIMIT $2`, timeValue(now), limit)
	if err == nil {
		err = s.reads.QueryRowContext(ctx, `SELECT MIN(until_at) FROM files WHERE until_at > $1`, timeValue(now)).Scan(timeColumn{&next})
	}
	if err != nil {
		return nil, next, fmt.Errorf("files that are due: %w", err)
	}
	return due, next, nil
}

const selectFile = `SELECT id, thread, interview, ref, author, author_name, role, at, name, size, media_type, state, until_at, link, reason FROM files `

func scanFile(row scanner) (o interview.FileOffer, err error) {
	err = row.Scan(&o.ID, &o.Thread, &o.Interview, &o.Ref, &o.Author.ID, &o.Author.Name, &o.Author.Role, timeColumn{&o.At},
		&o.File.Name, &o.File.Size, &o.File.Type, &o.State, timeColumn{&o.Until}, &o.Link, &o.Reason)
	return o, err
}

// A fileColumn reads the file of a message: JSON, empty when there is none.
type fileColumn struct{ into **SharedFile }

// Scan implements sql.Scanner.
func (c fileColumn) Scan(src any) error {
	text, ok := src.(string)
	switch {
	case !ok:
		return fmt.Errorf("a file is stored as %T", src)
	case text == "":
		*c.into = nil
		return nil
	}
	return json.Unmarshal([]byte(text), c.into)
}

// fileValue is what a fileColumn holds.
func fileValue(f *SharedFile) (string, error) {
	if f == nil {
		return "", nil
	}
	raw, err := json.Marshal(f)
	return string(raw), err
}
