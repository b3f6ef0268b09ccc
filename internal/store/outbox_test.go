package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"
)

func putEndpoint(t testing.TB, s *Store, id string, events ...string) Webhook {
	t.Helper()
	if err := s.PutAPIKey(t.Context(), APIKey{ID: "key", Hash: make([]byte, 32), CreatedAt: noon}); err != nil {
		t.Fatal(err)
	}
	w := Webhook{ID: id, APIKey: "key", URL: "https://a.example", Events: events, Enabled: true, Secret: "s", CreatedAt: noon, UpdatedAt: noon}
	if err := s.PutWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w
}

func message(id, kind, subject string) Message {
	return Message{ID: id, Type: kind, Subject: subject, At: noon, Body: []byte(`{"id":"` + id + `"}`)}
}

func due(t *testing.T, s *Store, endpoint string, now time.Time) (ids []string) {
	t.Helper()
	found, err := s.DueDeliveries(t.Context(), endpoint, now, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		ids = append(ids, d.Message.ID)
	}
	return ids
}

func TestMessagesAreStoredWithTheInterviewOrNotAtAll(t *testing.T) {
	s := open(t)
	putEndpoint(t, s, "wh")
	putEndpoint(t, s, "picky", "b")
	th := putThread(t, s, "t")
	if err := s.SaveInterview(t.Context(), ringing(t, th, "iv_1"), message("m1", "a", "iv_1"), message("m2", "b", "iv_1")); err != nil {
		t.Fatal(err)
	}
	// The thread has an interview that rings: this one is refused.
	err := s.SaveInterview(t.Context(), ringing(t, th, "iv_2"), message("m3", "a", "iv_2"))
	wantError(t, err, ErrConflict)
	same(t, due(t, s, "wh", noon), []string{"m1"}) // m2 waits behind it, m3 never was
	same(t, due(t, s, "picky", noon), []string{"m2"})
}

func TestNextOfASubjectIsDueWhenTheOneBeforeItIsDone(t *testing.T) {
	s := open(t)
	putEndpoint(t, s, "wh")
	for _, m := range []Message{message("m1", "a", "x"), message("m2", "a", "x"), message("n1", "a", "y")} {
		if _, err := s.SendTest(t.Context(), "key", "wh", m); err != nil {
			t.Fatal(err)
		}
	}
	same(t, due(t, s, "wh", noon), []string{"m1", "n1"})
	failed := Outcome{Delivery: 1, Attempt: Attempt{At: noon, Reason: "status"}, State: DeliveryPending, NextAt: noon.Add(time.Minute)}
	if err := s.SaveOutcome(t.Context(), failed); err != nil {
		t.Fatal(err)
	}
	same(t, due(t, s, "wh", noon), []string{"n1"})
	same(t, due(t, s, "wh", noon.Add(time.Minute)), []string{"n1", "m1"})
	if err := s.SaveOutcome(t.Context(), Outcome{Delivery: 1, Attempt: Attempt{At: noon}, State: DeliveryDelivered}); err != nil {
		t.Fatal(err)
	}
	same(t, due(t, s, "wh", noon), []string{"m2", "n1"})
	wantError(t, s.SaveOutcome(t.Context(), Outcome{Delivery: 99, State: DeliveryDelivered}), ErrNotFound)
}

func TestPruningKeepsWhatHasYetToArrive(t *testing.T) {
	s := open(t)
	putEndpoint(t, s, "wh")
	for _, m := range []Message{message("done", "a", "x"), message("pending", "a", "y"), message("newest", "a", "z")} {
		if _, err := s.SendTest(t.Context(), "key", "wh", m); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int64{1, 3} {
		if err := s.SaveOutcome(t.Context(), Outcome{Delivery: n, Attempt: Attempt{At: noon}, State: DeliveryDelivered}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PruneWebhooks(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	found, err := s.Deliveries(t.Context(), "wh", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, d := range found {
		left = append(left, d.Message.ID)
	}
	same(t, left, []string{"newest", "pending"})
}

func TestReplaySendsWhatIsKeptAndWanted(t *testing.T) {
	s := open(t)
	w := putEndpoint(t, s, "wh", "b")
	th := putThread(t, s, "t")
	if err := s.SaveInterview(t.Context(), ringing(t, th, "iv"), message("m1", "a", "iv"), message("m2", "b", "iv")); err != nil {
		t.Fatal(err)
	}
	if n, _, err := s.ReplaySince(t.Context(), w, noon, noon); n != 0 || err != nil {
		t.Errorf("%d are sent again (%v), and the one is on its way", n, err)
	}
	if err := s.SaveOutcome(t.Context(), Outcome{Delivery: 1, Attempt: Attempt{At: noon}, State: DeliveryDelivered}); err != nil {
		t.Fatal(err)
	}
	if n, last, err := s.ReplaySince(t.Context(), w, noon, noon); n != 1 || !last.Equal(noon) || err != nil {
		t.Errorf("%d are sent again until %v (%v), want 1", n, last, err)
	}
	same(t, due(t, s, "wh", noon), []string{"m2"})
}

func TestReplayKeepsTheOrderOfASubject(t *testing.T) {
	s := open(t)
	w := putEndpoint(t, s, "wh")
	th := putThread(t, s, "t")
	if err := s.SaveInterview(t.Context(), ringing(t, th, "iv"), message("m1", "a", "iv"), message("m2", "b", "iv"), message("m3", "a", "other")); err != nil {
		t.Fatal(err)
	}
	deliver := func(n int64) {
		t.Helper()
		if err := s.SaveOutcome(t.Context(), Outcome{Delivery: n, Attempt: Attempt{At: noon}, State: DeliveryDelivered}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range int64(3) {
		deliver(n + 1)
	}
	if n, _, err := s.ReplaySince(t.Context(), w, noon, noon); n != 3 || err != nil {
		t.Fatalf("%d are sent again, %v, want 3", n, err)
	}
	same(t, due(t, s, "wh", noon), []string{"m1", "m3"}) // m2 waits behind m1
	deliver(4)
	same(t, due(t, s, "wh", noon), []string{"m2", "m3"})
}

func TestWebhooksGoWithTheirKey(t *testing.T) {
	s := open(t)
	w := putEndpoint(t, s, "wh")
	w.APIKey = "nobody"
	w.ID = "other"
	wantError(t, s.PutWebhook(t.Context(), w), ErrNotFound)
	if err := s.exec(t.Context(), `DELETE FROM api_keys WHERE id = 'key'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Webhook(t.Context(), "key", "wh"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want it gone", err)
	}
}

// BenchmarkOutbox is what the outbox costs when a hundred thousand interviews
// have been, with six messages each for two endpoints.
func BenchmarkOutbox(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := putEndpoint(b, s, "wh1")
	putEndpoint(b, s, "wh2")
	for _, q := range []string{
		`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < 600000)
			INSERT INTO webhook_messages SELECT n, 'm'||n, 'interview.started', 'iv'||(n/6), n*1000000, '{"some":"body"}' FROM c`,
		`INSERT INTO webhook_deliveries SELECT seq, 'wh1', seq, subject, 'delivered', 1, '', at, NULL, at FROM webhook_messages`,
		`INSERT INTO webhook_deliveries SELECT 600000+seq, 'wh2', seq, subject, CASE WHEN seq % 60 = 0 THEN 'pending' ELSE 'delivered' END, 1, '', at, at, at FROM webhook_messages`,
		`INSERT INTO webhook_attempts SELECT n, 1, created_at, 1000, 204, '', 'ok' FROM webhook_deliveries`,
	} {
		if err := s.exec(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for name, f := range map[string]func() error{
		"queues":           func() error { _, err := s.Queues(b.Context()); return err },
		"due":              func() error { _, err := s.DueDeliveries(b.Context(), "wh2", time.Now(), 5); return err },
		"list":             func() error { _, err := s.Deliveries(b.Context(), "wh1", 300000, 101); return err },
		"backlog":          func() error { _, _, err := s.Backlog(b.Context()); return err },
		"nothing to prune": func() error { return s.PruneWebhooks(b.Context(), time.UnixMicro(1)) },
		"send": func() error {
			n++
			_, err := s.SendTest(b.Context(), "key", "wh1", message(fmt.Sprint("x", n), "a", fmt.Sprint("s", n)))
			return err
		},
		"replay": func() error {
			_, _, err := s.ReplaySince(b.Context(), w, time.UnixMicro(599000*1000000), noon)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
