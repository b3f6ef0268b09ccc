package demo

import "slices"

// see is what one person sees now.
func (a *App) see(me Person) State { return view(me, a.book.all(), *a.modes.Load(), a.book.zone) }

// view is what one person sees of the book; zone tells the time zone of anybody.
func view(me Person, book []conversation, modes []string, zone func(person string) string) State {
	me.Zone = zone(me.ID)
	state := State{Me: me, Job: theJob(), Modes: modes, Proposals: []Proposal{}, Threads: []Thread{}}
	for _, p := range proposals() {
		if me.Side == SideFreelancer && p.Freelancer.ID != me.ID {
			continue
		}
		if slices.ContainsFunc(book, func(c conversation) bool { return c.Proposal == p.ID }) {
			p.Stage, p.Thread = StageMessaged, threadID(p.ID)
		}
		state.Proposals = append(state.Proposals, p)
	}
	for _, c := range book {
		if with, ok := c.other(me); ok {
			state.Threads = append(state.Threads, Thread{ID: threadID(c.Proposal), Title: theJob().Title, With: with, Zone: zone(with.ID), Items: c.seenBy(me)})
		}
	}
	return state
}

// seenBy returns what somebody sees of c; never nil, which JSON would call null.
func (c conversation) seenBy(me Person) []Item {
	return slices.DeleteFunc(append([]Item{}, c.Items...), func(it Item) bool { return it.Appeal != nil && it.From != me.ID })
}

// other returns whom me talks with in c; ok is false when me is not in it.
func (c conversation) other(me Person) (with Name, ok bool) {
	p, _ := proposalByID(c.Proposal)
	switch me.ID {
	case theClient().ID:
		return p.Freelancer, true
	case p.Freelancer.ID:
		return theClient().name(), true
	}
	return Name{}, false
}
