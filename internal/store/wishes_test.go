package store

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestAWishThatIsSaidAgainIsALaterOne(t *testing.T) {
	s := open(t)
	add := func(w Wish) {
		t.Helper()
		if err := s.AddWish(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	drop := func(w Wish) {
		t.Helper()
		if err := s.DropWish(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	wished := func(want ...Wish) {
		t.Helper()
		got, err := s.Wishes(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	}
	first := Wish{Recording: "rec_1", User: "client", Reason: interview.ReasonConsentWithdrawn, At: noon}
	again, other, hosts := first, first, first
	again.At, other.User = noon.Add(time.Minute), "freelancer"
	hosts.Reason, hosts.At = "host", noon.Add(time.Second)
	add(first)
	add(other)
	add(hosts)
	add(again)
	wished(other, hosts, again)
	add(first) // which comes late
	wished(other, hosts, again)
	drop(first) // is carried out, and the other has been said since
	wished(other, hosts, again)
	drop(again)
	wished(other, hosts)
	again.At = again.At.Add(time.Minute)
	drop(again)
	drop(hosts)
	drop(other)
	wished()
}
