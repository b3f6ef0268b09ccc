package store

import (
	"testing"
	"time"
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
	first := Wish{Recording: "rec_1", User: "client", At: noon}
	again, other := first, first
	again.At, other.User = noon.Add(time.Minute), "freelancer"
	add(first)
	add(other)
	add(again)
	wished(other, again)
	add(first) // which comes late
	wished(other, again)
	drop(first) // is carried out, and the other has been said since
	wished(other, again)
	drop(again)
	wished(other)
	again.At = again.At.Add(time.Minute)
	drop(again)
	drop(other)
	wished()
}
