package webhook

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/store"
)

func TestReceiverThatWasDownForHoursGetsAllInOrder(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		h.reachable(false)
		for n := range 3 {
			h.happen("iv_1", "1."+strconv.Itoa(n))
			h.happen("iv_2", "2."+strconv.Itoa(n))
		}
		h.later(6 * time.Hour)
		h.wantBodies()
		h.reachable(true)
		h.later(6 * time.Hour)
		order := map[byte]int{}
		for _, g := range h.seen() {
			if n := int(g.body[2] - '0'); n != order[g.body[0]] {
				t.Errorf("%s came when %d was next", g.body, order[g.body[0]])
			}
			order[g.body[0]]++
		}
		if order['1'] != 3 || order['2'] != 3 {
			t.Errorf("got %v messages of the interviews, want 3 each", order)
		}
		if s := h.deliverer.Stats(); s.Delivered != 6 || s.Queued != 0 || s.Failed[ReasonUnreachable] == 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestTenAttemptsWithTheSchedulesPauses(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		h.answers(func(got) (int, map[string]string) { return 500, nil })
		h.happen("iv", "a")
		h.later(90 * time.Hour)
		seen := h.seen()
		if len(seen) != len(steps) {
			t.Fatalf("%d attempts, want %d", len(seen), len(steps))
		}
		for i := 1; i < len(seen); i++ {
			wait := seen[i].at.Sub(seen[i-1].at)
			if wait < steps[i]*9/10 || wait > steps[i]*11/10+time.Second {
				t.Errorf("attempt %d came after %v, want about %v", i+1, wait, steps[i])
			}
			if seen[i].id != seen[0].id {
				t.Errorf("webhook-id changed from %s to %s", seen[0].id, seen[i].id)
			}
		}
		d, err := h.store.Delivery(t.Context(), "wh", 1)
		if err != nil || d.State != store.DeliveryFailed || d.Reason != ReasonStatus {
			t.Errorf("got %+v and %v, want it failed", d, err)
		}
		attempts, err := h.store.Attempts(t.Context(), 1)
		if err != nil || len(attempts) != 10 || attempts[0].Snippet != "what it said" {
			t.Errorf("the log holds %d attempts, %+v (%v)", len(attempts), attempts, err)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, header := range map[string]func(now time.Time) string{
		"seconds": func(time.Time) string { return "3600" },
		"date":    func(now time.Time) string { return now.Add(time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, h *house) {
				h.endpoint("wh")
				h.answers(func(got) (int, map[string]string) {
					return 503, map[string]string{"Retry-After": header(time.Now())}
				})
				h.happen("iv_1", "a")
				h.later(time.Second)
				h.answers(func(got) (int, map[string]string) { return 200, nil })
				h.happen("iv_2", "b") // the whole endpoint asked for a rest
				h.later(58 * time.Minute)
				h.wantBodies("a")
				h.later(3 * time.Minute)
				if got := len(h.seen()); got != 3 {
					t.Errorf("%d requests after the hour, want 3", got)
				}
			})
		})
	}
}

func TestGoneDisablesTheEndpoint(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		h.answers(func(got) (int, map[string]string) { return 410, nil })
		h.happen("iv", "a")
		h.later(time.Second)
		h.happen("iv", "b")
		h.later(48 * time.Hour)
		h.wantBodies("a")
		if w := h.all()[0]; w.Enabled || w.DisabledReason == "" {
			t.Errorf("got %+v, want it disabled with a reason", w)
		}
	})
}

func TestRedirectsAreFailuresAndNotFollowed(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		h.answers(func(got) (int, map[string]string) {
			return 307, map[string]string{"Location": "http://receiver/elsewhere"}
		})
		h.happen("iv", "a")
		h.later(time.Second)
		if seen := h.seen(); len(seen) != 1 || seen[0].path != "/wh" {
			t.Errorf("got %+v, want one request to /wh", seen)
		}
		if got := h.deliverer.Stats().Failed[ReasonRedirect]; got != 1 {
			t.Errorf("%d redirects, want 1", got)
		}
	})
}

func TestRotatedSecretsBothSignForADay(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		old := h.endpoint("wh").Secret
		fresh := NewSecret()
		_, err := h.store.ChangeWebhook(t.Context(), "key", "wh", func(w *store.Webhook) error {
			w.PreviousSecret, w.PreviousUntil, w.Secret = w.Secret, time.Now().Add(24*time.Hour), fresh
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		verifies := func(secret string) bool {
			seen := h.seen()
			last := seen[len(seen)-1]
			return Verify(secret, last.header, []byte(last.body)) == nil
		}
		h.happen("iv", "a")
		h.later(time.Second)
		if !verifies(old) || !verifies(fresh) {
			t.Error("a secret does not verify on the day of the rotation")
		}
		h.later(25 * time.Hour)
		h.happen("iv", "b")
		h.later(time.Second)
		if verifies(old) || !verifies(fresh) {
			t.Error("the day after, only the new secret should verify")
		}
	})
}

func TestSlowEndpointDelaysNoOther(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("quick")
		h.endpoint("slow")
		h.answers(func(g got) (int, map[string]string) {
			if g.path == "/slow" {
				time.Sleep(time.Minute) // longer than anybody waits
			}
			return 204, nil
		})
		for n := range 50 {
			h.happen("iv_"+strconv.Itoa(n), "x")
		}
		h.later(2 * time.Second)
		quick, slow := 0, 0
		for _, g := range h.seen() {
			if g.path == "/quick" {
				quick++
			} else {
				slow++
			}
		}
		if quick != 50 || slow > perEndpoint {
			t.Errorf("%d quick ones and %d slow ones in two seconds, want 50 and at most %d", quick, slow, perEndpoint)
		}
		h.later(20 * time.Second)
		if got := h.deliverer.Stats().Failed[ReasonTimeout]; got == 0 {
			t.Error("no attempt timed out after 15 s")
		}
		h.answers(func(got) (int, map[string]string) { return 204, nil })
		h.later(2 * time.Minute) // lets the receiver's handlers end
	})
}

func TestMessageThatIsRefusedHoldsUpItsInterviewOnly(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		h.answers(func(g got) (int, map[string]string) {
			if g.body == "poison" {
				return 400, nil
			}
			return 204, nil
		})
		h.happen("iv_1", "poison")
		h.happen("iv_1", "behind")
		h.later(time.Second)
		h.happen("iv_2", "other")
		h.later(time.Second)
		h.wantBodies("poison", "other")
		h.later(90 * time.Hour)
		seen := bodies(h.seen())
		if len(seen) != 12 || seen[11] != "behind" {
			t.Errorf("got %v, want ten poisons and then what was behind", seen)
		}
	})
}

func TestCloseAndStartAgainLosesNothing(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.endpoint("wh")
		hang := make(chan struct{})
		h.answers(func(got) (int, map[string]string) { <-hang; return 204, nil })
		h.happen("iv", "a")
		h.happen("iv", "b")
		h.later(time.Second)
		h.deliverer.Close()
		h.answers(func(got) (int, map[string]string) { return 204, nil })
		close(hang)
		h.deliverer = New(h.cfg)
		h.later(time.Minute)
		synctest.Wait()
		h.wantBodies("a", "a", "b")
	})
}
