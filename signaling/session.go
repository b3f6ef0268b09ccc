package signaling

import (
	"context"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/token"
	"parley/signaling/wire"
)

// callTimeout is how long a room may take to do what a message asks for.
const callTimeout = 10 * time.Second

// handle does what one message asks for.
func (c *socket) handle(ctx context.Context, m wire.ClientMessage) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hello, isHello := m.(wire.Hello)
	switch {
	case c.session == nil && isHello:
		c.letIn(ctx, hello)
		return
	case c.early != nil && m.Type() == wire.TypePing:
		c.out.put(item{message: wire.Pong{N: m.(wire.Ping).N}})
		return
	case c.session == nil:
		c.refuse(about(m, fatalError(wire.CodeHelloFirst)))
		return
	}
	switch m := m.(type) {
	case wire.Hello:
		c.refuse(about(m, fatalError(wire.CodeHelloTwice)))
	case wire.Offer:
		c.answer(ctx, m)
	case wire.Enter:
		c.check(m, c.session.Enter(ctx))
	case wire.Publish:
		if m.Paused {
			c.check(m, c.session.Pause(ctx, interview.Source(m.Source)))
		} else {
			c.check(m, c.session.Publish(ctx, interview.Source(m.Source), m.On))
		}
	case wire.Layout:
		c.check(m, c.session.Layout(ctx, layout(m)))
	case wire.Encodes:
		c.check(m, c.session.Encodes(ctx, interview.Source(m.Source), each(m.Codecs, func(c wire.Codec) string { return string(c) })))
	case wire.Report:
		c.check(m, c.session.Report(ctx, conference.Report(m)))
	case wire.Record:
		c.check(m, c.record(ctx, m))
	case wire.Answered:
		id, answer := answered(m)
		c.check(m, c.session.Consent(ctx, id, answer))
	case wire.Say:
		c.say(ctx, m)
	case wire.AskFile:
		c.file(ctx, m)
	case wire.AskHistory:
		c.history(ctx, m)
	case wire.Contest:
		c.check(m, c.session.Contest(ctx, m.Decision, m.Words))
	case wire.Complain:
		c.complain(ctx, m)
	case wire.AskZoom:
		c.check(m, c.askZoom(ctx, m))
	case wire.Leave:
		c.leave(ctx, m)
	case wire.Ping:
		c.out.put(item{message: wire.Pong{N: m.N}})
	}
}

// letIn checks the token and takes the client into the room.
func (c *socket) letIn(ctx context.Context, m wire.Hello) {
	c.hello.Stop()
	claims, err := c.server.keys.Verify(m.Token, time.Now())
	if err != nil {
		c.check(m, err)
		return
	}
	who := interview.Participant{
		ID:   interview.UserID(claims.User),
		Name: claims.Name,
		Role: interview.Role(claims.Role),
	}
	if who.Validate() != nil {
		c.check(m, &token.Error{Code: token.CodeMalformed})
		return
	}
	attach := conference.Attach{
		Interview:   interview.ID(claims.Interview),
		Thread:      interview.ThreadID(claims.Thread),
		Participant: who,
		Device:      m.Device,
		TokenID:     claims.ID,
		Resume:      m.Resume,
		Deliver:     c.deliver,
	}
	c.stopWaiting()
	c.out.hold()
	session, snapshot, err := c.server.rooms.Attach(ctx, attach)
	if err != nil {
		c.turnAway(ctx, m, attach, err)
		return
	}
	c.session = session
	c.server.stats.sessions.Add(1)
	c.admitted()
	c.log = c.log.With("session", snapshot.Session, "interview", string(snapshot.Interview.ID), "participant", string(who.ID))
	c.log.Debug("session opened", "resumed", snapshot.Resumed)
	servers := func() []wire.ICEServer { return c.server.iceServers(string(snapshot.Interview.ID), claims.User) }
	first := servers()
	if len(first) > 0 {
		c.rotate <- servers
	}
	c.out.release(welcome(snapshot, first))
}

func (c *socket) answer(ctx context.Context, m wire.Offer) {
	sdp, err := c.session.Offer(ctx, offer(m))
	if err != nil {
		c.check(m, err)
		return
	}
	c.out.put(item{message: wire.Answer{ID: m.ID, SDP: sdp}})
}

func (c *socket) leave(ctx context.Context, m wire.Leave) {
	if err := c.session.Leave(ctx); err != nil && refusal(err).Code != wire.CodeSessionOver {
		c.check(m, err)
		return
	}
	c.left = true
	c.out.close(ending{wire.CloseNormal, wire.ReasonLeft})
}

// detach tells the room that the connection is gone.
func (c *socket) detach(cause conference.DetachCause) {
	c.stopWaiting()
	if c.session != nil && !c.left {
		c.session.Detach(cause)
	}
}

// check tells the client what went wrong with a message, if something did.
func (c *socket) check(m wire.ClientMessage, err error) {
	if err == nil {
		return
	}
	e := about(m, refusal(err))
	switch {
	case e.Code == conference.CodeGoingAway:
		c.goAway()
		return
	case e.Code == wire.CodeInternal && !cancelled(err):
		c.log.Error("message not carried out", "type", m.Type(), "err", err)
	case c.session == nil:
		c.log.Debug("refused", "code", string(e.Code), "addr", c.ws.RemoteAddr().String())
	}
	c.refuse(e)
}

// about names the message that e refuses.
func about(m wire.ClientMessage, e wire.Error) wire.Error {
	e.Re = m.Type()
	switch m := m.(type) {
	case wire.Offer:
		e.ID = m.ID
	case wire.Say:
		e.Ref = m.Ref
	case wire.AskFile:
		e.Ref = m.Ref
	case wire.Complain:
		e.Ref = m.Ref
	case wire.Contest:
		e.Ref = m.Decision
	}
	return e
}

// deliver passes news of the room on. It runs on the room's goroutine and does
// not block.
func (c *socket) deliver(n conference.Notice) {
	switch n := n.(type) {
	case conference.Over:
		c.out.close(ending{wire.CloseNormal, wire.ReasonEnded}, wire.Ended{Interview: interviewOf(n.Interview)})
	case conference.Replaced:
		c.out.close(fatalEnding(wire.CodeReplaced), fatalError(wire.CodeReplaced))
	case conference.GoingAway:
		c.goAway()
	default:
		if m := message(n); m != nil {
			c.out.put(item{message: m})
		}
	}
}
