package interview

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func hours(in ...int) []time.Time {
	var out []time.Time
	for _, h := range in {
		out = append(out, noon.Add(time.Duration(h)*time.Hour))
	}
	return out
}

func proposed(t *testing.T) Proposal {
	t.Helper()
	p, events, err := Propose(Proposal{
		ID: "ps_1", By: clara.ID, Mode: ModeVideo, Slots: hours(30, 26), Length: 45 * time.Minute, Zone: "Europe/Prague", Note: "Either is fine.",
	}, thread(), nil, noon)
	if err != nil || len(events) != 1 || events[0].Kind != EventProposed || events[0].Proposal.ID != "ps_1" || events[0].Participant != clara {
		t.Fatalf("got %+v, %v", events, err)
	}
	return p
}

func TestAcceptingASlotMakesItAnAppointment(t *testing.T) {
	p := proposed(t)
	if !slices.Equal(p.Slots, hours(26, 30)) || p.State != ProposalOpen {
		t.Fatalf("got %+v, want it open with the earliest slot first", p)
	}
	a, events, err := p.Accept(femi, p.Slots[1], "iv_1", noon.Add(time.Hour))
	if err != nil || a != (Appointment{p.Slots[1], 45 * time.Minute, "Europe/Prague"}) {
		t.Fatalf("got %+v, %v", a, err)
	}
	if e := events[0]; e.Kind != EventAccepted || e.Interview != "iv_1" || e.Proposal.State != ProposalAccepted || e.Participant != femi {
		t.Errorf("got %+v", e)
	}
	if p.State != ProposalAccepted || !p.Chosen.Equal(p.Slots[1]) || p.Interview != "iv_1" || p.ClosedAt.IsZero() {
		t.Errorf("got %+v", p)
	}
	_, _, err = p.Accept(femi, p.Slots[1], "iv_2", noon.Add(time.Hour))
	wantCode(t, err, CodeProposalClosed)
}

func TestWhoMayAnswerAProposal(t *testing.T) {
	slot := noon.Add(26 * time.Hour)
	for name, c := range map[string]struct {
		do   func(p *Proposal) error
		want string
	}{
		"accept one's own": {func(p *Proposal) error { _, _, err := p.Accept(clara, slot, "iv_1", noon); return err }, CodeNotAllowed},
		"an observer":      {func(p *Proposal) error { _, _, err := p.Accept(ingrid, slot, "iv_1", noon); return err }, CodeNotAllowed},
		"another time": {func(p *Proposal) error {
			_, _, err := p.Accept(femi, slot.Add(time.Hour), "iv_1", noon)
			return err
		}, CodeInvalidTime},
		"a time gone by": {func(p *Proposal) error { _, _, err := p.Accept(femi, slot, "iv_1", slot); return err }, CodeInvalidTime},
		"all gone by": {func(p *Proposal) error {
			_, _, err := p.Accept(femi, slot, "iv_1", slot.Add(4*time.Hour))
			return err
		}, CodeProposalClosed},
		"decline one's own":       {func(p *Proposal) error { _, err := p.Decline(clara, "", noon); return err }, CodeNotAllowed},
		"a reason of two lines":   {func(p *Proposal) error { _, err := p.Decline(femi, "no\nno", noon); return err }, CodeInvalidReason},
		"take back another's":     {func(p *Proposal) error { _, err := p.Withdraw(femi, ReasonWithdrawn, noon); return err }, CodeNotAllowed},
		"after it was taken back": {func(p *Proposal) error { p.State = ProposalWithdrawn; _, err := p.Decline(femi, "", noon); return err }, CodeProposalClosed},
	} {
		p := proposed(t)
		before := p.State
		t.Run(name, func(t *testing.T) { wantCode(t, c.do(&p), c.want) })
		if p.State != before && p.State != ProposalWithdrawn || p.Interview != "" {
			t.Errorf("%s: refused, and yet it is %+v", name, p)
		}
	}
	p := proposed(t)
	if events, err := p.Decline(femi, "I travel then.", noon); err != nil || events[0].Kind != EventRefused || events[0].Reason != "I travel then." {
		t.Errorf("got %v, %v", events, err)
	}
	if events, err := p.Decline(femi, "", noon); events != nil || err != nil {
		t.Errorf("declining twice: %v, %v", events, err)
	}
	p = proposed(t)
	if events, err := p.Withdraw(clara, ReasonReplaced, noon); err != nil || events[0].Kind != EventWithdrawn || events[0].Reason != ReasonReplaced {
		t.Errorf("got %v, %v", events, err)
	}
	if got := proposed(t).StateAt(noon.Add(30 * time.Hour)); got != ProposalExpired {
		t.Errorf("%s when the last slot has come, want expired", got)
	}
}

func TestWhatIsWrongWithAProposal(t *testing.T) {
	busy := Interview{ID: "iv_9", State: StateScheduled, StartsAt: noon.Add(26 * time.Hour)}
	for name, c := range map[string]struct {
		change      func(p *Proposal)
		code, field string
	}{
		"no id":            {func(p *Proposal) { p.ID = "" }, CodeInvalidProposal, ""},
		"by a stranger":    {func(p *Proposal) { p.By = "stranger" }, CodeNotParticipant, ""},
		"by an observer":   {func(p *Proposal) { p.By = ingrid.ID }, CodeNotAllowed, ""},
		"no mode":          {func(p *Proposal) { p.Mode = "" }, CodeInvalidMode, "mode"},
		"two lines":        {func(p *Proposal) { p.Note = "a\nb" }, CodeInvalidProposal, "note"},
		"no slots":         {func(p *Proposal) { p.Slots = nil }, CodeInvalidProposal, "slots"},
		"too many":         {func(p *Proposal) { p.Slots = make([]time.Time, MaxSlots+1) }, CodeInvalidProposal, "slots"},
		"in the past":      {func(p *Proposal) { p.Slots = hours(2, -1) }, CodeInvalidTime, "slots[1]"},
		"in two years":     {func(p *Proposal) { p.Slots = hours(20000) }, CodeInvalidTime, "slots[0]"},
		"the same twice":   {func(p *Proposal) { p.Slots = hours(2, 5, 2) }, CodeInvalidProposal, "slots[2]"},
		"into one another": {func(p *Proposal) { p.Length = 90 * time.Minute; p.Slots = hours(3, 2) }, CodeInvalidProposal, "slots[1]"},
		"when it is taken": {func(p *Proposal) { p.Slots = hours(5, 26) }, CodeOverlap, "slots[1]"},
		"too long":         {func(p *Proposal) { p.Length = 9 * time.Hour }, CodeInvalidTime, "duration_min"},
		"no such zone":     {func(p *Proposal) { p.Zone = "no zone" }, CodeInvalidTime, "time_zone"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Proposal{ID: "ps_1", By: clara.ID, Mode: ModeVideo, Slots: hours(5), Length: 30 * time.Minute}
			c.change(&p)
			got, events, err := Propose(p, thread(), []Interview{busy}, noon)
			wantCode(t, err, c.code)
			if e, ok := err.(*Error); ok && e.Field != c.field || events != nil || !reflect.DeepEqual(got, Proposal{}) {
				t.Errorf("got %v about %+v, want the field %q", events, err, c.field)
			}
		})
	}
	p := Proposal{ID: "ps_1", By: clara.ID, Mode: ModeVideo, Slots: hours(26), Moves: "iv_9"}
	if _, _, err := Propose(p, thread(), []Interview{busy}, noon); err != nil {
		t.Errorf("an interview is in its own way: %v", err)
	}
}
