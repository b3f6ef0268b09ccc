package demo

import (
	"slices"
	"time"
)

// How far an interview has come. It never goes back, which is what makes two
// pieces of news about one interview comparable, whichever arrives first.
var stateRank = map[string]int{
	"scheduled": 0, "ringing": 1, "live": 2,
	"ended": 3, "missed": 3, "declined": 3, "cancelled": 3,
}

func (iv Interview) over() bool { return stateRank[iv.State] == 3 }

// progress counts what has happened in an interview so far.
func (iv Interview) progress() []int {
	left := 0
	for _, p := range iv.Participants {
		if !p.LeftAt.IsZero() {
			left++
		}
	}
	zoomed := 0 // a meeting fails, and is made after all: later news is news
	if iv.Zoom != nil {
		zoomed = int(iv.Zoom.At.UnixMilli())
	}
	return []int{stateRank[iv.State], iv.Sequence, len(iv.Participants) + left, len(iv.Ready), zoomed}
}

// withCard returns items with the news about an interview on its card: on the
// one it has, or on a new one where its time of creation puts it. It returns
// nil when the news is none.
func withCard(items []Item, iv Interview, newID string) []Item {
	n := slices.IndexFunc(items, func(it Item) bool { return it.Interview != nil && it.Interview.ID == iv.ID })
	if n >= 0 {
		if slices.Compare(iv.progress(), items[n].Interview.progress()) <= 0 {
			return nil
		}
		items = slices.Clone(items)
		items[n].Interview = &iv
		return items
	}
	return inOrder(items, Item{ID: newID, Kind: KindCard, Interview: &iv, At: iv.CreatedAt})
}

// inOrder returns items with one more where its time puts it.
func inOrder(items []Item, item Item) []Item {
	after := slices.IndexFunc(items, func(it Item) bool { return it.At.After(item.At) })
	if after < 0 {
		after = len(items)
	}
	return slices.Insert(slices.Clone(items), after, item)
}

// openCard returns the card of the interview with that id, unless it is over.
// Without an id it is the newest that rings or is live, or else the newest that
// is scheduled.
func (c conversation) openCard(id string) (card Item, err error) {
	found := false
	for _, it := range slices.Backward(c.Items) {
		switch {
		case it.Interview == nil || it.Interview.over():
		case id != "" && it.Interview.ID == id, id == "" && it.Interview.State != "scheduled":
			return it, nil
		case id == "" && !found:
			card, found = it, true
		}
	}
	if !found {
		return card, refuse(codeNoOpenInterview, "There is no open interview in this thread; it may have just ended.")
	}
	return card, nil
}

// belongs reports whether an interview found in Parley is one of a thread that
// was opened then, and not left over from another life of this app's file.
func belongs(iv Interview, opened time.Time) bool { return !iv.CreatedAt.Before(opened) }
