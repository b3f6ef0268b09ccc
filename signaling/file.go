package signaling

import (
	"context"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// file does what a client says about a file of its own.
func (c *socket) file(ctx context.Context, m wire.AskFile) {
	var err error
	switch m.Action {
	case wire.FileUploaded:
		err = c.session.FileUploaded(ctx, m.Ref)
	case wire.FileWithdraw:
		err = c.session.WithdrawFile(ctx, m.Ref)
	case wire.FileOffer:
		var out conference.Offered
		out, err = c.session.OfferFile(ctx, m.Ref, interview.File{Name: m.Name, Size: m.Size, Type: m.MediaType})
		if err == nil {
			c.out.put(item{message: offered(m, out)})
		}
	}
	c.check(m, err)
}

// offered tells a client what became of its offer.
func offered(m wire.AskFile, out conference.Offered) wire.File {
	f := wire.File{Ref: m.Ref, State: wire.FileStateBlocked}
	if out.Offer.ID != "" {
		f = filed(conference.Filed{File: out.Offer, Upload: out.Upload})
	}
	f.Findings, f.Decision = findings(m.Name, out.Verdict), out.Record
	return f
}

func filed(n conference.Filed) wire.File {
	f := wire.File{Ref: n.File.Ref, State: wire.FileState(n.File.State), Name: n.File.File.Name, Reason: n.File.Reason}
	if u := n.Upload; u != nil {
		f.Upload = &wire.Upload{Method: u.Method, URL: u.URL, Headers: []wire.UploadHeader{}, ExpiresAt: u.ExpiresAt.UTC()}
		for _, h := range u.Headers {
			f.Upload.Headers = append(f.Upload.Headers, wire.UploadHeader(h))
		}
	}
	return f
}

func fileLimits(p *interview.FilePolicy) *wire.FileLimits {
	if p == nil {
		return nil
	}
	return &wire.FileLimits{MaxSize: p.MaxSize, Types: append([]string{}, p.Types...)}
}
