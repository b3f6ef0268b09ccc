package chat

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

func (d *desk) contest(decision string, want error) store.GuardDecision {
	d.t.Helper()
	kept, err := d.Contest(d.t.Context(), decision, femi.ID, "it is the address of my shop")
	wantError(d.t, err, want)
	return kept
}

func (d *desk) decide(decision string, upheld bool, want error) store.GuardDecision {
	d.t.Helper()
	kept, err := d.Decide(d.t.Context(), decision, "trust", upheld)
	wantError(d.t, err, want)
	return kept
}

func TestDecisionIsContestedOnceAndDecidedOnce(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		id := d.wantAction(address, guard.Block).Record
		d.decide(id, true, ErrNotContested)
		d.contest(id, nil)
		d.contest(id, ErrContested)
		kept := d.decide(id, true, nil)
		if a := kept.Appeal; !a.Upheld || a.DecidedBy != "trust" || a.Words != "it is the address of my shop" {
			t.Errorf("got %+v", a)
		}
		d.decide(id, false, ErrNotContested)
		d.contest("gd_none", store.ErrNotFound)
		d.wantTold(EventBlocked, EventAppealed, EventAppealDecided)
	})
}

func TestWhatAnAppealClearedGoesThroughAndNothingElse(t *testing.T) {
	for _, mode := range []guard.Mode{guard.Full, guard.MaskOnly} {
		story(t, mode, func(t *testing.T, d *desk) {
			held := guard.Block
			if mode == guard.MaskOnly {
				held = guard.Mask
			}
			id := d.wantAction("write to "+address, held).Record
			d.contest(id, nil)
			d.wantAction("write to "+address, held) // nobody has decided
			d.decide(id, true, nil)
			d.wantAction("and FEMI.adeyemi@fastmail.com it is", guard.Allow)
			if sent := d.wantAction(address+" or other.person@fastmail.com", held); len(sent.Findings) != 1 || sent.Findings[0].Start < len(address) {
				t.Errorf("found %+v, want the other address alone", sent.Findings)
			} else if mode == guard.MaskOnly && sent.Message.Text != address+" or "+guard.Hidden {
				t.Errorf("delivered %q", sent.Message.Text)
			}
			g, err := d.Guarding(t.Context(), "th")
			d.must(err)
			if !g.Active || len(g.Exceptions) != 1 || g.Exceptions[0].Reason != guard.Appealed || g.Exceptions[0].By != "trust" || g.Exceptions[0].Decision != id {
				t.Errorf("guarded by %+v, want an exception that came of the appeal", g)
			}
			_, err = d.SetPolicy(t.Context(), "th", Policy{Mode: mode, Exceptions: g.Exceptions})
			d.must(err)
			d.wantAction(address, guard.Allow) // said again, it stays
			_, err = d.SetPolicy(t.Context(), "th", Policy{Mode: mode})
			d.must(err)
			again := d.wantAction(address, held).Record // left out, it is taken back
			d.contest(again, nil)                       // and it was not contested in vain
			_, err = d.SetPolicy(t.Context(), "th", Policy{Mode: mode, Exceptions: g.Exceptions})
			if unknown, ok := err.(*ExceptionError); !ok || unknown.N != 0 {
				t.Errorf("an appeal that clears nothing any more: %v", err)
			}
		})
	}
}

func TestOnlyWhoWroteItContests(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		id := d.wantAction(address, guard.Block).Record
		_, err := d.Contest(t.Context(), id, clara.ID, "let them")
		wantError(t, err, ErrNotTheirs)
		known, err := d.store.Thread(t.Context(), "th")
		d.must(err)
		v, err := d.Judge(t.Context(), known, Text{Surface: guard.Title, Text: address}, true)
		d.must(err)
		_, err = d.Contest(t.Context(), v.Record, "stranger", "let them")
		wantError(t, err, ErrNotTheirs)
		_, err = d.Contest(t.Context(), v.Record, clara.ID, "it is the name of the project")
		d.must(err)
		_, err = d.Contest(t.Context(), id, femi.ID, "\x00")
		if rule, ok := err.(*interview.Error); !ok || rule.Code != interview.CodeInvalidMessage {
			t.Errorf("words that are none: %v", err)
		}
	})
}

func TestWhatWasContestedInVainIsNotContestedAgain(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		id := d.wantAction(address, guard.Block).Record
		d.contest(id, nil)
		d.contest(d.wantAction("it is "+address, guard.Block).Record, ErrContested) // while it is open
		d.decide(id, false, nil)
		d.wantAction(address, guard.Block)
		d.contest(d.wantAction("so: "+address, guard.Block).Record, ErrContested)
		d.contest(d.wantAction(address+", other.person@fastmail.com", guard.Block).Record, nil)
	})
}

func TestAppealsAreLimited(t *testing.T) {
	story(t, guard.Full, func(t *testing.T, d *desk) {
		n := 0
		next := func() string {
			n++
			return d.wantAction(fmt.Sprintf("person%d@fastmail.com", n), guard.Block).Record
		}
		var open []string
		for range maxOpenAppeals {
			open = append(open, next())
			d.contest(open[len(open)-1], nil)
		}
		d.contest(next(), ErrTooManyAppeals)
		for n < maxDailyAppeal+1 {
			d.decide(open[0], false, nil)
			open = append(open[1:], next())
			d.contest(open[len(open)-1], nil)
		}
		d.decide(open[0], true, nil)
		last := next()
		d.contest(last, ErrTooManyAppeals)
		time.Sleep(24*time.Hour + time.Second)
		d.contest(last, nil)
	})
}
