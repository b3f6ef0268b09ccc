package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// A Message is something that happened, in the bytes that webhook endpoints are
// sent. Messages of one subject reach an endpoint in the order they were stored.
type Message struct {
	ID      string // constant over every attempt: receivers tell doubles by it
	Type    string
	Subject string // the interview or thread it is about
	At      time.Time
	Body    []byte
}

// NewMessage returns a message with an id of its own.
func NewMessage(kind, subject string, at time.Time, body []byte) Message {
	return Message{ID: "msg_" + ulid.Make().String(), Type: kind, Subject: subject, At: at, Body: body}
}

// enqueue writes messages, and a delivery of each for every endpoint that wants
// it. It belongs into the transaction that makes the messages true.
func enqueue(ctx context.Context, tx *sql.Tx, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	endpoints, err := list(ctx, tx, scanWebhook, selectWebhook+` WHERE enabled = 1 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, m := range messages {
		seq, err := addMessage(ctx, tx, m)
		if err != nil {
			return err
		}
		for _, w := range endpoints {
			if !w.Wants(m.Type) {
				continue
			}
			if _, err := addDelivery(ctx, tx, w.ID, seq, m.Subject, m.At); err != nil {
				return err
			}
		}
	}
	return nil
}

func addMessage(ctx context.Context, tx *sql.Tx, m Message) (seq int64, err error) {
	err = tx.QueryRowContext(ctx, `
		INSERT INTO webhook_messages (seq, id, type, subject, at, body)
		SELECT COALESCE(MAX(seq), 0) + 1, $1, $2, $3, $4, $5 FROM webhook_messages RETURNING seq`,
		m.ID, m.Type, m.Subject, timeValue(m.At), string(m.Body)).Scan(&seq)
	return seq, err
}

// addDelivery puts a message behind what the endpoint has yet to hear of the
// same subject.
func addDelivery(ctx context.Context, tx *sql.Tx, endpoint string, message int64, subject string, now time.Time) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `
		INSERT INTO webhook_deliveries (n, endpoint, message, subject, state, attempts, reason, created_at, next_at)
		SELECT (SELECT COALESCE(MAX(n), 0) + 1 FROM webhook_deliveries), $1, $2, $3,
			CASE WHEN EXISTS (SELECT 1 FROM webhook_deliveries
				WHERE endpoint = $1 AND subject = $3 AND state IN ('pending', 'waiting')) THEN 'waiting' ELSE 'pending' END,
			0, '', $4, $4 RETURNING n`,
		endpoint, message, subject, timeValue(now)).Scan(&n)
	return n, err
}

// SendTest stores a message for one endpoint alone, whatever types it wants,
// and returns its delivery, or ErrNotFound when the key has no such endpoint.
func (s *Store) SendTest(ctx context.Context, apiKey, endpoint string, m Message) (d Delivery, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := webhookRow(tx.QueryRowContext(ctx, selectWebhook+` WHERE api_key = $1 AND id = $2`, apiKey, endpoint)); err != nil {
			return err
		}
		seq, err := addMessage(ctx, tx, m)
		if err != nil {
			return err
		}
		d.N, err = addDelivery(ctx, tx, endpoint, seq, m.Subject, m.At)
		return err
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("send a test to webhook %s: %w", endpoint, err)
	}
	return s.Delivery(ctx, endpoint, d.N)
}

// ReplayDelivery sends the message of one of an endpoint's deliveries once
// more, as a delivery of its own, or returns ErrNotFound.
func (s *Store) ReplayDelivery(ctx context.Context, endpoint string, n int64, now time.Time) (Delivery, error) {
	var again int64
	err := s.write(ctx, func(tx *sql.Tx) error {
		var message int64
		var subject string
		err := tx.QueryRowContext(ctx, `SELECT message, subject FROM webhook_deliveries WHERE endpoint = $1 AND n = $2`, endpoint, n).Scan(&message, &subject)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		again, err = addDelivery(ctx, tx, endpoint, message, subject, now)
		return err
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("replay delivery %d: %w", n, err)
	}
	return s.Delivery(ctx, endpoint, again)
}

// MaxReplay is the most messages ReplaySince sends at once.
// It holds up every other write meanwhile, for some ten milliseconds.
const MaxReplay = 100

// ReplaySince sends an endpoint every stored message that it wants from since
// on, oldest first and at most MaxReplay, whether it had them before or not; what
// is still on its way to it is left out. last is the moment of the last one.
func (s *Store) ReplaySince(ctx context.Context, w Webhook, since, now time.Time) (count int, last time.Time, err error) {
	const wanted = `SELECT seq, subject, at FROM webhook_messages m WHERE at >= $1 AND type <> 'webhook.test'
		AND ($3 = '' OR ',' || $3 || ',' LIKE '%,' || type || ',%')
		AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.message = m.seq AND d.endpoint = $2 AND d.state IN ('pending', 'waiting'))
		ORDER BY at, seq LIMIT $4`
	args := []any{timeValue(since), w.ID, strings.Join(w.Events, ","), MaxReplay}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), MAX(at) FROM (`+wanted+`) found`, args...).Scan(&count, timeColumn{&last}); err != nil || count == 0 {
			return err
		}
		// One statement for all: each is behind what the endpoint has yet to hear of
		// the same subject, as with addDelivery, and behind those before it here.
		_, err := tx.ExecContext(ctx, `
			INSERT INTO webhook_deliveries (n, endpoint, message, subject, state, attempts, reason, created_at, next_at)
			SELECT (SELECT COALESCE(MAX(n), 0) FROM webhook_deliveries) + row_number() OVER (ORDER BY at, seq), $2, seq, subject,
				CASE WHEN row_number() OVER (PARTITION BY subject ORDER BY at, seq) > 1 OR EXISTS (SELECT 1 FROM webhook_deliveries d
					WHERE d.endpoint = $2 AND d.subject = found.subject AND d.state IN ('pending', 'waiting')) THEN 'waiting' ELSE 'pending' END,
				0, '', $5, $5 FROM (`+wanted+`) found`, append(args, timeValue(now))...)
		return err
	})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("replay to webhook %s: %w", w.ID, err)
	}
	return count, last, nil
}
