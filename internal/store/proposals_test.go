package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"parley/internal/interview"
)

// offered is a proposal in which every field has a value.
func offered(t *testing.T, id interview.ProposalID) interview.Proposal {
	t.Helper()
	p := interview.Proposal{
		ID: id, Thread: "t1", By: "client", Mode: interview.ModeAudio, Slots: []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)},
		Length: 45 * time.Minute, Zone: "Europe/Prague", Note: "Either – as you like", Moves: "iv_1", State: interview.ProposalOpen,
		CreatedAt: noon, ClosedAt: noon.Add(time.Minute), Chosen: noon.Add(time.Hour), Interview: "iv_2",
	}
	v := reflect.ValueOf(p)
	for n := range v.NumField() {
		if v.Field(n).IsZero() {
			t.Fatalf("the test gives %s no value", v.Type().Field(n).Name)
		}
	}
	return p
}

func withdraw(p *interview.Proposal) ([]Message, error) {
	p.State = interview.ProposalWithdrawn
	return nil, nil
}

func TestAProposalTakesThePlaceOfTheOneBefore(t *testing.T) {
	s := open(t)
	putThread(t, s, "t1")
	first, second := offered(t, "ps_1"), offered(t, "ps_2")
	for _, p := range []interview.Proposal{first, second} {
		if err := s.AddProposal(t.Context(), p, withdraw); err != nil {
			t.Fatal(err)
		}
	}
	first.State = interview.ProposalWithdrawn
	got, err := s.Proposals(t.Context(), "t1", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []interview.Proposal{second, first})
	got, _ = s.Proposals(t.Context(), "t1", "ps_2", 10)
	same(t, got, []interview.Proposal{first})
	one, err := s.Proposal(t.Context(), "ps_2")
	if err != nil {
		t.Fatal(err)
	}
	same(t, one, second)

	refused := errors.New("not this one")
	err = s.AddProposal(t.Context(), offered(t, "ps_3"), func(*interview.Proposal) ([]Message, error) { return nil, refused })
	wantError(t, err, refused)
	_, err = s.Proposal(t.Context(), "ps_3")
	wantError(t, err, ErrNotFound)
	stranger := offered(t, "ps_4")
	stranger.Thread = "t2"
	wantError(t, s.AddProposal(t.Context(), stranger, withdraw), ErrNotFound)
}

func TestABookingIsStoredWithItsProposalOrNotAtAll(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	p := offered(t, "ps_1")
	if err := s.AddProposal(t.Context(), p, withdraw); err != nil {
		t.Fatal(err)
	}
	iv := ringing(t, th, "iv_2")
	p.State = interview.ProposalAccepted
	if err := s.SaveBooking(t.Context(), iv, p, Message{ID: "msg_1", Type: "proposal.accepted", Subject: "t1", At: noon}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Interview(t.Context(), "iv_2")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, iv)

	other := iv
	other.ID, other.State = "iv_3", interview.StateScheduled
	wantError(t, s.SaveBooking(t.Context(), other, p), ErrConflict) // it was answered
	_, err = s.Interview(t.Context(), "iv_3")
	wantError(t, err, ErrNotFound)

	again := offered(t, "ps_2")
	if err := s.AddProposal(t.Context(), again, withdraw); err != nil {
		t.Fatal(err)
	}
	again.State, other.State = interview.ProposalAccepted, interview.StateRinging
	wantError(t, s.SaveBooking(t.Context(), other, again), ErrConflict) // another one rings
	if got, _ := s.Proposal(t.Context(), "ps_2"); got.State != interview.ProposalOpen {
		t.Errorf("the proposal is %s, and its interview was not stored", got.State)
	}
}

func TestInterviewsOfAllThreadsAreReadPageByPage(t *testing.T) {
	s := open(t)
	for _, id := range []interview.ThreadID{"t1", "t2", "t3"} {
		save(t, s, ringing(t, putThread(t, s, id), interview.ID("iv_"+id)))
	}
	done, err := s.Interview(t.Context(), "iv_t2")
	if err != nil {
		t.Fatal(err)
	}
	done.State = interview.StateEnded
	save(t, s, done)
	for _, c := range []struct {
		state  interview.State
		before interview.ID
		limit  int
		want   []interview.ID
	}{
		{"", "", 10, []interview.ID{"iv_t3", "iv_t2", "iv_t1"}},
		{"", "", 2, []interview.ID{"iv_t3", "iv_t2"}},
		{"", "iv_t3", 10, []interview.ID{"iv_t2", "iv_t1"}},
		{interview.StateRinging, "", 10, []interview.ID{"iv_t3", "iv_t1"}},
		{interview.StateRinging, "iv_t3", 10, []interview.ID{"iv_t1"}},
		{interview.StateLive, "", 10, nil},
	} {
		found, err := s.Interviews(t.Context(), c.state, c.before, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []interview.ID
		for _, iv := range found {
			got = append(got, iv.ID)
		}
		same(t, got, c.want)
	}
}
