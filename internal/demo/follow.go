package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

const (
	// maxEvent is the longest line of Parley's event stream, in bytes.
	maxEvent = 1 << 20
	// silence is how long the stream may say nothing. Parley sends a comment
	// every 15 seconds.
	silence = 45 * time.Second
	// pauses between attempts to follow
	firstPause, longestPause = 200 * time.Millisecond, 5 * time.Second
)

// follow keeps the cards up to date for as long as the app lives.
func (a *App) follow(ctx context.Context) {
	pause, warned := firstPause, false
	for ctx.Err() == nil {
		began := time.Now()
		err := a.followOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longestPause {
			pause, warned = firstPause, false
		}
		level := slog.LevelDebug
		if pause == longestPause && !warned { // more than a restart: cards no longer change
			level, warned = slog.LevelWarn, true
		}
		a.cfg.Logger.Log(ctx, level, "event stream broken, following again", "pause", pause, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// followOnce follows Parley's event stream until it breaks. The stream repeats
// nothing, so everything is read anew as soon as it is open.
func (a *App) followOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(silence, func() { cancel(errors.New("nothing was heard for too long")) })
	defer quiet.Stop()

	request, err := a.parley.request(ctx, http.MethodGet, "/v1/events", nil)
	if err != nil {
		return err
	}
	response, err := a.parley.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("event stream: status %d", response.StatusCode)
	}
	if err := a.readAnew(ctx); err != nil {
		return err
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		quiet.Reset(silence)
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if err := a.take(ctx, data); err != nil {
				return err
			}
		}
	}
	return errors.Join(lines.Err(), context.Cause(ctx))
}

// take puts the news of one event on its card, or into its thread, and answers
// what it asks.
func (a *App) take(ctx context.Context, data string) error {
	var event eventBody
	if err := json.Unmarshal([]byte(data), &event); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if event.Data.Message != nil {
		return a.putMessage(*event.Data.Message)
	}
	if event.Data.File != nil {
		a.takeFile(ctx, *event.Data.File)
		return nil
	}
	if event.Data.Decision != nil {
		return a.putAppeal(*event.Data.Decision)
	}
	if event.Data.Proposal != nil {
		if err := a.putTimes(*event.Data.Proposal); err != nil {
			return err
		}
	}
	if err := a.putCard(event.Data.Interview); err != nil || event.Type != "interview.reminder" {
		return err
	}
	return a.putReminder(event.Data.Interview, event.Data.AheadMin, event.Timestamp)
}

// readAnew brings every card up to date, and adds what began or was written
// while nobody followed.
func (a *App) readAnew(ctx context.Context) error {
	modes, err := a.parley.modes(ctx)
	if err != nil {
		return err
	}
	if was := a.modes.Swap(&modes); !slices.Equal(*was, modes) {
		a.pages.tell()
	}
	for _, c := range a.book.all() {
		found, err := a.parley.interviews(ctx, threadID(c.Proposal))
		if told, ok := errors.AsType[*refusal](err); ok && told.code == codeNotFound {
			continue // Parley has not heard of the thread yet
		}
		if err != nil {
			return err
		}
		for _, iv := range slices.Backward(found) { // oldest first
			if err := a.putCard(iv); err != nil {
				return err
			}
		}
		proposed, err := a.parley.proposals(ctx, threadID(c.Proposal))
		if err != nil {
			return err
		}
		for _, t := range slices.Backward(proposed) { // oldest first
			if err := a.putTimes(t); err != nil {
				return err
			}
		}
		written, err := a.parley.said(ctx, threadID(c.Proposal))
		if err != nil {
			return err
		}
		for _, m := range written {
			if err := a.putMessage(m); err != nil {
				return err
			}
		}
		decided, err := a.parley.decisions(ctx, threadID(c.Proposal))
		if err != nil {
			return err
		}
		for _, d := range slices.Backward(decided) { // oldest first
			if err := a.putAppeal(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// putCard puts what is known about an interview on its card and tells the
// pages. An interview of a thread that is not this app's is none of its business.
func (a *App) putCard(iv Interview) error {
	return a.put(iv.Thread, func(c conversation) []Item {
		if !belongs(iv, c.OpenedAt) {
			return nil
		}
		return withCard(c.Items, iv, newItemID())
	})
}

// putMessage puts what somebody wrote, here or in the room, into its thread and
// tells the pages.
func (a *App) putMessage(m said) error {
	return a.put(m.Thread, func(c conversation) []Item {
		if m.At.Before(c.OpenedAt) || slices.ContainsFunc(c.Items, func(it Item) bool { return it.ID == m.ID }) {
			return nil
		}
		return inOrder(c.Items, m.item())
	})
}

// put changes the items of a thread as book.change does, and tells the pages. A
// thread that is not this app's stays as it is.
func (a *App) put(thread string, change func(c conversation) []Item) error {
	proposal, ok := strings.CutPrefix(thread, threadID(""))
	if !ok {
		return nil
	}
	changed, err := a.book.change(proposal, change)
	if changed {
		a.pages.tell()
	}
	if full, ok := errors.AsType[*refusal](err); ok && full.code == codeThreadFull {
		return nil // it is in Parley, and goes on without standing here
	}
	return err
}

func (m said) item() Item {
	item := Item{ID: m.ID, Kind: KindMessage, From: m.From.ID, Text: m.Text, At: m.At, Room: m.Interview != ""}
	if m.File != nil && ownLink(m.File.Link) {
		item.File = m.File
	}
	return item
}

func newItemID() string { return "it_" + ulid.Make().String() }
