package signaling

import (
	"context"

	"parley/internal/conference"
	"parley/signaling/wire"
)

// turnAway refuses to let somebody in. Who comes too early may stay on the line:
// they are told when the interview is, and hear of it when that changes, until
// they say hello again. Who comes too late is told when it was.
func (c *socket) turnAway(ctx context.Context, m wire.Hello, a conference.Attach, err error) {
	e := about(m, refusal(err))
	var t conference.Timing
	var failed error
	switch {
	case e.Code == wire.CodeTooEarly:
		c.early, t, failed = c.server.rooms.Wait(ctx, a)
	case e.Code == wire.CodeInterviewOver && a.Interview != "":
		t, failed = c.server.rooms.Timing(ctx, a.Interview)
	default:
		c.check(m, err)
		return
	}
	if failed != nil {
		c.check(m, failed)
		return
	}
	e.Timing = timing(t, a.Participant)
	if c.early == nil {
		c.refuse(e)
		return
	}
	c.admitted()
	e.Fatal = false
	c.out.release(e)
}

// stopWaiting ends the wait of somebody who came too early.
func (c *socket) stopWaiting() {
	if c.early != nil {
		c.early.Detach(conference.Dropped)
		c.early = nil
	}
}
