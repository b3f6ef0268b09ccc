package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/internal/interview"
)

// KeepKeys is how long an idempotency key is remembered.
const KeepKeys = 24 * time.Hour

// RememberKey ties an idempotency key to the interview id that its request is
// about to make, and returns an empty id; the caller goes on and saves that
// interview. When the key is already tied to a saved interview it returns that
// one's id instead, or ErrConflict if requestHash differs. A key whose
// interview was never saved, because its request failed halfway, is tied anew.
func (s *Store) RememberKey(ctx context.Context, scope, key string, requestHash []byte, id interview.ID, now time.Time) (existing interview.ID, err error) {
	hash := bytesValue(requestHash)
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE created_at <= $1`, timeValue(now.Add(-KeepKeys))); err != nil {
			return err
		}
		var known string
		var saved bool
		switch err := tx.QueryRowContext(ctx, `
			SELECT k.request_hash, k.interview, EXISTS (SELECT 1 FROM interviews i WHERE i.id = k.interview)
			FROM idempotency_keys k WHERE k.scope = $1 AND k.request_key = $2`, scope, key).Scan(&known, &existing, &saved); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case known != hash:
			existing = ""
			return fmt.Errorf("%w: the key was used for a different request", ErrConflict)
		case saved:
			return nil
		}
		existing = ""
		_, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency_keys (scope, request_key, request_hash, interview, created_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (scope, request_key) DO UPDATE SET interview = excluded.interview, created_at = excluded.created_at`,
			scope, key, hash, string(id), timeValue(now))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("remember idempotency key: %w", err)
	}
	return existing, nil
}

// An APIKey is what is kept of a key that a host app calls the REST API with.
// It has the shape of token.APIKey, and converts to it.
type APIKey struct {
	ID        string
	Hash      []byte
	Name      string
	CreatedAt time.Time
	Scopes    []string // none: all
}

// PutAPIKey inserts k, or replaces the one with its id.
func (s *Store) PutAPIKey(ctx context.Context, k APIKey) error {
	if err := s.exec(ctx, `
		INSERT INTO api_keys (id, name, hash, created_at, scopes) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, hash = excluded.hash, created_at = excluded.created_at, scopes = excluded.scopes`,
		k.ID, k.Name, bytesValue(k.Hash), timeValue(k.CreatedAt), strings.Join(k.Scopes, ",")); err != nil {
		return fmt.Errorf("put API key %s: %w", k.ID, err)
	}
	return nil
}

// APIKey returns the API key with that id, or ErrNotFound.
func (s *Store) APIKey(ctx context.Context, id string) (APIKey, error) {
	k, err := scanAPIKey(s.reads.QueryRowContext(ctx, `SELECT id, name, hash, created_at, scopes FROM api_keys WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return APIKey{}, fmt.Errorf("API key: %w", err)
	}
	return k, nil
}

// APIKeys returns all API keys, oldest first.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	keys, err := list(ctx, s.reads, scanAPIKey, `SELECT id, name, hash, created_at, scopes FROM api_keys ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("API keys: %w", err)
	}
	return keys, nil
}

func scanAPIKey(row scanner) (k APIKey, err error) {
	var scopes string
	err = row.Scan(&k.ID, &k.Name, bytesColumn{&k.Hash}, timeColumn{&k.CreatedAt}, &scopes)
	if scopes != "" {
		k.Scopes = strings.Split(scopes, ",")
	}
	return k, err
}

// DeleteAPIKey forgets an API key with its webhooks, or returns ErrNotFound.
func (s *Store) DeleteAPIKey(ctx context.Context, id string) error {
	if err := s.deleteOne(ctx, `DELETE FROM api_keys WHERE id = $1`, id); err != nil {
		return fmt.Errorf("delete API key %s: %w", id, err)
	}
	return nil
}

// A SigningKey is a key that signs and verifies join tokens, as token.Key
// knows it, with its age.
type SigningKey struct {
	ID        string
	Algorithm string
	Secret    []byte
	CreatedAt time.Time
}

// PutSigningKey inserts k, or replaces the one with its id.
func (s *Store) PutSigningKey(ctx context.Context, k SigningKey) error {
	if err := s.exec(ctx, `
		INSERT INTO signing_keys (id, algorithm, secret, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET algorithm = excluded.algorithm, secret = excluded.secret, created_at = excluded.created_at`,
		k.ID, k.Algorithm, bytesValue(k.Secret), timeValue(k.CreatedAt)); err != nil {
		return fmt.Errorf("put signing key %s: %w", k.ID, err)
	}
	return nil
}

// SigningKeys returns all signing keys, newest first: the order in which a
// keyring wants them.
func (s *Store) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	keys, err := list(ctx, s.reads, scanSigningKey, `SELECT id, algorithm, secret, created_at FROM signing_keys ORDER BY created_at DESC, id DESC`)
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	return keys, nil
}

func scanSigningKey(row scanner) (k SigningKey, err error) {
	err = row.Scan(&k.ID, &k.Algorithm, bytesColumn{&k.Secret}, timeColumn{&k.CreatedAt})
	return k, err
}

func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

// A scanner is the current row of a query.
type scanner interface{ Scan(into ...any) error }

// column reads a row of one column.
func column[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// A querier is a database or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list returns what scan makes of every row of a query.
func list[T any](ctx context.Context, db querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
