package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A Guarding is how a thread is guarded.
type Guarding struct {
	Thread     interview.ThreadID
	Mode       string // empty: the server's default
	Rearm      bool
	Exceptions []GuardException
	// Active is what the host was told last, and ChangesAt when time alone
	// changes it; zero: never.
	Active    bool
	ChangesAt time.Time
}

// A GuardException is a reason not to guard a thread for a time.
type GuardException struct {
	Reason, By, Note string
	From, Until      time.Time
	// Decision is the one that an appeal was about, and Hashes what was found
	// then; PutGuarding does not store those. Empty: it came of no appeal.
	Decision string
	Hashes   []string
}

// PutGuarding inserts g, or replaces everything known about it, together with
// messages that tell of it. It returns ErrNotFound when there is no such thread.
func (s *Store) PutGuarding(ctx context.Context, g Guarding, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := putGuarding(ctx, tx, g); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("put the guarding of thread %s: %w", g.Thread, err)
	}
	return nil
}

func putGuarding(ctx context.Context, tx *sql.Tx, g Guarding) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO guard_threads (thread, mode, rearm, active, changes_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (thread) DO UPDATE SET mode = excluded.mode, rearm = excluded.rearm, active = excluded.active,
			changes_at = excluded.changes_at`,
		string(g.Thread), g.Mode, flag(g.Rearm), flag(g.Active), timeValue(g.ChangesAt)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM guard_exceptions WHERE thread = $1`, string(g.Thread)); err != nil {
		return err
	}
	for n, e := range g.Exceptions {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO guard_exceptions (thread, n, reason, granted_by, note, from_at, until_at, decision)
			VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''))`,
			string(g.Thread), n, e.Reason, e.By, e.Note, timeValue(e.From), timeValue(e.Until), e.Decision); err != nil {
			return err
		}
	}
	return nil
}

// Guarding returns how a thread is guarded, or ErrNotFound when nothing has
// been stored about it.
func (s *Store) Guarding(ctx context.Context, thread interview.ThreadID) (Guarding, error) {
	g, err := s.guarding(ctx, thread)
	if err != nil {
		return Guarding{}, fmt.Errorf("guarding of thread %s: %w", thread, err)
	}
	return g, nil
}

func (s *Store) guarding(ctx context.Context, thread interview.ThreadID) (g Guarding, err error) {
	// One statement, so that the exceptions are those of this version.
	rows, err := s.reads.QueryContext(ctx, `
		SELECT g.mode, g.rearm, g.active, g.changes_at, e.n, e.reason, e.granted_by, e.note, e.from_at, e.until_at, e.decision, f.hash
		FROM guard_threads g LEFT JOIN guard_exceptions e ON e.thread = g.thread LEFT JOIN guard_findings f ON f.decision = e.decision
		WHERE g.thread = $1 ORDER BY e.n, f.n`, string(thread))
	if err != nil {
		return g, err
	}
	defer rows.Close()
	last := int64(-1)
	for rows.Next() {
		var e GuardException
		var n sql.NullInt64
		var reason, by, note, decision, hash sql.NullString
		if err := rows.Scan(&g.Mode, &g.Rearm, &g.Active, timeColumn{&g.ChangesAt}, &n, &reason, &by, &note,
			timeColumn{&e.From}, timeColumn{&e.Until}, &decision, &hash); err != nil {
			return g, err
		}
		g.Thread = thread
		if n.Valid && n.Int64 != last {
			e.Reason, e.By, e.Note, e.Decision = reason.String, by.String, note.String, decision.String
			g.Exceptions, last = append(g.Exceptions, e), n.Int64
		}
		if hash.Valid {
			of := &g.Exceptions[len(g.Exceptions)-1]
			of.Hashes = append(of.Hashes, hash.String)
		}
	}
	if err := rows.Err(); err != nil {
		return g, err
	}
	if g.Thread == "" {
		return g, ErrNotFound
	}
	return g, nil
}

// DueGuardings returns the threads whose guarding time has changed by now, the
// longest due first and at most limit, and when the next one does; zero: none.
func (s *Store) DueGuardings(ctx context.Context, now time.Time, limit int) (due []interview.ThreadID, next time.Time, err error) {
	due, err = list(ctx, s.reads, column[interview.ThreadID],
		`SELECT thread FROM guard_threads WHERE changes_at <= $1 ORDER BY changes_at LIMIT $2`, timeValue(now), limit)
	if err == nil {
		err = s.reads.QueryRowContext(ctx, `SELECT MIN(changes_at) FROM guard_threads WHERE changes_at > $1`, timeValue(now)).Scan(timeColumn{&next})
	}
	if err != nil {
		return nil, next, fmt.Errorf("due guardings: %w", err)
	}
	return due, next, nil
}

// A GuardDecision is what was found in a text, and what became of it. It holds
// none of the text.
type GuardDecision struct {
	ID      string // sorts by time
	Thread  interview.ThreadID
	Actor   interview.UserID
	At      time.Time
	Surface string
	Action  string
	Version string // of the rules
	// Passed is the id of the message, or of the offer of a file, that the text
	// came through in; empty: in none.
	Passed   string
	Findings []GuardFinding
	Appeal   GuardAppeal
}

// A GuardFinding is one thing that was found.
type GuardFinding struct {
	Category, Rule string
	Score          float64 // to a thousandth
	Hash, Preview  string
	Start, End     int // bytes of the text; both 0: not known
}

// A GuardAppeal contests a decision. At is zero while nobody does, DecidedAt
// while it is open.
type GuardAppeal struct {
	At        time.Time
	By        string
	Words     string
	DecidedAt time.Time
	DecidedBy string
	Upheld    bool
}

// AddGuardDecision stores d and the messages that tell of it.
func (s *Store) AddGuardDecision(ctx context.Context, d GuardDecision, messages ...Message) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := addGuardDecision(ctx, tx, d); err != nil {
			return err
		}
		return enqueue(ctx, tx, messages)
	})
	if err != nil {
		return fmt.Errorf("add guard decision: %w", err)
	}
	return nil
}

func addGuardDecision(ctx context.Context, tx *sql.Tx, d GuardDecision) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO guard_decisions (id, thread, actor, at, surface, action, version, passed, contested_by, words, decided_by, upheld)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', 0)`,
		d.ID, string(d.Thread), string(d.Actor), timeValue(d.At), d.Surface, d.Action, d.Version, d.Passed); err != nil {
		return err
	}
	for n, f := range d.Findings {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO guard_findings (decision, n, category, rule, score, hash, preview, from_byte, to_byte) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			d.ID, n, f.Category, f.Rule, int(f.Score*1000+0.5), f.Hash, f.Preview, f.Start, f.End); err != nil {
			return err
		}
	}
	return nil
}

// GuardDecision returns one decision, or ErrNotFound.
func (s *Store) GuardDecision(ctx context.Context, id string) (GuardDecision, error) {
	found, err := guardDecisions(ctx, s.reads, `id = $1`, 1, id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return GuardDecision{}, fmt.Errorf("guard decision %s: %w", id, err)
	}
	return found[0], nil
}

// DecisionAbout returns the decision about what came through under an id, or
// ErrNotFound: nothing was found in it, or it has been forgotten.
func (s *Store) DecisionAbout(ctx context.Context, passed string) (GuardDecision, error) {
	found, err := guardDecisions(ctx, s.reads, `passed = $1 AND passed <> ''`, 1, passed)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return GuardDecision{}, fmt.Errorf("guard decision about %s: %w", passed, err)
	}
	return found[0], nil
}

// A DecisionFilter says which decisions are listed: those of Thread, or of all
// when it is empty, that are older than the one with the id Before, unless that
// is empty; with Open, only those with an appeal that nobody has decided.
type DecisionFilter struct {
	Thread interview.ThreadID
	Before string
	Open   bool
}

// GuardDecisions returns decisions, newest first, up to limit, which is kept
// between 1 and MaxPage+1.
func (s *Store) GuardDecisions(ctx context.Context, f DecisionFilter, limit int) ([]GuardDecision, error) {
	limit = min(max(limit, 1), MaxPage+1)
	condition := `($1 = '' OR thread = $1) AND ($2 = '' OR id < $2)`
	if f.Open {
		condition += ` AND contested_at IS NOT NULL AND decided_at IS NULL`
	}
	found, err := guardDecisions(ctx, s.reads, condition, limit, string(f.Thread), f.Before)
	if err != nil {
		return nil, fmt.Errorf("guard decisions: %w", err)
	}
	return found, nil
}

func guardDecisions(ctx context.Context, db querier, condition string, limit int, args ...any) ([]GuardDecision, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`
		SELECT d.id, d.thread, d.actor, d.at, d.surface, d.action, d.version, d.passed, d.contested_at, d.contested_by, d.words,
			d.decided_at, d.decided_by, d.upheld, f.category, f.rule, f.score, f.hash, f.preview, f.from_byte, f.to_byte
		FROM (SELECT * FROM guard_decisions WHERE %s ORDER BY id DESC LIMIT %d) d
		LEFT JOIN guard_findings f ON f.decision = d.id ORDER BY d.id DESC, f.n`, condition, limit), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []GuardDecision
	for rows.Next() {
		var d GuardDecision
		var category, rule, hash, preview sql.NullString
		var score, from, to sql.NullInt64
		if err := rows.Scan(&d.ID, &d.Thread, &d.Actor, timeColumn{&d.At}, &d.Surface, &d.Action, &d.Version, &d.Passed,
			timeColumn{&d.Appeal.At}, &d.Appeal.By, &d.Appeal.Words, timeColumn{&d.Appeal.DecidedAt}, &d.Appeal.DecidedBy,
			&d.Appeal.Upheld, &category, &rule, &score, &hash, &preview, &from, &to); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].ID != d.ID {
			out = append(out, d)
		}
		if category.Valid {
			last := &out[len(out)-1]
			last.Findings = append(last.Findings, GuardFinding{
				Category: category.String, Rule: rule.String, Score: float64(score.Int64) / 1000, Hash: hash.String, Preview: preview.String,
				Start: int(from.Int64), End: int(to.Int64),
			})
		}
	}
	return out, rows.Err()
}
