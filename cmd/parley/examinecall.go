package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/internal/api"
	"parley/internal/doctor"
	"parley/sfu"
	"parley/sfu/probe"
	"parley/signaling/guest"
	"parley/signaling/wire"
)

// callTimeout bounds one call between two guests.
const callTimeout = 20 * time.Second

// doctorThread is the thread that the doctor's calls are in. Host applications
// can tell them by it.
const doctorThread = "parley-doctor"

// caller keeps the interview that the calls are in.
type caller struct {
	interview string
	refused   bool
}

// checkCall lets two people meet over one path, as their browsers would.
func (e *examination) checkCall(ctx context.Context, path doctor.Path) doctor.Finding {
	if e.calls.refused {
		return doctor.NotTried(string(path), "no call could be made")
	}
	if e.ask.outside != "" && e.api.key == "" {
		if f, ok := e.outsideKey(ctx, path); !ok {
			return f
		}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c := doctor.Call{Path: path, Open: e.openCommand()}
	start := time.Now()
	passes, err := e.passes(ctx)
	if err != nil {
		e.calls.refused = true
		return doctor.Finding{Check: string(path), Level: doctor.Fail, Message: "no call could be made: " + err.Error(),
			Fix: "put right what it says; the server's log has more"}
	}
	if path != doctor.PathUDP {
		if c.URL = e.pick(passes[0].ICEServers, path); c.URL == "" {
			return doctor.NoPath(path, strings.HasPrefix(e.url, "https:"))
		}
	}
	c.Err = e.meet(ctx, c, passes)
	c.Took = time.Since(start)
	return doctor.CheckCall(c)
}

// outsideKey finds the API key that a call needs, on a machine that is not the
// server's.
func (e *examination) outsideKey(ctx context.Context, path doctor.Path) (doctor.Finding, bool) {
	if e.ask.apiKey == "" {
		return doctor.NotTried(string(path), "a call needs an API key: copy api_key from the server's data directory, and name it with --api-key"), false
	}
	t := &http.Transport{DialContext: e.dialer.DialContext}
	e.ended = append(e.ended, t.CloseIdleConnections)
	e.api = hostApp{url: e.url, client: &http.Client{Transport: t, Timeout: dialTimeout * 4}}
	if err := e.useKey(ctx, e.ask.apiKey); err != nil {
		return doctor.Finding{Check: string(path), Level: doctor.Fail, Message: err.Error(), Fix: "name the file with the server's own key in --api-key"}, false
	}
	return doctor.Finding{}, true
}

// passes are the ways in of the two guests. The interview is the same for every
// path, and ends with the examination.
func (e *examination) passes(ctx context.Context) ([]api.Pass, error) {
	guests := []map[string]string{
		{"id": "doctor-1", "name": "parley doctor", "role": "interviewer"},
		{"id": "doctor-2", "name": "parley doctor", "role": "interviewee"},
	}
	if e.calls.interview == "" {
		thread := map[string]any{"title": "parley doctor", "participants": guests}
		if err := e.api.call(ctx, http.MethodPut, "/v1/threads/"+doctorThread, thread, &struct{}{}); err != nil {
			return nil, fmt.Errorf("make a thread: %w", err)
		}
		var made struct {
			ID string `json:"id"`
		}
		if err := e.api.call(ctx, http.MethodPost, "/v1/threads/"+doctorThread+"/interviews", map[string]any{"mode": "audio"}, &made); err != nil {
			return nil, fmt.Errorf("start an interview: %w", err)
		}
		e.calls.interview = made.ID
		e.ended = append(e.ended, e.endCall)
	}
	passes := make([]api.Pass, len(guests))
	for i, g := range guests {
		body := map[string]any{"user": map[string]string{"id": g["id"]}}
		if err := e.api.call(ctx, http.MethodPost, "/v1/interviews/"+url.PathEscape(e.calls.interview)+"/join", body, &passes[i]); err != nil {
			return nil, fmt.Errorf("get a way in: %w", err)
		}
	}
	return passes, nil
}

func (e *examination) endCall() {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	// It ends by itself soon, if it cannot be ended now.
	_ = e.api.call(ctx, http.MethodPost, "/v1/interviews/"+url.PathEscape(e.calls.interview)+"/end", map[string]any{}, &struct{}{})
}

// pick chooses the address of the relay for a path: one on the internet rather
// than one that only this network reaches.
func (e *examination) pick(servers []api.ICEServer, path doctor.Path) string {
	wanted := map[doctor.Path][2]string{
		doctor.PathTURNUDP: {"turn:", "udp"}, doctor.PathTURNTCP: {"turn:", "tcp"}, doctor.PathTURNTLS: {"turns:", "tcp"},
	}[path]
	best := ""
	for _, s := range servers {
		for _, u := range s.URLs {
			if !strings.HasPrefix(u, wanted[0]) || turnTransport(u) != wanted[1] {
				continue
			}
			a, err := netip.ParseAddr(turnHost(u))
			if best == "" || err == nil && isPublic(a) && !slices.ContainsFunc([]string{best}, namesPublic) {
				best = u
			}
		}
	}
	return best
}

func namesPublic(turnURL string) bool {
	a, err := netip.ParseAddr(turnHost(turnURL))
	return err != nil || isPublic(a)
}

// turnTransport is what a relay's address is reached over (RFC 7065 §3.1).
func turnTransport(turnURL string) string {
	if _, t, ok := strings.Cut(turnURL, "?transport="); ok {
		return t
	}
	if strings.HasPrefix(turnURL, "turns:") {
		return "tcp"
	}
	return "udp"
}

func turnHost(turnURL string) string {
	_, rest, _ := strings.Cut(turnURL, ":")
	rest, _, _ = strings.Cut(rest, "?")
	if host, _, err := net.SplitHostPort(rest); err == nil {
		return host
	}
	return strings.Trim(rest, "[]")
}

// meet brings both guests into the room, and waits until each has heard the other.
func (e *examination) meet(ctx context.Context, c doctor.Call, passes []api.Pass) error {
	visits := make([]*visit, len(passes))
	errs := make([]error, len(passes))
	var wg sync.WaitGroup
	for i, pass := range passes {
		wg.Go(func() { visits[i], errs[i] = e.visit(ctx, c, pass, fmt.Sprintf("doctor-%d", i+1)) })
	}
	wg.Wait()
	if err := cmpErr(errs); err == nil {
		for i, v := range visits {
			wg.Go(func() { errs[i] = v.media.Hear(ctx) })
		}
		wg.Wait()
	}
	for _, v := range visits {
		if v != nil {
			v.close()
		}
	}
	return cmpErr(errs)
}

// cmpErr is the first of errs that is one: both guests go the same way.
func cmpErr(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// visit is one guest in the room.
type visit struct {
	session *guest.Session
	media   *probe.Guest
}

func (v *visit) close() {
	// Neither has anything left to say that anybody would miss.
	_ = v.media.Close()
	_ = v.session.Close()
}

func (e *examination) visit(ctx context.Context, c doctor.Call, pass api.Pass, device string) (*visit, error) {
	join := guest.Config{URL: e.pages, Token: pass.Token, Device: device, Dial: e.dialer.DialContext}
	if e.pages == "" { // signaling from outside has a line of its own
		join.URL, join.TLS = e.api.url, localTLS()
	}
	session, _, err := guest.Join(ctx, join)
	if err != nil {
		return nil, err
	}
	media, err := probe.New(e.way(c, pass))
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	v := &visit{session: session, media: media}
	if err := v.enter(ctx); err != nil {
		v.close()
		return nil, err
	}
	return v, nil
}

func (e *examination) way(c doctor.Call, pass api.Pass) probe.Way {
	if c.URL == "" {
		return probe.Way{Only: e.mediaAddrs()}
	}
	w := probe.Way{Relay: c.URL, Dial: e.dialRelay(turnHost(c.URL), strings.HasPrefix(c.URL, "turns:"))}
	for _, s := range pass.ICEServers {
		if slices.Contains(s.URLs, c.URL) {
			w.Username, w.Credential = s.Username, s.Credential
		}
	}
	return w
}

// enter offers, connects and goes in, with the microphone on.
func (v *visit) enter(ctx context.Context) error {
	offer, err := v.media.Offer(ctx)
	if err != nil {
		return err
	}
	out := wire.Offer{ID: 1, SDP: offer.SDP, Sources: map[wire.Source]string{wire.SourceMic: offer.Sources[sfu.Mic]}}
	for _, l := range offer.Seats {
		out.Seats = append(out.Seats, wire.Lines(l))
	}
	if err := v.session.Send(out); err != nil {
		return err
	}
	answer, err := guest.Await[wire.Answer](ctx, v.session)
	if err != nil {
		return err
	}
	if err := v.media.Accept(answer.SDP); err != nil {
		return err
	}
	if err := v.media.Connect(ctx); err != nil {
		return err
	}
	for _, m := range []wire.ClientMessage{wire.Publish{Source: wire.SourceMic, On: true}, wire.Enter{}} {
		if err := v.session.Send(m); err != nil {
			return err
		}
	}
	_, err = guest.Await[wire.Entered](ctx, v.session)
	return err
}
