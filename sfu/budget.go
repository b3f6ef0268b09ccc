package sfu

// tellBudget makes the viewer's estimate the send budget of the publisher, where
// all that the viewer is sent comes from one publisher whom nobody else watches:
// then the rate adapts from end to end, and one layer is enough.
func (t *transport) tellBudget(to *transport, mends int) {
	now := t.shard.now
	d := &t.down
	if to != d.budgetTo {
		if d.budgetTo != nil && !d.budgetTo.closed {
			d.budgetTo.permit(unlimited)
		}
		d.budgetTo, d.budget = to, 0
	}
	if to == nil {
		return
	}
	budget := d.estimator.Estimate() - mends
	changed := budget < d.budget*97/100 || budget > d.budget*103/100
	switch {
	case budget < d.budget*lowerBy/100:
		d.lowered = lowerTold
	case d.lowered > 0 && !changed:
		d.lowered--
	case !changed && now.Sub(d.budgetAt) <= budgetEvery:
		return
	}
	d.budget, d.budgetAt = budget, now
	to.permit(budget)
}

// A budget that falls is said again with the next choices: what is on its way to the
// publisher may be lost where a link has just become narrow for both.
const (
	lowerBy   = 90 // of 100, and less
	lowerTold = 2
)

// leastVideo is what a camera can be told to make do with.
const leastVideo = 60_000

// unlimited lifts a budget.
const unlimited = 100_000_000

// onlyPublisher is the one that everything comes from which the viewer is sent, if
// its video goes to nobody else and has one layer.
func (t *transport) onlyPublisher() *transport {
	var only *transport
	alone := true
	t.places(func(_ int, s *seat) {
		d := s.video
		if d == nil || d.sits == nil || !d.sits.open {
			return
		}
		if u := d.sits; only != nil && only != u.transport || len(u.seats) != 1 || len(u.layers) != 1 {
			alone = false
		}
		only = d.sits.transport
	})
	if !alone {
		return nil
	}
	return only
}
