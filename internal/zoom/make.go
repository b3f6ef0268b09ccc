package zoom

import (
	"context"
	"errors"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// make makes the meeting that an interview waits for, or says why there is none.
func (d *Desk) make(ctx context.Context, id interview.ID) {
	log := d.cfg.Logger.With("interview", string(id))
	problem, err := d.tryMake(ctx, id)
	if ctx.Err() != nil {
		return
	}
	switch {
	case err != nil:
		log.Error("meeting in Zoom not made", "err", err) // the database's trouble: tried again
		sleep(ctx, pause)
		return
	case problem == "":
		err = d.cfg.Rooms.ZoomMade(ctx, id)
	default:
		log.Warn("no meeting in Zoom", "problem", problem)
		err = d.cfg.Rooms.ZoomNotMade(ctx, id, problem)
	}
	if err != nil && ctx.Err() == nil {
		// The interview is over, and the meeting is cleaned up; or the room is told again.
		log.Debug("nobody to tell of a meeting in Zoom", "err", err)
		sleep(ctx, pause)
	}
}

// tryMake returns the problem that keeps a meeting from being made, if one does.
func (d *Desk) tryMake(ctx context.Context, id interview.ID) (problem string, err error) {
	switch _, err := d.cfg.Store.ZoomMeeting(ctx, id); {
	case err == nil:
		return "", nil // from before: Zoom lets a meeting begin again
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	if d.cfg.Client == nil {
		return interview.ZoomNotSetUp, nil
	}
	iv, err := d.cfg.Store.Interview(ctx, id)
	if err != nil {
		return "", err
	}
	thread, err := d.cfg.Store.Thread(ctx, iv.Thread)
	if err != nil {
		return "", err
	}
	request := Request{
		Topic: d.cfg.Topic(thread), StartsAt: time.Now(), Duration: meetingLength, Audio: iv.Mode == interview.ModeAudio,
	}
	until := time.Now().Add(patience)
	for {
		host, made, err := d.onHost(ctx, request)
		if err == nil && host != "" {
			d.well()
			return "", d.keep(ctx, iv.ID, host, made)
		}
		e, zooms := errors.AsType[*Error](err)
		if err != nil && !zooms {
			return "", err
		}
		if problem, wait := d.judge(host, e); problem != "" {
			return problem, nil
		} else if time.Until(until) < wait {
			return problemsOfKinds[e.Kind], nil
		} else if !sleep(ctx, wait) {
			return "", ctx.Err()
		}
	}
}

// onHost makes a meeting under the host that has the most room. Without one, host
// is empty, and the error says whether all are busy or have used up their day.
func (d *Desk) onHost(ctx context.Context, r Request) (host string, made Meeting, err error) {
	host, free, err := d.claim(ctx)
	if err != nil {
		return "", Meeting{}, err
	}
	switch {
	case host == "" && free:
		return "", Meeting{}, &Error{Kind: InProgress, Op: "create"}
	case host == "":
		return "", Meeting{}, &Error{Kind: Quota, Op: "create"}
	}
	defer d.unclaim(host)
	made, err = d.cfg.Client.Create(ctx, host, r)
	if err == nil {
		d.hosts.used(host, time.Now())
	}
	return host, made, err
}

// judge says what follows from a meeting that was not made: a problem that
// waiting does not solve, or how long to wait before the next attempt.
func (d *Desk) judge(host string, e *Error) (problem string, wait time.Duration) {
	d.trouble(e)
	switch e.Kind {
	case InProgress: // every host is busy
		return interview.ZoomBusy, 0
	case Quota, NoHost:
		if host == "" {
			return problemsOfKinds[e.Kind], 0
		}
		until := e.RetryAt
		if e.Kind == NoHost {
			until = time.Now().Add(hostRest)
		}
		d.hosts.rest(host, until)
		if d.hosts.quota(time.Now()) == 0 {
			return problemsOfKinds[e.Kind], 0
		}
		return "", 0 // another host
	case Limited:
		return "", max(time.Until(e.RetryAt), pause)
	case Unavailable:
		return "", pause
	}
	return interview.ZoomRefused, 0
}

var problemsOfKinds = map[Kind]string{
	Refused:     interview.ZoomRefused,
	NoHost:      interview.ZoomNoHost,
	Quota:       interview.ZoomQuota,
	InProgress:  interview.ZoomBusy,
	Limited:     interview.ZoomUnavailable,
	Unavailable: interview.ZoomUnavailable,
}

// keep stores a meeting that was made. One that cannot be stored is deleted:
// nobody would know of it.
func (d *Desk) keep(ctx context.Context, id interview.ID, host string, m Meeting) error {
	err := d.cfg.Store.PutZoomMeeting(context.WithoutCancel(ctx), store.ZoomMeeting{
		Interview: id, Number: m.Number, Host: host, URL: m.URL, Passcode: m.Passcode, CreatedAt: time.Now(),
	})
	if err != nil {
		return errors.Join(err, d.cfg.Client.Delete(ctx, m.Number))
	}
	d.cfg.Logger.Info("meeting in Zoom made", "interview", string(id))
	return nil
}

// remove deletes the meeting of an interview that is over. Where somebody ended
// the interview for all, the meeting is ended first; otherwise people who are
// still in it are left alone, and it is deleted later.
func (d *Desk) remove(ctx context.Context, m store.ZoomMeeting) {
	log := d.cfg.Logger.With("interview", string(m.Interview))
	err := d.tryRemove(ctx, m)
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	if err == nil || now.Sub(m.CreatedAt) > giveUp {
		if err != nil {
			log.Warn("meeting in Zoom not deleted", "err", err)
		}
		if err := d.cfg.Store.DropZoomMeeting(ctx, m.Interview); err != nil {
			log.Error("meeting in Zoom not forgotten", "err", err)
			sleep(ctx, pause)
		}
		return
	}
	wait := min(firstPause<<min(m.Attempts, 10), longestPause)
	if KindOf(err) == InProgress {
		wait = again
	}
	log.Debug("meeting in Zoom is deleted later", "wait", wait, "err", err)
	m.Attempts++
	m.NextAt = now.Add(wait)
	if err := d.cfg.Store.PutZoomMeeting(ctx, m); err != nil {
		log.Error("meeting in Zoom not put off", "err", err)
		sleep(ctx, pause)
	}
}

func (d *Desk) tryRemove(ctx context.Context, m store.ZoomMeeting) error {
	if !m.Own() {
		return nil // somebody's own link: it is only forgotten
	}
	if d.cfg.Client == nil {
		return &Error{Kind: Refused, Op: "delete"}
	}
	iv, err := d.cfg.Store.Interview(ctx, m.Interview)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && iv.EndReason == interview.ReasonEndedByHost {
		if err := d.cfg.Client.End(ctx, m.Number); err != nil {
			return err
		}
	}
	return d.cfg.Client.Delete(ctx, m.Number)
}
