package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// ForgetWritten deletes what was written before a moment: messages, offers
// of files, what the guard found, and reports. It takes at most limit rows of each at a time, so
// that nobody waits for it, and reports how many there were.
func (s *Store) ForgetWritten(ctx context.Context, before time.Time, limit int) (gone int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{
			`DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE at < $1 ORDER BY at LIMIT $2)`,
			`DELETE FROM guard_decisions WHERE id IN (SELECT id FROM guard_decisions WHERE at < $1 ORDER BY at LIMIT $2)`,
			`DELETE FROM files WHERE id IN (SELECT id FROM files WHERE at < $1 ORDER BY at LIMIT $2)`,
			`DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE at < $1 ORDER BY at LIMIT $2)`,
		} {
			result, err := tx.ExecContext(ctx, query, timeValue(before), limit)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("forget what was written: %w", err)
	}
	return gone, nil
}
