package conference

import (
	"cmp"
	"slices"

	"parley/internal/interview"
)

// guest is somebody who may be shown to a viewer.
type guest struct {
	id     interview.UserID
	floor  uint64 // grows with every change of speaker; 0: never held the floor
	shared uint64 // grows with every screen that goes up; 0: shares none
}

// seatsFor is how many seats a participant's connection has: one for each other
// person of the thread who may be shown, within limit. Seats cost lines in the
// offer, and with them time at the start; most interviews need one.
func seatsFor(t interview.Thread, limit int) int {
	shown := 0
	for _, p := range t.Participants {
		if p.Role != interview.RoleObserver {
			shown++
		}
	}
	return min(max(shown-1, 1), limit)
}

// arrange seats guests, given in the order they joined, on a viewer's seats.
//
// When there are enough seats everybody has one. Otherwise those have one who
// held the floor last, then those who joined first. Whoever keeps a seat keeps
// the same one: a picture that jumps is worse than an order that is not ideal.
func arrange(current []interview.UserID, seats int, guests []guest) []interview.UserID {
	chosen := slices.Clone(guests)
	if len(chosen) > seats {
		slices.SortStableFunc(chosen, func(a, b guest) int { return cmp.Compare(b.floor, a.floor) })
		chosen = chosen[:seats]
	}
	next := make([]interview.UserID, seats)
	copy(next, current)
	for i, id := range next {
		at := slices.IndexFunc(chosen, func(g guest) bool { return g.id == id })
		if at < 0 {
			next[i] = ""
			continue
		}
		chosen = slices.Delete(chosen, at, at+1)
	}
	for i := range next {
		if next[i] == "" && len(chosen) > 0 {
			next[i] = chosen[0].id
			chosen = chosen[1:]
		}
	}
	return next
}

// latestSharer returns whose screen went up last, or "" when there is none. When
// it goes down, an earlier one that is still up comes back.
func latestSharer(guests []guest) interview.UserID {
	var latest guest
	for _, g := range guests {
		if g.shared > latest.shared {
			latest = g
		}
	}
	return latest.id
}
