package conference

import (
	"slices"
	"strings"
	"testing"

	"parley/internal/interview"
)

func TestArrange(t *testing.T) {
	// A guest is "name" or "name:floor"; seats are names, "-" an empty one.
	for _, test := range []struct {
		name    string
		current string
		seats   int
		guests  string
		want    string
	}{
		{"nobody there", "", 3, "", "- - -"},
		{"no seats", "", 0, "a b", ""},
		{"in the order they joined", "", 3, "a b", "a b -"},
		{"a joiner takes the first empty seat", "a - c", 3, "a c d", "a d c"},
		{"a joiner displaces nobody", "a b", 2, "a b c", "a b"},
		{"a leaver's seat empties", "a b c", 3, "a c", "a - c"},
		{"a leaver's seat goes to who waits longest", "a b", 2, "a c d", "a c"},
		{"a leaver's seat goes to who spoke last before that", "a b", 2, "a c d:1", "a d"},
		{"a speaker takes the seat of the last silent joiner", "a b", 2, "a b c:1", "a c"},
		{"a speaker takes the seat of whoever spoke longest ago", "a b", 2, "a:1 b:2 c:3", "c b"},
		{"a speaker who is seated stays where they are", "a b", 2, "a b:5 c:1", "c b"},
		{"two silent ones are displaced by two speakers", "a b", 2, "a b c:1 d:2", "d c"},
		{"more seats keep the old ones", "a b", 4, "a b c", "a b c -"},
		{"fewer seats keep the first ones", "a b c", 2, "a b c", "a b"},
		{"fewer seats keep who spoke", "a b c", 2, "a b c:1", "a c"},
		{"somebody who is twice in the seats keeps one", "a a", 2, "a b", "a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := arrange(seatsOf(test.current), test.seats, guestsOf(test.guests))
			if !slices.Equal(got, seatsOf(test.want)) {
				t.Errorf("got %v, want %v", got, seatsOf(test.want))
			}
			if again := arrange(got, test.seats, guestsOf(test.guests)); !slices.Equal(again, got) {
				t.Errorf("arranging again moves people: %v, then %v", got, again)
			}
		})
	}
}

func TestLatestSharer(t *testing.T) {
	for _, test := range []struct {
		guests []guest
		want   interview.UserID
	}{
		{nil, ""},
		{[]guest{{id: "a"}, {id: "b"}}, ""},
		{[]guest{{id: "a", shared: 2}, {id: "b"}}, "a"},
		{[]guest{{id: "a", shared: 2}, {id: "b", shared: 3}, {id: "c", shared: 1}}, "b"},
	} {
		if got := latestSharer(test.guests); got != test.want {
			t.Errorf("%v: got %q, want %q", test.guests, got, test.want)
		}
	}
}

func FuzzArrange(f *testing.F) {
	f.Add("ab", uint8(2), "abc", uint64(1))
	f.Fuzz(func(t *testing.T, current string, seats uint8, people string, floors uint64) {
		var before []interview.UserID
		for _, c := range current {
			before = append(before, interview.UserID(c))
		}
		var guests []guest
		for i, c := range people {
			id := interview.UserID(c)
			if slices.ContainsFunc(guests, func(g guest) bool { return g.id == id }) {
				continue
			}
			guests = append(guests, guest{id: id, floor: floors >> (i % 8 * 8) & 0xff})
		}
		n := int(seats % 16)
		got := arrange(before, n, guests)
		if len(got) != n {
			t.Fatalf("got %d seats, want %d", len(got), n)
		}
		seated := map[interview.UserID]bool{}
		for i, id := range got {
			if id == "" {
				continue
			}
			if seated[id] {
				t.Errorf("%s sits twice in %v", id, got)
			}
			seated[id] = true
			if !slices.ContainsFunc(guests, func(g guest) bool { return g.id == id }) {
				t.Errorf("%s is no guest", id)
			}
			if first := slices.Index(before, id); first >= 0 && first < n && first != i {
				t.Errorf("%s moved from %d to %d", id, first, i)
			}
		}
		if want := min(n, len(guests)); len(seated) != want {
			t.Errorf("%d are seated in %v, want %d", len(seated), got, want)
		}
		for _, g := range guests {
			for _, other := range guests {
				if seated[g.id] && !seated[other.id] && other.floor > g.floor {
					t.Errorf("%s sits and %s, who spoke later, does not", g.id, other.id)
				}
			}
		}
	})
}

func seatsOf(s string) []interview.UserID {
	var seats []interview.UserID
	for name := range strings.FieldsSeq(s) {
		seats = append(seats, interview.UserID(strings.Trim(name, "-")))
	}
	return seats
}

func guestsOf(s string) []guest {
	var guests []guest
	for entry := range strings.FieldsSeq(s) {
		name, floor, _ := strings.Cut(entry, ":")
		g := guest{id: interview.UserID(name)}
		for _, digit := range floor {
			g.floor = uint64(digit - '0')
		}
		guests = append(guests, g)
	}
	return guests
}

func TestSeatsFollowTheThread(t *testing.T) {
	thread := func(people, observers int) interview.Thread {
		var th interview.Thread
		for range people {
			th.Participants = append(th.Participants, interview.Participant{Role: interview.RoleInterviewee})
		}
		for range observers {
			th.Participants = append(th.Participants, interview.Participant{Role: interview.RoleObserver})
		}
		return th
	}
	tests := []struct{ people, observers, limit, want int }{
		{0, 0, 8, 1}, {1, 0, 8, 1}, {2, 0, 8, 1}, {2, 5, 8, 1}, {3, 0, 8, 2}, {6, 1, 8, 5}, {20, 0, 8, 8}, {6, 0, 2, 2},
	}
	for _, tt := range tests {
		if got := seatsFor(thread(tt.people, tt.observers), tt.limit); got != tt.want {
			t.Errorf("%d people, %d observers, at most %d: %d seats, want %d", tt.people, tt.observers, tt.limit, got, tt.want)
		}
	}
}
