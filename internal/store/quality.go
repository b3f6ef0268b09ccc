package store

import (
	"context"
	"database/sql"
	"fmt"

	"parley/internal/interview"
)

// Quality is how a person's connections did over an interview, in sums over
// measurements of two seconds each. Two of them add up to what both measured.
type Quality struct {
	User         interview.UserID
	Measurements int64
	Poor         int64 // measurements in which people had to strain to understand
	Freezes      int64 // of pictures

	RTTs int64   // measurements in which the round trip was known
	RTT  float64 // seconds

	Up, Down QualitySums

	// Measurements by what was to blame, as the person was told.
	YourUpload, YourDownload, Busy, Server int64
}

// QualitySums are those of one direction.
type QualitySums struct {
	Loss    float64 // shares of packets, before repair
	Jitter  float64 // seconds
	Bitrate float64 // bit/s
	Score   float64 // estimated mean opinions of the sound
}

// qualityColumns are the columns of q that add up, in the table's order.
func qualityColumns(q *Quality) []any {
	return []any{
		&q.Measurements, &q.Poor, &q.Freezes, &q.RTTs, &q.RTT,
		&q.Up.Loss, &q.Up.Jitter, &q.Up.Bitrate, &q.Up.Score,
		&q.Down.Loss, &q.Down.Jitter, &q.Down.Bitrate, &q.Down.Score,
		&q.YourUpload, &q.YourDownload, &q.Busy, &q.Server,
	}
}

// AddQuality adds to what is kept of people's connections in an interview, all of
// it or nothing.
func (s *Store) AddQuality(ctx context.Context, id interview.ID, measured []Quality) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, q := range measured {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO qualities VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
				ON CONFLICT (interview, user_id) DO UPDATE SET
					measurements = qualities.measurements + excluded.measurements, poor = qualities.poor + excluded.poor,
					freezes = qualities.freezes + excluded.freezes, rtts = qualities.rtts + excluded.rtts, rtt = qualities.rtt + excluded.rtt,
					up_loss = qualities.up_loss + excluded.up_loss, up_jitter = qualities.up_jitter + excluded.up_jitter,
					up_bitrate = qualities.up_bitrate + excluded.up_bitrate, up_score = qualities.up_score + excluded.up_score,
					down_loss = qualities.down_loss + excluded.down_loss, down_jitter = qualities.down_jitter + excluded.down_jitter,
					down_bitrate = qualities.down_bitrate + excluded.down_bitrate, down_score = qualities.down_score + excluded.down_score,
					your_upload = qualities.your_upload + excluded.your_upload, your_download = qualities.your_download + excluded.your_download,
					busy = qualities.busy + excluded.busy, server = qualities.server + excluded.server`,
				append([]any{string(id), string(q.User)}, qualityColumns(&q)...)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add to the quality of interview %s: %w", id, err)
	}
	return nil
}

// Qualities returns what was measured in an interview, by person.
func (s *Store) Qualities(ctx context.Context, id interview.ID) ([]Quality, error) {
	found, err := list(ctx, s.reads, func(row scanner) (q Quality, err error) {
		var of interview.ID
		err = row.Scan(append([]any{&of, &q.User}, qualityColumns(&q)...)...)
		return q, err
	}, `SELECT * FROM qualities WHERE interview = $1 ORDER BY user_id`, string(id))
	if err != nil {
		return nil, fmt.Errorf("quality of interview %s: %w", id, err)
	}
	return found, nil
}
