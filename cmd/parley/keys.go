package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/store"
	"parley/internal/token"
)

// apiKeyFile is where the first API key of a data directory is kept for its
// owner to read; the database itself holds only its hash.
const apiKeyFile = "api_key"

// openKeyring returns the keys that sign and verify join tokens, and makes one
// when the database is new. The newest signs.
func openKeyring(ctx context.Context, s *store.Store, now time.Time) (*token.Keyring, error) {
	kept, err := s.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	if len(kept) == 0 {
		key, err := token.GenerateKey()
		if err != nil {
			return nil, err
		}
		made := store.SigningKey{ID: key.ID, Algorithm: string(key.Algorithm), Secret: key.Secret, CreatedAt: now}
		if err := s.PutSigningKey(ctx, made); err != nil {
			return nil, fmt.Errorf("keep the signing key: %w", err)
		}
		kept = append(kept, made)
	}
	keys := make([]token.Key, len(kept))
	for i, k := range kept { // newest first, as the ring wants them
		keys[i] = token.Key{ID: k.ID, Algorithm: token.Algorithm(k.Algorithm), Secret: k.Secret}
	}
	return token.NewKeyring(keys...)
}

// openAPIKey returns the API key kept in the data directory. When there is
// none, or the database does not know it, it makes a new one.
func openAPIKey(ctx context.Context, s *store.Store, dir string, now time.Time, log *slog.Logger) (string, error) {
	path := filepath.Join(dir, apiKeyFile)
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s cannot be read: %s", path, pathReason(err))
	}
	plain := strings.TrimSpace(string(raw))
	if id, ok := token.SplitAPIKey(plain); ok {
		known, err := s.APIKey(ctx, id)
		if err == nil && token.APIKey(known).Matches(plain) {
			return plain, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", fmt.Errorf("read the API key: %w", err)
		}
	}
	plain, key, err := token.NewAPIKey("first", now)
	if err != nil {
		return "", err
	}
	if err := s.PutAPIKey(ctx, store.APIKey(key)); err != nil {
		return "", fmt.Errorf("keep the API key: %w", err)
	}
	if err := writeSecret(path, []byte(plain+"\n")); err != nil {
		return "", err
	}
	log.Info("api key made", "file", path)
	return plain, nil
}

// writeSecret replaces a file that only its owner may read. Whoever reads it
// sees the old content or the new, never a part.
func writeSecret(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("%s cannot be written: %s", path, pathReason(err))
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("%s cannot be written: %s", path, pathReason(err))
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
