package main

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"parley/internal/doctor"
	"parley/internal/doctor/facts"
	"parley/sfu/socket"
)

// dialTimeout bounds how long a connection that the doctor opens may take.
const dialTimeout = 5 * time.Second

// examination is one look at an installation. What a check finds out and later
// ones need is kept here.
type examination struct {
	cfg      Config
	ask      doctorRequest
	url      string // what people open
	host     string
	port     string
	resolver *net.Resolver
	dialer   *net.Dialer

	own       []netip.Addr // the machine's addresses
	resolved  []netip.Addr // what the name leads to
	announced []netip.Addr // where media goes
	page      facts.Page

	found   bool    // a Parley runs here already
	pid     int     // its process; 0: unknown
	started *server // the one that was started for this; nil: none
	api     hostApp
	pages   string // from where signaling is opened

	calls caller
	ended []func()
}

func newExamination(cfg Config, ask doctorRequest, r *net.Resolver) *examination {
	r = cmp.Or(r, net.DefaultResolver)
	e := &examination{cfg: cfg, ask: ask, url: cmp.Or(ask.outside, cfg.HTTP.PublicURL), resolver: r, dialer: doctorDialer(r), calls: caller{interviews: map[string]string{}}}
	e.host, e.port = publicHost(e.url)
	if ask.outside == "" {
		e.own = ownAddresses()
		e.announced = cfg.announced(cfg.mediaListen(hasIPv6()).Addr(), e.own, false)
		e.find()
	}
	return e
}

// close ends what the examination has begun, the last thing first.
func (e *examination) close() {
	for i := len(e.ended) - 1; i >= 0; i-- {
		e.ended[i]()
	}
	e.ended = nil
}

// checks are the rows of the examination, in order. From outside there is nothing
// to see of the machine.
func (e *examination) checks() []doctor.Check {
	if e.ask.outside != "" {
		rows := []doctor.Check{
			{Name: "name", Look: e.checkName},
			{Name: "certificate", Needs: []string{"name"}, Look: e.checkCertificate},
		}
		rows = append(rows, e.siteChecks()...)
		return append(rows, e.callChecks()...)
	}
	rows := machineChecks(e.cfg.Data, e.pid)
	rows = append(rows,
		doctor.Check{Name: "secret", Needs: []string{"data"}, Look: e.checkSecret},
		doctor.Check{Name: "ports", Look: e.checkPorts},
		doctor.Check{Name: "name", Look: e.checkName},
		doctor.Check{Name: "address", Needs: []string{"name"}, Look: e.checkAddress},
		doctor.Check{Name: "certificate", Look: e.checkFiles},
		doctor.Check{Name: "server", Needs: []string{"data", "secret", "ports", "address", "certificate"}, Look: e.checkServer},
	)
	rows = append(rows, e.siteChecks()...)
	rows = append(rows, e.callChecks()...)
	return append(rows, e.serviceChecks()...)
}

// machineChecks need nothing but the machine, and no time: serve makes them too.
// pid is the running server's, or 0.
func machineChecks(data string, pid int) []doctor.Check {
	one := func(f func() doctor.Finding) func(context.Context) []doctor.Finding {
		return func(context.Context) []doctor.Finding { return []doctor.Finding{f()} }
	}
	return []doctor.Check{
		{Name: "data", Look: one(func() doctor.Finding { return doctor.CheckData(absolute(data), facts.Directory(absolute(data))) })},
		{Name: "disk", Look: one(func() doctor.Finding {
			dir := facts.Existing(absolute(data))
			free, ok := facts.Free(dir)
			if !ok {
				return doctor.NotTried("disk", "this system does not say how much is free")
			}
			return doctor.CheckDisk(dir, free)
		})},
		{Name: "buffers", Look: one(func() doctor.Finding {
			return doctor.CheckBuffers(doctor.Buffers{Read: facts.NetLimit("rmem_max"), Write: facts.NetLimit("wmem_max"), Wanted: socket.DefaultBuffer})
		})},
		{Name: "files", Look: one(func() doctor.Finding {
			limit, ok := facts.OpenFiles(pid)
			if !ok {
				return doctor.NotTried("files", "this system does not say how many may be open")
			}
			return doctor.CheckFiles(limit, pid)
		})},
	}
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// siteChecks look at what people open, and at where media goes.
func (e *examination) siteChecks() []doctor.Check {
	return []doctor.Check{
		{Name: "page", Needs: []string{"name", "certificate", "server"}, Look: e.checkPage},
		{Name: "clock", Needs: []string{"page"}, Look: e.checkClock},
		{Name: "websocket", Needs: []string{"page"}, Look: e.checkUpgrade},
		{Name: "udp", Needs: []string{"name", "server"}, Look: e.checkUDP},
	}
}

// callChecks let two people meet, once over each path.
func (e *examination) callChecks() []doctor.Check {
	needs := map[doctor.Path][]string{
		doctor.PathUDP: {"server", "udp"}, doctor.PathTURNUDP: {"server", "udp"},
		doctor.PathTURNTCP: {"server", "page"}, doctor.PathTURNTLS: {"server", "page"},
	}
	var rows []doctor.Check
	for _, path := range doctor.Paths() {
		if e.ask.outside != "" { // there is no other way for signaling
			needs[path] = append(needs[path], "websocket")
		}
		rows = append(rows, doctor.Check{Name: string(path), Needs: needs[path], Look: func(ctx context.Context) []doctor.Finding {
			return []doctor.Finding{e.checkCall(ctx, path)}
		}})
	}
	return rows
}

// serviceChecks are what stands beside the server.
func (e *examination) serviceChecks() []doctor.Check {
	return []doctor.Check{
		{Name: "webhook", Needs: []string{"server"}, Look: e.checkWebhooks},
		{Name: "recordings", Needs: []string{"data"}, Look: e.checkRecordings},
		{Name: "ffmpeg", Look: e.checkFFmpeg},
		{Name: "zoom", Look: e.checkZoomAccount},
		{Name: "storage", Look: e.checkStorage},
		{Name: "transcripts", Look: e.checkTranscription},
	}
}
