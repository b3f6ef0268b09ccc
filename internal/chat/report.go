package chat

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/interview"
	"parley/internal/store"
)

// Report keeps what somebody reports in an interview, and tells of it together
// with what is known of the interview. Nothing that was said or shown is part
// of it. Rules that are broken come back as *interview.Error.
func (c *Clerk) Report(ctx context.Context, iv interview.Interview, r store.Report) (store.Report, error) {
	t, err := c.thread(ctx, iv.Thread)
	if err != nil {
		return r, err
	}
	if err := interview.CheckReport(t, r.About, r.Reason, r.Words); err != nil {
		return r, err
	}
	r.ID, r.Thread, r.Interview, r.At = "rp_"+ulid.Make().String(), iv.Thread, iv.ID, stamp(time.Now())
	err = c.write(ctx, func() ([]Event, error) {
		e := Event{Type: EventReport, At: r.At, Thread: r.Thread, Interview: r.Interview, Report: &r, About: &iv}
		messages, err := c.messages(e)
		if err != nil {
			return nil, err
		}
		return []Event{e}, c.cfg.Store.AddReport(ctx, r, messages...)
	})
	if err == nil {
		c.counts.reports.Add(1)
	}
	return r, err
}
