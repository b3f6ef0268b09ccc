package conference

import (
	"context"
	"errors"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// Zoomed says where the interview's meeting in Zoom stands. The way in is for
// the session's own person, and there once the meeting is.
type Zoomed struct {
	interview.Zoom
	URL      string // with the passcode in it
	Passcode string // for typing; may be empty with a URL
}

func (Zoomed) notice() {}

// Zooming is what a session can make of Zoom.
type Zooming struct {
	Zoomed
	Available bool // the interview may move there
	MayChoose bool // at this person's word; otherwise they may ask for it
	MayPaste  bool // the link of a meeting that this person has made themselves
}

// OfferZoom asks for Zoom, or says that it is needed; see [interview.Interview.OfferZoom].
func (s *Session) OfferZoom(ctx context.Context, reason string) error {
	return s.room.ask(ctx, &zoomLetter{question: ask(), session: s, reason: reason})
}

// ChooseZoom moves the interview to Zoom: the people are told the way in when the
// meeting is there. Only an interviewer may.
func (s *Session) ChooseZoom(ctx context.Context, reason string) error {
	return s.room.ask(ctx, &zoomLetter{question: ask(), session: s, reason: reason, choose: true})
}

// UseZoomLink moves the interview to a meeting that the person has made in Zoom
// themselves; see [Rooms.UseZoomLink].
func (s *Session) UseZoomLink(ctx context.Context, text string) error {
	l := &whoLetter{question: ask(), session: s}
	if err := s.room.ask(ctx, l); err != nil {
		return err
	}
	_, err := s.room.rooms.UseZoomLink(ctx, s.room.id, l.who, text)
	return err
}

// whoLetter asks who a session is.
type whoLetter struct {
	question
	session *Session
	who     interview.Participant // brought back
}

func (r *room) whoIs(l *whoLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	l.who = m.who
	return nil
}

// zoomLetter is a session's word about Zoom.
type zoomLetter struct {
	question
	session *Session
	reason  string
	choose  bool
}

func (r *room) zoom(l *zoomLetter) error {
	m := r.holder(l.session)
	switch {
	case m == nil:
		return errSessionOver()
	case !r.rooms.cfg.Zoom:
		return errNoZoom()
	}
	events, err := r.apply(func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		if !l.choose {
			return iv.OfferZoom(m.who, l.reason, now)
		}
		if err := interview.MayChooseZoom(m.who.Role); err != nil {
			return nil, err
		}
		return iv.ChooseZoom(m.who, l.reason, now)
	})
	if err == nil {
		r.announce(events, nil)
	}
	return err
}

// zooming is what a member can make of Zoom.
func (r *room) zooming(m *member) Zooming {
	decides := interview.MayChooseZoom(m.who.Role) == nil
	return Zooming{
		Zoomed: r.zoomed(), Available: r.rooms.cfg.Zoom || r.iv.Zoom.State != "",
		MayChoose: r.rooms.cfg.Zoom && decides, MayPaste: r.rooms.cfg.ZoomLink != nil && decides,
	}
}

// zoomed is where the meeting stands, with the way in.
func (r *room) zoomed() Zoomed {
	z := Zoomed{Zoom: r.iv.Zoom}
	if s := z.State; s != interview.ZoomReady && s != interview.ZoomStarted {
		return z
	}
	ctx, cancel := context.WithTimeout(r.rooms.life, writeTimeout)
	defer cancel()
	meeting, err := r.rooms.cfg.Store.ZoomMeeting(ctx, r.id)
	if err != nil {
		r.log.Error("the way into Zoom was not read", "err", err)
		return z
	}
	z.URL, z.Passcode = meeting.URL, meeting.Passcode
	return z
}

// ChooseZoom moves an interview to Zoom for the host app; by may be empty. It
// returns the interview as it is now.
func (r *Rooms) ChooseZoom(ctx context.Context, id interview.ID, by interview.Participant, reason string) (interview.Interview, error) {
	if !r.cfg.Zoom {
		return interview.Interview{}, errNoZoom()
	}
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.ChooseZoom(by, reason, now)
	})
}

// ZoomLink is the address of a meeting that somebody has made themselves.
type ZoomLink struct {
	URL, Number string
	Personal    bool // it leads to a person's own room, and tells who they are
}

// UseZoomLink moves an interview to a meeting that somebody has made in Zoom
// themselves, by the link they pasted. It needs no account of the server's. by
// may be empty for the host app; of the people only an interviewer may. Refusals
// are *Error: CodeNotAllowed, CodeNoZoom, CodeInvalidZoomLink,
// CodePersonalZoomLink, CodeZoomOpen, or the domain's.
func (r *Rooms) UseZoomLink(ctx context.Context, id interview.ID, by interview.Participant, text string) (interview.Interview, error) {
	iv, err := r.Interview(ctx, id)
	if err != nil {
		return iv, err
	}
	if by.ID != "" {
		if err := interview.MayChooseZoom(by.Role); err != nil {
			return iv, refusal(err)
		}
	}
	if r.cfg.ZoomLink == nil {
		return iv, refuse(CodeNoZoom, "This server does not take links to Zoom.")
	}
	link, err := r.cfg.ZoomLink(text)
	if err != nil {
		return iv, &Error{Code: CodeInvalidZoomLink, Message: err.Error(), cause: err}
	}
	t, err := r.cfg.Store.Thread(ctx, iv.Thread)
	if err != nil {
		return iv, err
	}
	if link.Personal && !t.Contract.InForce(time.Now()) {
		return iv, refuse(CodePersonalZoomLink, "This link leads to a personal room, which tells who somebody is. Until there is a contract, make a new meeting in Zoom and use its link.")
	}
	return r.useZoomLink(ctx, id, by, store.ZoomMeeting{Number: link.Number, URL: link.URL})
}

func (r *Rooms) useZoomLink(ctx context.Context, id interview.ID, by interview.Participant, link store.ZoomMeeting) (interview.Interview, error) {
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		events, err := iv.ChooseZoom(by, interview.ZoomChosen, now)
		if err != nil {
			return nil, err
		}
		existing, err := r.cfg.Store.ZoomMeeting(ctx, id)
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, err
		case len(events) == 0 || err == nil && existing.Own():
			return nil, &Error{Code: CodeZoomOpen, Message: "This interview has a meeting in Zoom already."}
		}
		link.Interview, link.CreatedAt = id, now
		if err := r.cfg.Store.PutZoomMeeting(ctx, link); err != nil {
			return nil, err
		}
		ready, err := iv.ZoomMade(now)
		return append(events, ready...), err
	})
}

// ZoomMade says that the meeting of an interview is in the store.
func (r *Rooms) ZoomMade(ctx context.Context, id interview.ID) error {
	_, err := r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.ZoomMade(now)
	})
	return err
}

// ZoomNotMade says that an interview gets no meeting, for one of the domain's problems.
func (r *Rooms) ZoomNotMade(ctx context.Context, id interview.ID, problem string) error {
	_, err := r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.ZoomNotMade(problem, now)
	})
	return err
}

// ZoomBegan says that somebody is in the meeting since at. For an interview that
// is over it does nothing.
func (r *Rooms) ZoomBegan(ctx context.Context, id interview.ID, at time.Time) error {
	_, err := r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.ZoomBegan(at, now)
	})
	return err
}

// ZoomOver says that nobody is in the meeting any more; otherwise as [Rooms.ZoomBegan].
func (r *Rooms) ZoomOver(ctx context.Context, id interview.ID, began, at time.Time) error {
	_, err := r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.ZoomOver(began, at, now)
	})
	return err
}

func errNoZoom() *Error {
	return refuse(CodeNoZoom, "This server has no Zoom account. The interview goes on here.")
}
