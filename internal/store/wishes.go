package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A Wish is somebody's to have a recording destroyed, or what is of them in it.
// They were promised that it is: the wish stays on file until that is done.
type Wish struct {
	Recording interview.RecordingID
	User      interview.UserID
	Reason    string // why: of one person there may be one wish of each
	At        time.Time
}

// AddWish stores w. Of one that is there already it makes a later one: what came
// between the two is wished away as well, though the earlier may be carried out by now.
func (s *Store) AddWish(ctx context.Context, w Wish) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO recording_wishes (recording, user_id, reason, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (recording, user_id, reason) DO UPDATE SET at = excluded.at WHERE excluded.at > recording_wishes.at`,
			string(w.Recording), string(w.User), w.Reason, timeValue(w.At))
		return err
	})
	if err != nil {
		return fmt.Errorf("add a wish about recording %s: %w", w.Recording, err)
	}
	return nil
}

// DropWish forgets a wish, which has been carried out or cannot be. One that was said
// again since stays.
func (s *Store) DropWish(ctx context.Context, w Wish) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM recording_wishes WHERE recording = $1 AND user_id = $2 AND reason = $3 AND at <= $4`,
			string(w.Recording), string(w.User), w.Reason, timeValue(w.At))
		return err
	})
	if err != nil {
		return fmt.Errorf("drop a wish about recording %s: %w", w.Recording, err)
	}
	return nil
}

// Wishes returns what is wished about a recording, or about all when id is empty,
// oldest first.
func (s *Store) Wishes(ctx context.Context, id interview.RecordingID) ([]Wish, error) {
	found, err := list(ctx, s.reads, func(row scanner) (w Wish, err error) {
		err = row.Scan(&w.Recording, &w.User, &w.Reason, timeColumn{&w.At})
		return w, err
	}, `SELECT recording, user_id, reason, at FROM recording_wishes WHERE $1 = '' OR recording = $1 ORDER BY at`, string(id))
	if err != nil {
		return nil, fmt.Errorf("wishes about recordings: %w", err)
	}
	return found, nil
}
