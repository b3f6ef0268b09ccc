package conference

import (
	"context"

	"parley/internal/chat"
	"parley/internal/interview"
)

// Offered is what became of an offer, at once: its Offer has no ID when the name
// was blocked.
type Offered = chat.Offered

// Filed says how far a file is that the participant of the session offered.
// Upload is there while it is granted.
type Filed struct {
	File   interview.FileOffer
	Upload *chat.Upload
}

func (Filed) notice() {}

// OfferFile offers a file to the host app under the client's own name for it;
// what becomes of the offer comes as Filed. Refusals are *Error: CodeNotAllowed,
// CodeTooFast, or the domain's.
func (s *Session) OfferFile(ctx context.Context, ref string, f interview.File) (Offered, error) {
	l := &writeLetter{question: ask(), session: s}
	if err := s.room.ask(ctx, l); err != nil {
		return Offered{}, err
	}
	out, err := s.room.rooms.cfg.Chat.OfferFile(ctx, chat.FileDraft{
		Thread: s.room.thread, Interview: s.room.id, Author: l.who, Ref: ref, File: f,
	})
	return out, chatRefusal(err)
}

// FileUploaded says that the file is where the host app wanted it. Refusals are
// the domain's, as *Error.
func (s *Session) FileUploaded(ctx context.Context, ref string) error {
	return s.file(ctx, ref, (*chat.Clerk).UploadedFile)
}

// WithdrawFile takes an offer back, otherwise as FileUploaded.
func (s *Session) WithdrawFile(ctx context.Context, ref string) error {
	return s.file(ctx, ref, (*chat.Clerk).WithdrawFile)
}

func (s *Session) file(ctx context.Context, ref string, do func(*chat.Clerk, context.Context, interview.ThreadID, interview.UserID, string) error) error {
	l := &writeLetter{question: ask(), session: s, reads: true}
	if err := s.room.ask(ctx, l); err != nil {
		return err
	}
	return chatRefusal(do(s.room.rooms.cfg.Chat, ctx, s.room.thread, l.who.ID, ref))
}

// files returns which files somebody may offer; nil: none.
func (r *room) files(who interview.Role) *interview.FilePolicy {
	if r.rooms.cfg.Chat == nil || !mayWrite(who) {
		return nil
	}
	if policy, on := r.rooms.cfg.Chat.Files(); on {
		return &policy
	}
	return nil
}
