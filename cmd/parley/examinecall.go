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
	"strconv"
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

// doctorThread is the thread that the doctor's calls are in; those on further
// media ports are in others that begin with it and a number. Host applications can
// tell them by it.
const doctorThread = "parley-doctor"

// mostPorts is how many media ports are tried one by one.
const mostPorts = 8

// caller keeps the interviews that the calls are in, by their threads.
type caller struct {
	interviews map[string]string
	refused    bool
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
	passes, err := e.passes(ctx, doctorThread)
	if err != nil {
		e.calls.refused = true
		return doctor.Finding{Check: string(path), Level: doctor.Fail, Message: "no call could be made: " + err.Error(),
			Fix: "put right what it says; the server's log has more"}
	}
	if path != doctor.PathUDP {
		if c.URL = e.pick(passes[0].ICEServers, path); c.URL == "" {
			return doctor.NoPath(path, e.ask.outside != "" || e.cfg.TURN.Enabled, strings.HasPrefix(e.url, "https:"))
		}
	}
	met, err := e.meet(ctx, c, passes)
	defer func() { met.close() }()
	if c.Err = err; err == nil && path == doctor.PathUDP {
		var more meeting
		more, c.Err = e.meetOnOtherPorts(ctx, c)
		met = append(met, more...)
	}
	c.Took, c.Ports = time.Since(start), met.ports()
	return doctor.CheckCall(c)
}

// meetOnOtherPorts calls as often as the server has shards. While a call stands,
// the next one is on the shard that has the fewest people: on a server that is not
// busy, on another port each time.
func (e *examination) meetOnOtherPorts(ctx context.Context, c doctor.Call) (meeting, error) {
	var all meeting
	for n := 2; n <= min(e.shards(), mostPorts); n++ {
		passes, err := e.passes(ctx, fmt.Sprintf("%s-%d", doctorThread, n))
		if err != nil {
			return all, err
		}
		met, err := e.meet(ctx, c, passes)
		all = append(all, met...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// shards is how many media ports the server has, as far as can be known.
func (e *examination) shards() int {
	if e.ask.outside != "" && e.cfg.Media.Shards == 0 {
		return 1 // this machine's processors say nothing about the server's
	}
	return e.cfg.shards()
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

// passes are the ways in of the two guests to the interview of a thread. It is the
// same for every path, and ends with the examination.
func (e *examination) passes(ctx context.Context, thread string) ([]api.Pass, error) {
	guests := []map[string]string{
		{"id": "doctor-1", "name": "parley doctor", "role": "interviewer"},
		{"id": "doctor-2", "name": "parley doctor", "role": "interviewee"},
	}
	id := e.calls.interviews[thread]
	if id == "" {
		body := map[string]any{"title": "parley doctor", "participants": guests}
		if err := e.api.call(ctx, http.MethodPut, "/v1/threads/"+thread, body, &struct{}{}); err != nil {
			return nil, fmt.Errorf("make a thread: %w", err)
		}
		var made struct {
			ID string `json:"id"`
		}
		if err := e.api.call(ctx, http.MethodPost, "/v1/threads/"+thread+"/interviews", map[string]any{"mode": "audio"}, &made); err != nil {
			return nil, fmt.Errorf("start an interview: %w", err)
		}
		id = made.ID
		e.calls.interviews[thread] = id
		e.ended = append(e.ended, func() { e.endCall(id) })
	}
	passes := make([]api.Pass, len(guests))
	for i, g := range guests {
		body := map[string]any{"user": map[string]string{"id": g["id"]}}
		if err := e.api.call(ctx, http.MethodPost, "/v1/interviews/"+url.PathEscape(id)+"/join", body, &passes[i]); err != nil {
			return nil, fmt.Errorf("get a way in: %w", err)
		}
	}
	return passes, nil
}

func (e *examination) endCall(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	// It ends by itself soon, if it cannot be ended now.
	_ = e.api.call(ctx, http.MethodPost, "/v1/interviews/"+url.PathEscape(id)+"/end", map[string]any{}, &struct{}{})
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

// meeting is the guests who are in a room. They stay until it is closed.
type meeting []*visit

func (m meeting) close() {
	for _, v := range m {
		v.close()
	}
}

// ports are the media ports of the server that the guests were sent to.
func (m meeting) ports() []uint16 {
	var ports []uint16
	for _, v := range m {
		if v.port != 0 && !slices.Contains(ports, v.port) {
			ports = append(ports, v.port)
		}
	}
	return ports
}

// meet brings both guests into the room, and waits until each has heard the other.
// The meeting is the caller's to close, also when there is an error.
func (e *examination) meet(ctx context.Context, c doctor.Call, passes []api.Pass) (meeting, error) {
	visits := make([]*visit, len(passes))
	errs := make([]error, len(passes))
	var wg sync.WaitGroup
	for i, pass := range passes {
		wg.Go(func() { visits[i], errs[i] = e.visit(ctx, c, pass, fmt.Sprintf("doctor-%d", i+1)) })
	}
	wg.Wait()
	if firstError(errs) == nil {
		for i, v := range visits {
			wg.Go(func() { errs[i] = v.media.Hear(ctx) })
		}
		wg.Wait()
	}
	return slices.DeleteFunc(meeting(visits), func(v *visit) bool { return v == nil }), firstError(errs)
}

// firstError is the first of errs that is one: both guests go the same way.
func firstError(errs []error) error {
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
	port    uint16 // of the server's media; 0: the answer named none
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
	v.port = candidatePort(answer.SDP)
	if err := v.media.Connect(ctx); err != nil {
		return fmt.Errorf("%w, from UDP port %d of the server", err, v.port)
	}
	for _, m := range []wire.ClientMessage{wire.Publish{Source: wire.SourceMic, On: true}, wire.Enter{}} {
		if err := v.session.Send(m); err != nil {
			return err
		}
	}
	_, err = guest.Await[wire.Entered](ctx, v.session)
	return err
}

// candidatePort is the port of the first candidate in an answer (RFC 8839 §5.1);
// 0: there is none.
func candidatePort(sdp string) uint16 {
	for line := range strings.Lines(sdp) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "a=candidate:") && len(fields) > 5 {
			if port, err := strconv.ParseUint(fields[5], 10, 16); err == nil {
				return uint16(port)
			}
		}
	}
	return 0
}
