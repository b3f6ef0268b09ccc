package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/api"
	"parley/internal/check"
	"parley/internal/doctor"
	"parley/internal/interview"
	"parley/sfu"
	"parley/signaling/wire"
	"parley/turn"
)

// relay is the media relay and its places in the ports it shares.
type relay struct {
	server  *turn.Server
	packets atomic.Pointer[turn.Packets] // nil until the rooms are open
	serving sync.WaitGroup
	urls    []string // in the order browsers are to try them
}

// carried is the engine as the relay knows it.
type carried struct{ engine *sfu.Engine }

func (c carried) Targets() []netip.AddrPort { return c.engine.Media() }

func (c carried) Carry(deliver sfu.Deliver) (turn.Carrier, error) {
	r, err := c.engine.Carry(deliver)
	if err != nil {
		return nil, err // and not a Carrier that holds nil
	}
	return r, nil
}

// push takes what reaches the media port for the relay. It is called by the
// first shard's goroutine.
func (r *relay) push(p []byte, from netip.AddrPort) {
	if packets := r.packets.Load(); packets != nil {
		packets.Push(p, from)
	}
}

// openRelay makes the relay, which serves nobody before startRelay.
func (s *server) openRelay(context.Context) error {
	if !s.cfg.TURN.Enabled {
		return nil
	}
	secret, err := openRelaySecret(s.cfg.Data)
	if err != nil {
		return err
	}
	realm := s.cfg.TURN.Realm
	if realm == "" {
		realm, _ = publicHost(s.url)
	}
	config := turn.Config{
		Realm:  realm,
		Secret: secret,
		Allowed: func(id turn.Identity) bool {
			if id.Interview == check.Interview {
				return s.checks.Has(id.Participant)
			}
			return s.rooms.MayRelay(interview.ID(id.Interview), interview.UserID(id.Participant))
		},
		Media: carried{s.engine},
		Peers: s.cfg.TURN.Peers,
		Limits: turn.Limits{
			Allocations:    s.cfg.TURN.Allocations,
			BytesPerSecond: s.cfg.TURN.Kbps * 1000 / 8,
		},
		Logger: s.log,
	}
	for _, a := range s.announced {
		if a.Is4() && len(config.Peers) > 0 {
			config.RelayAddr = a
			break
		}
	}
	if len(config.Peers) > 0 {
		if config.Ports, err = s.openRelayPorts(); err != nil {
			return err
		}
	}
	if s.relay.server, err = turn.New(config); err != nil {
		return err
	}
	s.started.add("relay", func(context.Context) error {
		err := s.relay.server.Close()
		s.relay.serving.Wait()
		return err
	})
	return nil
}

// startRelay gives the relay its part of the ports, now that the rooms can say
// who may use it.
func (s *server) startRelay(context.Context) error {
	if s.relay.server == nil {
		return nil
	}
	local := s.engine.Media()[0]
	s.relay.packets.Store(s.relay.server.Packets(local, s.engine.WriteTo))
	s.relay.serving.Go(func() {
		if err := s.relay.server.Serve(s.front.TURN()); err != nil && !errors.Is(err, turn.ErrClosed) {
			s.log.Error("relay stopped taking connections", "err", err)
		}
	})
	s.relay.urls = relayURLs(s.cfg, s.url, s.announced, local.Port(), s.listener.Addr())
	s.log.Debug("relay serves", "urls", s.relay.urls)
	return nil
}

// gone ends what the relay carries for somebody who has left.
func (s *server) gone(id interview.ID, user interview.UserID) {
	if s.relay.server != nil {
		s.relay.server.Revoke(turn.Identity{Interview: string(id), Participant: string(user)})
	}
}

// iceServers are the relay's addresses with credentials of one participant.
func (s *server) iceServers(id, user string) []wire.ICEServer {
	if s.relay.server == nil {
		return nil
	}
	c := s.relay.server.Credentials(turn.Identity{Interview: id, Participant: user}, time.Now())
	return []wire.ICEServer{{URLs: s.relay.urls, Username: c.Username, Credential: c.Password}}
}

// apiICEServers is iceServers in the API's words.
func (s *server) apiICEServers(id interview.ID, user interview.UserID) []api.ICEServer {
	var servers []api.ICEServer
	for _, i := range s.iceServers(string(id), string(user)) {
		servers = append(servers, api.ICEServer(i))
	}
	return servers
}

// relayURLs are the addresses of the relay that a browser can reach, in the
// order UDP, TCP, TLS, at most two of each: browsers open every one.
func relayURLs(c Config, public string, announced []netip.Addr, udpPort uint16, listener net.Addr) []string {
	var urls []string
	name := func(scheme, host, port, transport string) {
		urls = append(urls, scheme+":"+net.JoinHostPort(host, port)+"?transport="+transport)
	}
	for _, a := range upToTwo(announced) {
		name("turn", a.String(), fmt.Sprint(udpPort), "udp")
	}
	host, port := publicHost(public)
	listen, _ := netip.ParseAddrPort(listener.String())
	local := isLocalHost(host)
	if local {
		port = portOf(listen)
	}
	switch {
	case c.HTTP.isTLS() && local:
		name("turn", "127.0.0.1", port, "tcp")
		name("turns", host, port, "tcp")
	case c.HTTP.isTLS():
		name("turn", host, port, "tcp")
		name("turns", host, port, "tcp")
	case strings.HasPrefix(public, "https://"):
		// What stands in front decides what passes: see turn.urls.
	case listen.Addr().IsUnspecified():
		for _, a := range upToTwo(announced) {
			name("turn", a.String(), portOf(listen), "tcp")
		}
	case local || !listen.Addr().IsLoopback():
		name("turn", listen.Addr().String(), portOf(listen), "tcp")
	}
	return append(urls, c.TURN.URLs...)
}

// upToTwo are the first address of each family, or else the first two.
func upToTwo(all []netip.Addr) []netip.Addr {
	if len(all) <= 2 {
		return all
	}
	for _, a := range all[1:] {
		if a.Is4() != all[0].Is4() {
			return []netip.Addr{all[0], a}
		}
	}
	return all[:2]
}

// publicHost takes the address people open apart. The port is the scheme's own
// when it is not written.
func publicHost(public string) (host, port string) {
	u, err := url.Parse(public)
	if err != nil {
		return "", ""
	}
	if port = u.Port(); port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname(), port
}

func isLocalHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

// relaySecretFile is where the data directory keeps what relay passwords are
// made with. Nodes that share it take each other's.
const relaySecretFile = "relay_secret"

func openRelaySecret(dir string) ([]byte, error) {
	path := filepath.Join(dir, relaySecretFile)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never fails
		raw = []byte(hex.EncodeToString(secret))
		if err := writeSecret(path, append(raw, '\n')); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %s", path, pathReason(err))
	}
	secret := strings.TrimSpace(string(raw))
	if f := doctor.CheckSecret(path, secret); f.Level == doctor.Fail {
		return nil, refusal("", f)
	}
	return []byte(secret), nil
}
