package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A ZoomMeeting is a meeting that exists in Zoom, and the way into it.
type ZoomMeeting struct {
	Interview interview.ID
	Number    string // Zoom's own; empty for a personal room's link
	Host      string // the Zoom user it is held under; empty: somebody's own link
	URL       string // holds the passcode
	Passcode  string // for typing; empty when the link is all there is
	CreatedAt time.Time
	Attempts  int       // to delete it
	NextAt    time.Time // not before then
}

// Own reports whether the meeting is one of this server's, and its to delete.
func (m ZoomMeeting) Own() bool { return m.Host != "" }

// saveZoom stores where an interview's meeting stands, in its transaction.
func saveZoom(ctx context.Context, tx *sql.Tx, iv interview.Interview) error {
	z := iv.Zoom
	if z.State == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO zoom (interview, state, reason, by_user, by_name, problem, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (interview) DO UPDATE SET state = excluded.state, reason = excluded.reason,
			by_user = excluded.by_user, by_name = excluded.by_name, problem = excluded.problem, at = excluded.at`,
		string(iv.ID), string(z.State), z.Reason, string(z.By), z.Name, z.Problem, timeValue(z.At))
	return err
}

// A zoomColumns reads what saveZoom wrote; all of it is NULL where it wrote nothing.
type zoomColumns struct {
	state, reason, by, name, problem sql.NullString
	at                               time.Time
}

func (c *zoomColumns) into(iv *interview.Interview) {
	iv.Zoom = interview.Zoom{
		State: interview.ZoomState(c.state.String), Reason: c.reason.String, By: interview.UserID(c.by.String), Name: c.name.String,
		Problem: c.problem.String, At: c.at,
	}
}

// PutZoomMeeting keeps a meeting, in place of what the interview had before.
func (s *Store) PutZoomMeeting(ctx context.Context, m ZoomMeeting) error {
	if err := s.exec(ctx, `
		INSERT INTO zoom_meetings (interview, number, host, url, passcode, created_at, attempts, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (interview) DO UPDATE SET number = excluded.number, host = excluded.host, url = excluded.url,
			passcode = excluded.passcode, created_at = excluded.created_at, attempts = excluded.attempts, next_at = excluded.next_at`,
		string(m.Interview), m.Number, m.Host, m.URL, m.Passcode, timeValue(m.CreatedAt), m.Attempts, timeValue(m.NextAt)); err != nil {
		return fmt.Errorf("keep the Zoom meeting of interview %s: %w", m.Interview, err)
	}
	return nil
}

// ZoomMeeting returns the meeting of an interview, or ErrNotFound.
func (s *Store) ZoomMeeting(ctx context.Context, id interview.ID) (ZoomMeeting, error) {
	m, err := zoomMeetingRow(s.reads.QueryRowContext(ctx, selectZoomMeeting+` WHERE interview = $1`, string(id)))
	if err != nil {
		return m, fmt.Errorf("the Zoom meeting of interview %s: %w", id, err)
	}
	return m, nil
}

// ZoomMeetingByNumber returns the newest meeting with Zoom's number, or ErrNotFound.
func (s *Store) ZoomMeetingByNumber(ctx context.Context, number string) (ZoomMeeting, error) {
	m, err := zoomMeetingRow(s.reads.QueryRowContext(ctx, selectZoomMeeting+` WHERE number = $1 ORDER BY interview DESC LIMIT 1`, number))
	if err != nil {
		return m, fmt.Errorf("Zoom meeting by its number: %w", err)
	}
	return m, nil
}

// DropZoomMeeting forgets the meeting of an interview. It is no error when there
// is none.
func (s *Store) DropZoomMeeting(ctx context.Context, id interview.ID) error {
	if err := s.exec(ctx, `DELETE FROM zoom_meetings WHERE interview = $1`, string(id)); err != nil {
		return fmt.Errorf("forget the Zoom meeting of interview %s: %w", id, err)
	}
	return nil
}

// ZoomPending returns the interviews that wait for a meeting to be made, the
// longest-waiting first.
func (s *Store) ZoomPending(ctx context.Context) ([]interview.ID, error) {
	ids, err := list(ctx, s.reads, column[interview.ID], `
		SELECT z.interview FROM zoom z JOIN interviews i ON i.id = z.interview
		WHERE z.state = 'pending' AND i.state IN ('ringing', 'live') ORDER BY z.at, z.interview`)
	if err != nil {
		return nil, fmt.Errorf("interviews that wait for Zoom: %w", err)
	}
	return ids, nil
}

// ZoomLeftovers returns up to limit meetings whose interviews are over, or gone,
// and that are due to be deleted.
func (s *Store) ZoomLeftovers(ctx context.Context, now time.Time, limit int) ([]ZoomMeeting, error) {
	found, err := list(ctx, s.reads, zoomMeetingRow, selectZoomMeeting+` m
		WHERE (next_at IS NULL OR next_at <= $1) AND NOT EXISTS (
			SELECT 1 FROM interviews i WHERE i.id = m.interview AND i.state IN ('scheduled', 'ringing', 'live'))
		ORDER BY interview LIMIT $2`, timeValue(now), limit)
	if err != nil {
		return nil, fmt.Errorf("Zoom meetings to delete: %w", err)
	}
	return found, nil
}

// ZoomHosts returns how many meetings each Zoom user holds: those of interviews
// that are not over. What remains to be deleted keeps nobody from another.
func (s *Store) ZoomHosts(ctx context.Context) (map[string]int, error) {
	type row struct {
		host string
		n    int
	}
	rows, err := list(ctx, s.reads, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.host, &r.n)
		return r, err
	}, `
		SELECT m.host, COUNT(*) FROM zoom_meetings m JOIN interviews i ON i.id = m.interview
		WHERE m.host <> '' AND i.state IN ('scheduled', 'ringing', 'live') GROUP BY m.host`)
	if err != nil {
		return nil, fmt.Errorf("meetings of each Zoom user: %w", err)
	}
	hosts := make(map[string]int, len(rows))
	for _, r := range rows {
		hosts[r.host] = r.n
	}
	return hosts, nil
}

const selectZoomMeeting = `SELECT interview, number, host, url, passcode, created_at, attempts, next_at FROM zoom_meetings`

func zoomMeetingRow(sc scanner) (m ZoomMeeting, err error) {
	err = sc.Scan(&m.Interview, &m.Number, &m.Host, &m.URL, &m.Passcode, timeColumn{&m.CreatedAt}, &m.Attempts, timeColumn{&m.NextAt})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return m, err
}
