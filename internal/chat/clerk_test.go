package chat

import (
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
)

var (
	clara = interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer}
	femi  = interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
)

const address = "femi.adeyemi@fastmail.com"

// desk is a clerk at work on a real store, with one thread, in virtual time.
type desk struct {
	*Clerk
	t     *testing.T
	store *store.Store

	mu   sync.Mutex
	seen []Event
}

func story(t *testing.T, mode guard.Mode, tell func(t *testing.T, d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), storetest.Dir(t), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		d := &desk{t: t, store: db}
		d.Clerk = New(Config{
			Store: db, Key: []byte("a key of the operator's"), Mode: mode, Allowed: []string{"calls.example.org"},
			Files:  FileRules{FilePolicy: interview.FilePolicy{MaxSize: 10 << 20}, Origins: []string{"https://files.example.org"}},
			Encode: func(e Event) ([]byte, error) { return json.Marshal(e.Type) },
		})
		defer d.Close()
		d.Watch(func(e Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.seen = append(d.seen, e)
		})
		d.must(db.PutThread(t.Context(), interview.Thread{ID: "th", Participants: []interview.Participant{clara, femi}}, time.Now()))
		tell(t, d)
	})
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) send(who interview.Participant, text string) Sent {
	d.t.Helper()
	sent, err := d.Send(d.t.Context(), Draft{Thread: "th", Author: who, Text: text})
	d.must(err)
	return sent
}

func (d *desk) contract(state interview.ContractState, at time.Time) {
	d.t.Helper()
	d.must(d.store.PutThread(d.t.Context(), interview.Thread{
		ID: "th", Participants: []interview.Participant{clara, femi}, Contract: interview.Contract{State: state, EffectiveAt: at},
	}, time.Now()))
	d.must(d.Refresh(d.t.Context(), "th"))
}

// told returns the types of the events so far, and forgets them.
func (d *desk) told() (types []string) {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.seen {
		types = append(types, e.Type)
	}
	d.seen = nil
	return types
}

func (d *desk) wantTold(want ...string) {
	d.t.Helper()
	if got := d.told(); !slices.Equal(got, want) {
		d.t.Errorf("told %v, want %v", got, want)
	}
}

func (d *desk) wantAction(text string, want guard.Action) Sent {
	d.t.Helper()
	sent := d.send(femi, text)
	if sent.Action != want {
		d.t.Errorf("%q: got %s, want %s", text, sent.Action, want)
	}
	return sent
}

func TestContractThatStartsInTheMiddleLiftsTheGuardByItself(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		d.wantAction("write to "+address, guard.Block)
		d.contract(interview.ContractOffered, time.Time{})
		d.wantAction("write to "+address, guard.Block)
		d.contract(interview.ContractActive, time.Now().Add(20*time.Minute))
		time.Sleep(20*time.Minute - time.Second)
		d.wantAction("write to "+address, guard.Block)
		d.wantTold(EventBlocked, EventBlocked, EventBlocked)
		time.Sleep(time.Second)
		d.wantTold(EventLifted)
		if sent := d.wantAction("write to "+address, guard.Allow); sent.Message.Text != "write to "+address {
			t.Errorf("delivered %q", sent.Message.Text)
		}
		d.contract(interview.ContractEnded, time.Time{})
		d.wantAction("write to "+address, guard.Allow)
		d.wantTold(EventMessage, EventMessage)
	})
}

func TestGuardComesBackAfterTheContractOnlyWhereThatIsWanted(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		_, err := d.SetPolicy(t.Context(), "th", Policy{Mode: guard.Full, Rearm: true})
		d.must(err)
		d.contract(interview.ContractActive, time.Time{})
		d.contract(interview.ContractEnded, time.Time{})
		d.wantTold(EventLifted, EventArmed)
		d.wantAction(address, guard.Block)
	})
}

func TestExceptionHoldsForItsTimeAndIsToldOfTwice(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		from := time.Now().Add(time.Hour)
		g, err := d.SetPolicy(t.Context(), "th", Policy{Default: true, Exceptions: []guard.Exception{
			{Reason: guard.SystemAccess, By: "trust", Note: "the repository", From: from, Until: from.Add(time.Hour)},
		}})
		d.must(err)
		if !g.Active || !g.ChangesAt.Equal(from) || !g.Default || g.Mode != guard.Full {
			t.Errorf("got %+v", g)
		}
		d.wantAction(address, guard.Block)
		d.told()
		time.Sleep(time.Hour)
		d.wantTold(EventLifted)
		d.wantAction(address, guard.Allow)
		time.Sleep(time.Hour)
		d.wantTold(EventMessage, EventArmed)
		d.wantAction(address, guard.Block)
	})
}

func TestGuardThatLiftedWhileTheServerWasDownIsToldAtTheStart(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		d.must(d.store.PutAPIKey(t.Context(), store.APIKey{ID: "key", Hash: make([]byte, 32), CreatedAt: time.Now()}))
		d.must(d.store.PutWebhook(t.Context(), store.Webhook{
			ID: "wh", APIKey: "key", URL: "https://a.example", Enabled: true, Secret: "s", CreatedAt: time.Now(), UpdatedAt: time.Now(),
		}))
		d.contract(interview.ContractActive, time.Now().Add(time.Hour))
		d.must(d.Close())
		time.Sleep(3 * time.Hour)
		d.wantTold()
		again := New(d.cfg)
		defer again.Close()
		time.Sleep(2 * time.Hour) // once, however often it looks
		synctest.Wait()
		kept, err := d.store.Guarding(t.Context(), "th")
		d.must(err)
		if kept.Active || !kept.ChangesAt.IsZero() {
			t.Errorf("kept %+v", kept)
		}
		told, err := d.store.Deliveries(t.Context(), "wh", 0, 10)
		d.must(err)
		if len(told) != 1 || told[0].Message.Type != EventLifted {
			t.Errorf("webhooks are told %+v, want once that it lifted", told)
		}
	})
}

func TestWhatIsMaskedIsDeliveredWithoutIt(t *testing.T) {
	story(t, guard.MaskOnly, func(t *testing.T, d *desk) {
		sent := d.wantAction("My mail is "+address+", write soon", guard.Mask)
		if !sent.Message.Masked || strings.Contains(sent.Message.Text, "fastmail") || !strings.Contains(sent.Message.Text, "write soon") {
			t.Errorf("delivered %+v", sent.Message)
		}
		d.wantTold(EventMessage, EventMasked)
		kept, err := d.store.GuardDecision(t.Context(), sent.Record)
		d.must(err)
		if kept.Action != "mask" || kept.Actor != femi.ID || len(kept.Findings) != 1 || strings.Contains(kept.Findings[0].Preview, "fastmail") {
			t.Errorf("kept %+v", kept)
		}
	})
}

func TestObservingDeliversEverythingAndKeepsWhatWasFound(t *testing.T) {
	story(t, guard.Observe, func(t *testing.T, d *desk) {
		if sent := d.wantAction("write to "+address, guard.Allow); sent.Message.Text != "write to "+address || sent.Record == "" {
			t.Errorf("got %+v", sent)
		}
		d.wantTold(EventMessage, EventFlagged)
		if n := d.Stats(); n.Messages != 1 || n.Decisions["allow"] != 1 || n.Findings["email"] != 1 {
			t.Errorf("counted %+v", n)
		}
	})
}

func TestDetailsInPiecesAreFoundOverMessages(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		d.wantAction("my number is 0171", guard.Allow)
		if sent := d.send(femi, "5550 1982"); sent.Action < guard.Mask {
			t.Errorf("the rest of the number: got %s", sent.Action)
		}
	})
}

func TestRewardIsDeliveredAndMarked(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		sent := d.wantAction("I'll give you a $50 gift card if you hire me", guard.Nudge)
		if !sent.Message.Reward || sent.Message.Masked {
			t.Errorf("got %+v", sent.Message)
		}
	})
}

func TestOneMessageSentTwiceIsOneMessage(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		draft := Draft{Thread: "th", Author: femi, Text: "Hello?", Ref: "r1"}
		first, err := d.Send(t.Context(), draft)
		d.must(err)
		again, err := d.Send(t.Context(), draft)
		d.must(err)
		if first.Message != again.Message || first.Message.N != 1 {
			t.Errorf("got %+v and %+v", first.Message, again.Message)
		}
		draft.Author = clara // another person's r1 is another message
		other, err := d.Send(t.Context(), draft)
		d.must(err)
		if other.Message.N != 2 {
			t.Errorf("got %+v", other.Message)
		}
		d.wantTold(EventMessage, EventMessage)
	})
}

func TestMessageSentAgainIsToldWhatWasKept(t *testing.T) {
	for name, text := range map[string]string{
		"masked": "write to " + address + ", please",
		"nudged": "I'll give you a $50 gift card if you hire me",
		"plain":  "Hello?",
	} {
		t.Run(name, func(t *testing.T) {
			story(t, guard.MaskOnly, func(t *testing.T, d *desk) {
				draft := Draft{Thread: "th", Author: femi, Text: text, Ref: "r1"}
				first, err := d.Send(t.Context(), draft)
				d.must(err)
				d.contract(interview.ContractActive, time.Time{}) // the guard has lifted meanwhile
				again, err := d.Send(t.Context(), draft)
				d.must(err)
				again.Guarding = first.Guarding
				if !reflect.DeepEqual(first, again) {
					t.Errorf("first  %+v\nagain  %+v", first, again)
				}
				kept, err := d.store.GuardDecisions(t.Context(), store.DecisionFilter{}, 10)
				d.must(err)
				if want := min(len(first.Findings), 1); len(kept) != want || want > 0 && kept[0].ID != again.Record {
					t.Errorf("told of decision %q, and kept are %+v", again.Record, kept)
				}
				draft.Text = "?" // under the name of the other
				if other, err := d.Send(t.Context(), draft); err != nil || other.Message != first.Message || len(other.Findings) > 0 {
					t.Errorf("another text under the same name: %+v, %v", other, err)
				}
			})
		})
	}
}

func TestMessageSentTwiceAtTheSameMomentIsJudgedOnce(t *testing.T) {
	story(t, guard.MaskOnly, func(t *testing.T, d *desk) {
		var sent [2]Sent
		var both sync.WaitGroup
		d.writing <- struct{}{} // nobody writes until both have judged
		for i := range sent {
			both.Go(func() {
				var err error
				sent[i], err = d.Send(t.Context(), Draft{Thread: "th", Author: femi, Text: "write to " + address, Ref: "r1"})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		<-d.writing
		both.Wait()
		if sent[0].Record == "" || !reflect.DeepEqual(sent[0], sent[1]) {
			t.Errorf("told %+v\nand  %+v", sent[0], sent[1])
		}
		d.wantTold(EventMessage, EventMasked)
	})
}

// Digits in pieces are found with what was written before; the first piece, sent
// again, is not taken for the next.
func TestRepeatIsNotJudgedByWhatItIsARepeatOf(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		draft := Draft{Thread: "th", Author: femi, Text: "07700 90", Ref: "r1"}
		first, err := d.Send(t.Context(), draft)
		d.must(err)
		again, err := d.Send(t.Context(), draft)
		d.must(err)
		if first.Action != guard.Allow || again.Action != first.Action || again.Message != first.Message {
			t.Errorf("first %+v, again %+v", first, again)
		}
		d.wantTold(EventMessage)
	})
}

func TestOwnDomainIsNoContactDetail(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		d.wantAction("join at https://calls.example.org/r/iv_1", guard.Allow)
	})
}

func TestUnknownThreadIsRefused(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		_, err := d.Send(t.Context(), Draft{Thread: "nowhere", Author: femi, Text: "hello"})
		wantError(t, err, ErrNoThread)
		_, err = d.Guarding(t.Context(), "nowhere")
		wantError(t, err, ErrNoThread)
		_, err = d.SetPolicy(t.Context(), "nowhere", Policy{})
		wantError(t, err, ErrNoThread)
	})
}

func TestHistoryComesInPagesOfBoundedSize(t *testing.T) {
	story(t, guard.Off, func(t *testing.T, d *desk) {
		for range 5 {
			d.send(clara, strings.Repeat("x", 100))
		}
		for _, test := range []struct {
			before      int64
			limit, size int
			want        []int64
			more        bool
		}{
			{0, 10, 1000, []int64{1, 2, 3, 4, 5}, false},
			{0, 2, 1000, []int64{4, 5}, true},
			{4, 2, 1000, []int64{2, 3}, true},
			{2, 2, 1000, []int64{1}, false},
			{0, 10, 250, []int64{4, 5}, true},
			{0, 10, 1, []int64{5}, true},
		} {
			found, more, err := d.History(t.Context(), "th", test.before, test.limit, test.size)
			d.must(err)
			var got []int64
			for _, m := range found {
				got = append(got, m.N)
			}
			if !slices.Equal(got, test.want) || more != test.more {
				t.Errorf("before %d, %d, %d bytes: got %v and more %v, want %v and %v", test.before, test.limit, test.size, got, more, test.want, test.more)
			}
		}
	})
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
