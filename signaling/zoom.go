package signaling

import (
	"context"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// askZoom offers Zoom to the others, or chooses it.
func (c *socket) askZoom(ctx context.Context, m wire.AskZoom) error {
	if m.URL != "" {
		return c.session.UseZoomLink(ctx, m.URL)
	}
	if m.Action == wire.ZoomChoose {
		return c.session.ChooseZoom(ctx, string(m.Reason))
	}
	return c.session.OfferZoom(ctx, string(m.Reason))
}

func zoomed(z conference.Zoomed) wire.Zoom {
	return wire.Zoom{Status: *zoomStatus(z.Zoom), Way: zoomWay(z)}
}

// zoomStatus is nil for an interview that has nothing to do with Zoom.
func zoomStatus(z interview.Zoom) *wire.ZoomStatus {
	if z.State == "" {
		return nil
	}
	return &wire.ZoomStatus{State: string(z.State), Reason: z.Reason, By: string(z.By), Name: z.Name, Problem: z.Problem, At: z.At.UTC()}
}

func zoomChoice(z conference.Zooming) *wire.ZoomChoice {
	if !z.Available && !z.MayPaste {
		return nil
	}
	return &wire.ZoomChoice{MayChoose: z.MayChoose, MayPaste: z.MayPaste, Way: zoomWay(z.Zoomed)}
}

func zoomWay(z conference.Zoomed) *wire.ZoomWay {
	if z.URL == "" {
		return nil
	}
	return &wire.ZoomWay{URL: z.URL, Passcode: z.Passcode}
}
