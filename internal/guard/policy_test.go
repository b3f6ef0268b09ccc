package guard

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)

func TestTheGuardLiftsByItself(t *testing.T) {
	p := Policy{Mode: Full}
	soon := Contract{State: ContractActive, EffectiveAt: noon}
	for _, c := range []struct {
		name     string
		policy   Policy
		contract Contract
		now      time.Time
		want     bool
	}{
		{"no contract", p, Contract{}, noon, true},
		{"offered", p, Contract{State: Offered, EffectiveAt: noon.Add(-time.Hour)}, noon, true},
		{"starts later", p, soon, noon.Add(-time.Nanosecond), true},
		{"starts now", p, soon, noon, false},
		{"no start named", p, Contract{State: ContractActive}, noon, false},
		{"ended", p, Contract{State: Ended}, noon, false},
		{"ended, armed again", Policy{Mode: Full, RearmWhenEnded: true}, Contract{State: Ended}, noon, true},
		{"off", Policy{}, Contract{}, noon, false},
		{"observed", Policy{Mode: Observe}, Contract{}, noon, true},
		{"a state nobody knows", p, Contract{State: 99}, noon, true},
	} {
		if got := c.policy.Active(c.contract, c.now); got != c.want {
			t.Errorf("%s: active %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAnExceptionHoldsForItsTime(t *testing.T) {
	p := Policy{Mode: Full, Exceptions: []Exception{{Reason: SystemAccess, By: "host-7", Note: "repository access", From: noon, Until: noon.Add(time.Hour)}}}
	for after, want := range map[time.Duration]bool{-1: true, 0: false, time.Hour - 1: false, time.Hour: true} {
		if got := p.Active(Contract{}, noon.Add(after)); got != want {
			t.Errorf("%v after it begins: active %v, want %v", after, got, want)
		}
	}
	p.Exceptions[0].Until = time.Time{}
	if p.Active(Contract{}, noon.AddDate(1, 0, 0)) {
		t.Error("an exception without an end has ended")
	}
}

func TestTheNextChangeIsTheFirstToCome(t *testing.T) {
	c := Contract{State: ContractActive, EffectiveAt: noon.Add(3 * time.Hour)}
	p := Policy{Mode: Full, Exceptions: []Exception{{From: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour)}}}
	now := noon
	for _, want := range []time.Duration{1, 2, 3} {
		next, ok := p.NextChange(c, now)
		if !ok || !next.Equal(noon.Add(want*time.Hour)) {
			t.Fatalf("after %v comes %v, want %v h after noon", now, next, int(want))
		}
		now = next
	}
	if next, ok := p.NextChange(c, now); ok {
		t.Errorf("something is to change at %v, want nothing", next)
	}
}

func TestEachModeHasItsLimit(t *testing.T) {
	g := New()
	const literal, disguised, asked, plainText = "mail sam.odell@brightforge.io", "sam(at)brightforge(dot)io", "What's your phone number?", "see you at ten"
	for _, c := range []struct {
		mode    Mode
		surface Surface
		want    [4]Action
	}{
		{Off, Chat, [4]Action{Allow, Allow, Allow, Allow}},
		{Observe, Chat, [4]Action{Allow, Allow, Allow, Allow}},
		{Warn, Chat, [4]Action{Nudge, Nudge, Nudge, Allow}},
		{MaskOnly, Thread, [4]Action{Mask, Mask, Nudge, Allow}},
		{Full, Thread, [4]Action{Block, Mask, Nudge, Allow}},
		{Full, Name, [4]Action{Block, Block, Nudge, Allow}},
		{Full, FileName, [4]Action{Block, Block, Nudge, Allow}},
		{Full, Caption, [4]Action{Allow, Allow, Allow, Allow}},
		{Mode(77), Chat, [4]Action{Allow, Allow, Allow, Allow}},
	} {
		for i, text := range []string{literal, disguised, asked, plainText} {
			d := g.Check(Check{Text: text, Surface: c.surface, Policy: Policy{Mode: c.mode}})
			if d.Action != c.want[i] {
				t.Errorf("%v, %v, %q: %v, want %v", c.mode, c.surface, text, d.Action, c.want[i])
			}
			if found := len(d.Findings) > 0; found != (c.mode != Off && i < 3) {
				t.Errorf("%v, %v, %q: findings %+v", c.mode, c.surface, text, d.Findings)
			}
		}
	}
}

func TestTheOperatorsDomainsAreNoContact(t *testing.T) {
	g := New()
	p := Policy{Mode: Full, Allowed: []string{"Host.app", " calls.example-host.io. ", ""}}
	for text, want := range map[string]Action{
		"https://host.app/contact":                    Allow,
		"https://meet.host.app/j/abc":                 Allow,
		"write to help@host.app":                      Allow,
		"https://calls.example-host.io/j/1?t=2":       Allow,
		"my site is nothost.app":                      Mask,
		"mail me at sam@nothost.app":                  Block,
		"mail me at sam@host.app.evil.io":             Block,
		"contact me at https://host.app.evil.io/form": Mask,
		"see https://host.app@t.me/sam_builds":        Block,
	} {
		if got := g.Check(Check{Text: text, Policy: p}); got.Action != want {
			t.Errorf("%q: %v %+v, want %v", text, got.Action, got.Findings, want)
		}
	}
}

func TestNamesAreReadBackAsTheyAreWritten(t *testing.T) {
	for s := Chat; s <= Caption; s++ {
		if got, ok := ParseSurface(s.String()); !ok || got != s {
			t.Errorf("surface %d is %q and read as %d", s, s, got)
		}
	}
	for c := Email; c <= TooLong; c++ {
		if got, ok := ParseCategory(c.String()); !ok || got != c {
			t.Errorf("category %d is %q and read as %d", c, c, got)
		}
	}
	for a := Allow; a <= Block; a++ {
		if got, ok := ParseAction(a.String()); !ok || got != a {
			t.Errorf("action %d is %q and read as %d", a, a, got)
		}
	}
	for m := Off; m <= Full; m++ {
		if got, ok := ParseMode(m.String()); !ok || got != m {
			t.Errorf("mode %d is %q and read as %d", m, m, got)
		}
	}
	for r := Enterprise; r <= SystemAccess; r++ {
		if got, ok := ParseReason(r.String()); !ok || got != r {
			t.Errorf("reason %d is %q and read as %d", r, r, got)
		}
	}
	for s := NoContract; s <= Ended; s++ {
		if got, ok := ParseContractState(s.String()); !ok || got != s {
			t.Errorf("state %d is %q and read as %d", s, s, got)
		}
	}
	if _, ok := ParseMode("loud"); ok || Mode(-1).String() != "unknown" {
		t.Error("a mode that is none has a name")
	}
}
