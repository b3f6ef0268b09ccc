package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPartsStopInTheOppositeOrderAndAllOfThem(t *testing.T) {
	var c closers
	var order []string
	for _, name := range []string{"store", "media", "rooms"} {
		c.add(name, func(context.Context) error {
			order = append(order, name)
			if name == "media" {
				return errors.New("stuck")
			}
			return nil
		})
	}
	err := c.stop(stopTimeout, slog.New(slog.DiscardHandler))
	if err == nil || err.Error() != "stop media: stuck" {
		t.Errorf("got %v, want the error of media", err)
	}
	if want := []string{"rooms", "media", "store"}; !slices.Equal(order, want) {
		t.Errorf("order: got %v, want %v", order, want)
	}
}

func TestStoppingHasOneDeadlineForAllParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c closers
		var storeAt time.Duration
		start := time.Now()
		c.add("store", func(context.Context) error { storeAt = time.Since(start); return nil })
		c.add("media", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c.add("rooms", func(ctx context.Context) error { time.Sleep(4 * time.Second); return nil })
		err := c.stop(stopTimeout, slog.New(slog.DiscardHandler))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want media to have run into the deadline", err)
		}
		if storeAt != stopTimeout {
			t.Errorf("the store was closed after %v, want %v", storeAt, stopTimeout)
		}
	})
}

func TestAPartThatHangsDoesNotKeepTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c closers
		release := make(chan struct{})
		c.add("store", func(context.Context) error { return nil })
		c.add("media", func(context.Context) error { <-release; return nil })
		start := time.Now()
		err := c.stop(stopTimeout, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), "left while closing media") {
			t.Errorf("got %v, want media to be named", err)
		}
		if took := time.Since(start); took > stopTimeout+time.Second {
			t.Errorf("took %v, want little more than %v", took, stopTimeout)
		}
		close(release)
	})
}
