package demo

import "slices"

// view is what one person sees of the book.
func view(me Person, book []conversation) State {
	state := State{Me: me, Job: theJob(), Proposals: []Proposal{}, Threads: []Thread{}}
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
			state.Threads = append(state.Threads, Thread{
				ID: threadID(c.Proposal), Title: theJob().Title, With: with, Items: append([]Item{}, c.Items...), // never null in JSON
			})
		}
	}
	return state
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
