package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// The states of a delivery.
const (
	DeliveryPending   = "pending" // the next of its subject
	DeliveryWaiting   = "waiting" // behind another one of its subject
	DeliveryDelivered = "delivered"
	DeliveryFailed    = "failed"
)

// A Delivery is a message on its way to one endpoint, or what became of it.
type Delivery struct {
	N         int64 // grows with every delivery
	Endpoint  string
	State     string
	Attempts  int
	Reason    string // of the last attempt that failed
	CreatedAt time.Time
	NextAt    time.Time // when it is tried next; only while pending
	DoneAt    time.Time
	Message   Message
}

// An Attempt is one request of a delivery.
type Attempt struct {
	At      time.Time
	Took    time.Duration
	Status  int    // 0: there was no answer
	Reason  string // empty: it succeeded
	Snippet string // the beginning of the answer's body, or what went wrong
}

// An Outcome is what an attempt means for its delivery and endpoint.
type Outcome struct {
	Delivery int64
	Attempt  Attempt
	State    string    // pending, delivered or failed
	NextAt   time.Time // for pending
	Disable  string    // why the endpoint gets nothing more; empty: it does
	// Hasten has everything the endpoint did not get because it was away tried
	// now: it is back.
	Hasten bool
}

// A Queue is an enabled endpoint and when something is due for it.
type Queue struct {
	Webhook Webhook
	NextAt  time.Time // zero: nothing is
}

// Queues returns every enabled endpoint.
func (s *Store) Queues(ctx context.Context) ([]Queue, error) {
	queues, err := list(ctx, s.reads, func(row scanner) (q Queue, err error) {
		q.Webhook, err = scanWebhook(scanAlso{row, timeColumn{&q.NextAt}})
		return q, err
	}, `SELECT w.id, w.api_key, w.url, w.description, w.events, w.enabled, w.disabled_reason, w.secret, w.previous_secret,
			w.previous_until, w.created_at, w.updated_at,
			(SELECT MIN(next_at) FROM webhook_deliveries d WHERE d.endpoint = w.id AND d.state = 'pending')
		FROM webhook_endpoints w WHERE w.enabled = 1 ORDER BY w.id`)
	if err != nil {
		return nil, fmt.Errorf("webhook queues: %w", err)
	}
	return queues, nil
}

// scanAlso scans one column more than it is asked for.
type scanAlso struct {
	scanner
	last any
}

func (s scanAlso) Scan(into ...any) error { return s.scanner.Scan(append(into, s.last)...) }

// DueDeliveries returns up to limit deliveries of an endpoint that are to be
// tried at now, the longest due first: never two of one subject.
func (s *Store) DueDeliveries(ctx context.Context, endpoint string, now time.Time, limit int) ([]Delivery, error) {
	found, err := list(ctx, s.reads, scanDelivery, selectDelivery+
		` WHERE d.endpoint = $1 AND d.state = 'pending' AND d.next_at <= $2 ORDER BY d.next_at, d.n LIMIT $3`,
		endpoint, timeValue(now), limit)
	if err != nil {
		return nil, fmt.Errorf("due deliveries: %w", err)
	}
	return found, nil
}

// SaveOutcome stores an attempt and what it means, in one transaction. It
// returns ErrNotFound when the delivery has been deleted meanwhile.
func (s *Store) SaveOutcome(ctx context.Context, o Outcome) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var endpoint, subject string
		var attempts int
		done, next := timeValue(o.Attempt.At.Add(o.Attempt.Took)), any(nil)
		if o.State == DeliveryPending {
			done, next = nil, timeValue(o.NextAt)
		}
		err := tx.QueryRowContext(ctx, `
			UPDATE webhook_deliveries SET state = $2, attempts = attempts + 1, reason = $3, next_at = $4, done_at = $5
			WHERE n = $1 RETURNING endpoint, subject, attempts`,
			o.Delivery, o.State, o.Attempt.Reason, next, done).Scan(&endpoint, &subject, &attempts)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		a := o.Attempt
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO webhook_attempts (delivery, n, at, took, status, reason, snippet) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			o.Delivery, attempts, timeValue(a.At), a.Took.Microseconds(), a.Status, a.Reason, a.Snippet); err != nil {
			return err
		}
		return settle(ctx, tx, o, endpoint, subject)
	})
	if err != nil {
		return fmt.Errorf("save delivery %d: %w", o.Delivery, err)
	}
	return nil
}

// settle carries out what an outcome means for the rest of the queue.
func settle(ctx context.Context, tx *sql.Tx, o Outcome, endpoint, subject string) error {
	now := timeValue(o.Attempt.At.Add(o.Attempt.Took))
	if o.State != DeliveryPending {
		if _, err := tx.ExecContext(ctx, `
			UPDATE webhook_deliveries SET state = 'pending', next_at = $3 WHERE n = (SELECT MIN(n) FROM webhook_deliveries
				WHERE endpoint = $1 AND subject = $2 AND state IN ('pending', 'waiting'))`, endpoint, subject, now); err != nil {
			return err
		}
	}
	if o.Disable != "" {
		if _, err := tx.ExecContext(ctx, `UPDATE webhook_endpoints SET enabled = 0, disabled_reason = $2, updated_at = $3 WHERE id = $1`,
			endpoint, o.Disable, now); err != nil {
			return err
		}
	}
	if !o.Hasten {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET next_at = $2 WHERE endpoint = $1 AND state = 'pending' AND next_at > $2
			AND reason IN ('unreachable', 'timeout', 'tls', 'throttled')`, endpoint, now)
	return err
}

// Delivery returns one of an endpoint's deliveries, or ErrNotFound.
func (s *Store) Delivery(ctx context.Context, endpoint string, n int64) (Delivery, error) {
	d, err := scanDelivery(s.reads.QueryRowContext(ctx, selectDelivery+` WHERE d.endpoint = $1 AND d.n = $2`, endpoint, n))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("delivery %d: %w", n, err)
	}
	return d, nil
}

// Deliveries returns the log of an endpoint, newest first: up to limit, which
// is kept between 1 and MaxPage+1, and older than before unless that is 0.
func (s *Store) Deliveries(ctx context.Context, endpoint string, before int64, limit int) ([]Delivery, error) {
	limit = min(max(limit, 1), MaxPage+1)
	if before == 0 {
		before = math.MaxInt64
	}
	found, err := list(ctx, s.reads, scanDelivery, selectDelivery+
		` WHERE d.endpoint = $1 AND d.n < $2 ORDER BY d.n DESC LIMIT $3`, endpoint, before, limit)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", err)
	}
	return found, nil
}

// Attempts returns the attempts of a delivery, oldest first.
func (s *Store) Attempts(ctx context.Context, delivery int64) ([]Attempt, error) {
	found, err := list(ctx, s.reads, func(row scanner) (a Attempt, err error) {
		var took int64
		err = row.Scan(timeColumn{&a.At}, &took, &a.Status, &a.Reason, &a.Snippet)
		a.Took = time.Duration(took) * time.Microsecond
		return a, err
	}, `SELECT at, took, status, reason, snippet FROM webhook_attempts WHERE delivery = $1 ORDER BY n`, delivery)
	if err != nil {
		return nil, fmt.Errorf("attempts: %w", err)
	}
	return found, nil
}

// pruneStep is how many messages one transaction of PruneWebhooks deletes.
const pruneStep = 500

// PruneWebhooks deletes messages older than before with their deliveries and
// attempts, a few at a time, so that it holds nobody up. The newest message
// stays, because the next one is numbered after it, and so does what an enabled
// endpoint has yet to get.
func (s *Store) PruneWebhooks(ctx context.Context, before time.Time) error {
	for {
		var gone int64
		err := s.write(ctx, func(tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, `
				DELETE FROM webhook_messages WHERE seq IN (
					SELECT seq FROM webhook_messages m WHERE at < $1 AND seq < (SELECT MAX(seq) FROM webhook_messages)
						AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint
							WHERE d.message = m.seq AND d.state IN ('pending', 'waiting') AND w.enabled = 1)
					ORDER BY at LIMIT $2)`, timeValue(before), pruneStep)
			if err != nil {
				return err
			}
			gone, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("prune webhooks: %w", err)
		}
		if gone < pruneStep {
			return nil
		}
	}
}

// Backlog returns how many deliveries enabled endpoints have yet to get, and
// since when the oldest of them waits.
func (s *Store) Backlog(ctx context.Context) (depth int, oldest time.Time, err error) {
	err = s.reads.QueryRowContext(ctx, `
		SELECT COUNT(*), MIN(created_at) FROM webhook_deliveries WHERE state IN ('pending', 'waiting')
			AND EXISTS (SELECT 1 FROM webhook_endpoints w WHERE w.id = endpoint AND w.enabled = 1)`).Scan(&depth, timeColumn{&oldest})
	if err != nil {
		err = fmt.Errorf("webhook backlog: %w", err)
	}
	return depth, oldest, err
}

const selectDelivery = `
	SELECT d.n, d.endpoint, d.state, d.attempts, d.reason, d.created_at, d.next_at, d.done_at, m.id, m.type, m.subject, m.at, m.body
	FROM webhook_deliveries d JOIN webhook_messages m ON m.seq = d.message`

func scanDelivery(row scanner) (d Delivery, err error) {
	var body string
	m := &d.Message
	err = row.Scan(&d.N, &d.Endpoint, &d.State, &d.Attempts, &d.Reason, timeColumn{&d.CreatedAt}, timeColumn{&d.NextAt},
		timeColumn{&d.DoneAt}, &m.ID, &m.Type, &m.Subject, timeColumn{&m.At}, &body)
	m.Body = []byte(body)
	return d, err
}
