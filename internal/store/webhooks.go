package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxWebhooks is how many webhook endpoints one API key may have, and
// maxAllWebhooks how many there are in all: every event looks at each of them.
const (
	MaxWebhooks    = 20
	maxAllWebhooks = 200
)

// ErrTooMany: as many webhook endpoints as allowed are there.
var ErrTooMany = errors.New("too many")

// A Webhook is an address that hears of what happens.
type Webhook struct {
	ID             string
	APIKey         string // whose it is; it goes when the key does
	URL            string
	Description    string
	Events         []string // the types it wants; none: all
	Enabled        bool
	DisabledReason string // empty while enabled
	Secret         string
	PreviousSecret string // signs as well until PreviousUntil
	PreviousUntil  time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Wants reports whether the endpoint hears of events of a type.
func (w Webhook) Wants(kind string) bool {
	return w.Enabled && (len(w.Events) == 0 || slices.Contains(w.Events, kind))
}

// Secrets returns what to sign with at a moment, the current one first.
func (w Webhook) Secrets(now time.Time) []string {
	if w.PreviousSecret != "" && now.Before(w.PreviousUntil) {
		return []string{w.Secret, w.PreviousSecret}
	}
	return []string{w.Secret}
}

// PutWebhook inserts w, or replaces everything known about it. It returns
// ErrTooMany when there is no room for another, and ErrNotFound when there is
// no such API key.
func (s *Store) PutWebhook(ctx context.Context, w Webhook) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var mine, all int
		if err := tx.QueryRowContext(ctx, `
			SELECT COUNT(CASE WHEN api_key = $1 THEN 1 END), COUNT(*) FROM webhook_endpoints WHERE id <> $2`,
			w.APIKey, w.ID).Scan(&mine, &all); err != nil {
			return err
		}
		if mine >= MaxWebhooks || all >= maxAllWebhooks {
			return ErrTooMany
		}
		return putWebhook(ctx, tx, w)
	})
	if err != nil {
		return fmt.Errorf("put webhook %s: %w", w.ID, err)
	}
	return nil
}

func putWebhook(ctx context.Context, tx *sql.Tx, w Webhook) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO webhook_endpoints (id, api_key, url, description, events, enabled, disabled_reason, secret,
			previous_secret, previous_until, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, description = excluded.description, events = excluded.events,
			enabled = excluded.enabled, disabled_reason = excluded.disabled_reason, secret = excluded.secret,
			previous_secret = excluded.previous_secret, previous_until = excluded.previous_until, updated_at = excluded.updated_at`,
		w.ID, w.APIKey, w.URL, w.Description, strings.Join(w.Events, ","), flag(w.Enabled), w.DisabledReason, w.Secret,
		w.PreviousSecret, timeValue(w.PreviousUntil), timeValue(w.CreatedAt), timeValue(w.UpdatedAt))
	return err
}

// ChangeWebhook lets change work on an API key's endpoint and stores what it
// leaves, in one transaction. It returns ErrNotFound when that key has no such
// endpoint, or change's own error, with nothing stored.
func (s *Store) ChangeWebhook(ctx context.Context, apiKey, id string, change func(*Webhook) error) (w Webhook, err error) {
	err = s.write(ctx, func(tx *sql.Tx) (err error) {
		if w, err = webhookRow(tx.QueryRowContext(ctx, selectWebhook+` WHERE api_key = $1 AND id = $2`, apiKey, id)); err != nil {
			return err
		}
		if err := change(&w); err != nil {
			return err
		}
		return putWebhook(ctx, tx, w)
	})
	if err != nil {
		return Webhook{}, fmt.Errorf("change webhook %s: %w", id, err)
	}
	return w, nil
}

// DeleteWebhook forgets an API key's endpoint with everything sent or on its
// way to it, or returns ErrNotFound.
func (s *Store) DeleteWebhook(ctx context.Context, apiKey, id string) error {
	if err := s.deleteOne(ctx, `DELETE FROM webhook_endpoints WHERE api_key = $1 AND id = $2`, apiKey, id); err != nil {
		return fmt.Errorf("delete webhook %s: %w", id, err)
	}
	return nil
}

// Webhook returns an API key's endpoint, or ErrNotFound.
func (s *Store) Webhook(ctx context.Context, apiKey, id string) (Webhook, error) {
	w, err := webhookRow(s.reads.QueryRowContext(ctx, selectWebhook+` WHERE api_key = $1 AND id = $2`, apiKey, id))
	if err != nil {
		return Webhook{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	return w, nil
}

// Webhooks returns an API key's endpoints, oldest first: at most MaxWebhooks.
func (s *Store) Webhooks(ctx context.Context, apiKey string) ([]Webhook, error) {
	found, err := list(ctx, s.reads, scanWebhook, selectWebhook+` WHERE api_key = $1 ORDER BY id`, apiKey)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	return found, nil
}

const selectWebhook = `
	SELECT id, api_key, url, description, events, enabled, disabled_reason, secret, previous_secret, previous_until,
		created_at, updated_at FROM webhook_endpoints`

func webhookRow(row scanner) (Webhook, error) {
	w, err := scanWebhook(row)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return w, err
}

func scanWebhook(row scanner) (w Webhook, err error) {
	var events string
	err = row.Scan(&w.ID, &w.APIKey, &w.URL, &w.Description, &events, &w.Enabled, &w.DisabledReason, &w.Secret,
		&w.PreviousSecret, timeColumn{&w.PreviousUntil}, timeColumn{&w.CreatedAt}, timeColumn{&w.UpdatedAt})
	if events != "" {
		w.Events = strings.Split(events, ",")
	}
	return w, err
}

// flag is how a bool is stored: engines differ in their own types for it.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
