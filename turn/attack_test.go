package turn

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestNothingButMediaCanBeReached(t *testing.T) {
	others := []string{
		"127.0.0.1:40000", "127.0.0.1:22", "0.0.0.0:40000", "0.0.0.2:1", "169.254.169.254:80", "10.0.0.1:40000",
		"172.16.0.1:80", "192.168.1.1:53", "100.64.0.1:1", "224.0.0.1:5353", "255.255.255.255:9", "8.8.8.8:53",
		"203.0.113.1:40001", "203.0.113.1:443", "203.0.113.1:22", "203.0.113.1:0",
		"[::1]:40000", "[::]:40000", "[::ffff:127.0.0.1]:40000", "[::ffff:203.0.113.1]:40000",
		"[fe80::1]:1", "[fd00:ec2::254]:80", "[64:ff9b::7f00:1]:1", "[2002:7f00:1::]:1", "[2001:db8::1]:40000",
	}
	for _, other := range others {
		t.Run(other, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newRig(t).client("198.51.100.7:5000", clara)
				victim := c.rig.client("198.51.100.8:5000", dan)
				want(t, "the victim's Allocate", victim.allocate(), 0) // its relayed address is 0.0.0.1:1
				want(t, "Allocate", c.allocate(), 0)
				want(t, "permission for media", c.ask(createPermission, attrPeer, xored(mediaAddr)), 0)
				to, refusal := netip.MustParseAddrPort(other), 403
				peer := func() []byte { return xored(to) }
				if to.Addr().Is6() {
					refusal, peer = 443, func() []byte { return c.xored6(to) }
				}
				if to.Addr() != mediaAddr.Addr() { // permissions know no ports
					want(t, "CreatePermission", c.ask(createPermission, attrPeer, peer()), refusal)
					want(t, "CreatePermission beside media", c.ask(createPermission, attrPeer, xored(mediaAddr), attrPeer, peer()), refusal)
				}
				want(t, "ChannelBind", c.ask(channelBind, attrChannel, []byte{0x40, 1, 0, 0}, attrPeer, peer()), refusal)
				c.send(c.build(send|classIndication, false, attrPeer, peer(), attrData, []byte("hello")))
				c.send(onChannel(0x4001, "hello"))
				synctest.Wait()
				for i, carrier := range c.media.carried {
					if len(carrier.got) > 0 {
						t.Errorf("carrier %d got %q", i, carrier.got)
					}
				}
				if got := append(c.received(), victim.received()...); len(got) > 0 {
					t.Errorf("somebody received %q", got)
				}
			})
		})
	}
}

// The relay's own check of where a packet goes holds without the ones before it.
func TestNoPacketGoesWhereItMayNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:5000", clara)
		want(t, "Allocate", c.allocate(), 0)
		a := c.server.book.of(clara)[0]
		for _, to := range []string{"203.0.113.1:22", "127.0.0.1:40000", "[::ffff:127.0.0.1]:40000"} {
			a.WriteTo([]byte("hello"), udpAddr(netip.MustParseAddrPort(to)))
		}
		want(t, "packets", len(c.media.carried[0].got), 0)
		want(t, "denied", c.server.Stats().Denied[DenyPeer], 3)
	})
}

func TestCredentialsAreRefused(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(*client)
		code  int
	}{
		"wrong password": {func(c *client) { c.cred.Password += "x" }, 401},
		"no colon":       {func(c *client) { c.cred.Username = "clara" }, 401},
		"another's name": {func(c *client) { c.cred.Username = c.server.Credentials(dan, time.Now()).Username }, 401},
		"another room": {func(c *client) {
			c.cred.Username = c.server.Credentials(Identity{"other", "clara"}, time.Now()).Username
		}, 401},
		"another secret": {func(c *client) {
			c.cred = newRig(c.T, func(cfg *Config) { cfg.Secret = make([]byte, 32) }).server.Credentials(clara, time.Now())
		}, 401},
		"expired":           {func(c *client) { time.Sleep(10*time.Minute + 2*time.Second) }, 401},
		"expiry moved":      {func(c *client) { c.cred.Username = "9999999999:interview:clara" }, 401},
		"of the far future": {func(c *client) { c.cred = c.server.Credentials(clara, time.Now().Add(time.Hour)) }, 401},
		"who has left":      {func(c *client) { c.refused.Store(clara, true) }, 403},
		"good":              {func(*client) {}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newRig(t).client("198.51.100.7:5000", clara)
				c.challenge()
				x.spoil(c)
				want(t, "Allocate", c.allocate(), x.code)
				want(t, "failures counted", c.server.Stats().AuthFailures, map[bool]uint64{true: 1}[x.code == 401])
				want(t, "allocations", c.server.Stats().UDP.Allocated, map[bool]uint64{true: 1}[x.code == 0])
			})
		})
	}
}

func TestAnAllocationIsItsOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:5000", clara)
		want(t, "Allocate", c.allocate(), 0)
		c.cred = c.server.Credentials(dan, time.Now()) // from the same address and port
		want(t, "another's Refresh", c.refresh(600), 441)
		want(t, "another's end", c.refresh(0), 441)
		want(t, "another's ChannelBind", c.bind(0x4001, mediaAddr), 441)
		want(t, "another's CreatePermission", c.ask(createPermission, attrPeer, xored(mediaAddr)), 441)
		want(t, "denied", c.server.Stats().Denied[DenyOwner], 4)
		c.cred = c.server.Credentials(clara, time.Now().Add(time.Minute)) // a newer one of hers
		want(t, "her Refresh", c.refresh(600), 0)
	})
}

func TestRequestsThatARelayCannotServeAreRefused(t *testing.T) {
	for name, x := range map[string]struct {
		attrs []any
		code  int
	}{
		"TCP relay":      {[]any{attrTransport, []byte{6, 0, 0, 0}}, 442},
		"no transport":   {nil, 400},
		"IPv6 relay":     {[]any{attrTransport, udpTransport, attrRequestedFamily, []byte{2, 0, 0, 0}}, 440},
		"IPv4 relay":     {[]any{attrTransport, udpTransport, attrRequestedFamily, []byte{1, 0, 0, 0}}, 0},
		"even port":      {[]any{attrTransport, udpTransport, attrEvenPort, []byte{0x80}}, 508},
		"reservation":    {[]any{attrTransport, udpTransport, attrReservation, make([]byte, 8)}, 508},
		"short lifetime": {[]any{attrTransport, udpTransport, attrLifetime, []byte{0, 0, 0, 1}}, 400},
		"long lifetime":  {[]any{attrTransport, udpTransport, attrLifetime, []byte{1, 0, 0, 1}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newRig(t).client("198.51.100.7:5000", clara)
				want(t, "Allocate", c.ask(allocate, x.attrs...), x.code)
			})
		})
	}
}

// The message that ends a whole process where pion/turn v3 reads it.
func TestAnEmptyPeerAddressIsJunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:5000", clara)
		want(t, "Allocate", c.allocate(), 0)
		for n := range 8 {
			c.send(c.build(send|classIndication, false, attrPeer, make([]byte, n), attrData, []byte("hello")))
			c.send(c.build(createPermission, true, attrPeer, xored(mediaAddr), attrPeer, make([]byte, n)))
		}
		synctest.Wait()
		want(t, "junk", c.server.Stats().Junk, 16)
		want(t, "Refresh", c.refresh(600), 0)
	})
}

func TestQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) {
			c.Limits = Limits{Allocations: 5, PerParticipant: 2, PerAddress: 3, Channels: 2, Permissions: 2}
			c.Media.(*echo).targets = append(c.Media.(*echo).targets, netip.MustParseAddrPort("203.0.113.1:40001"), netip.MustParseAddrPort("203.0.113.1:40002"))
		})
		one := r.client("198.51.100.7:1", clara)
		want(t, "first", one.allocate(), 0)
		want(t, "second", r.client("198.51.100.7:2", clara).allocate(), 0)
		third := r.client("198.51.100.7:3", clara)
		want(t, "a participant's third", third.allocate(), 486)
		time.Sleep(silence + time.Second)
		one.send(onChannel(0x4001, "still here"))
		want(t, "a third when the second is silent", third.allocate(), 0)
		want(t, "the first one's Refresh", one.refresh(600), 0)
		want(t, "an address's third", r.client("198.51.100.7:4", dan).allocate(), 0)
		want(t, "an address's fourth", r.client("198.51.100.7:5", dan).allocate(), 486)
		want(t, "the fourth in all", r.client("198.51.100.8:1", dan).allocate(), 0)
		want(t, "the fifth in all", r.client("198.51.100.9:1", Identity{"x", "y"}).allocate(), 0)
		want(t, "the sixth in all", r.client("198.51.100.10:1", Identity{"x", "z"}).allocate(), 486)
		for i, code := range []int{0, 0, 486} {
			want(t, "channel", one.bind(0x4001+uint16(i), r.media.targets[i]), code)
		}
		want(t, "a channel again", one.bind(0x4001, mediaAddr), 0)
		want(t, "a channel for another", one.bind(0x4001, r.media.targets[2]), 400)
		p := xored(mediaAddr)
		want(t, "permissions", one.ask(createPermission, attrPeer, p, attrPeer, p, attrPeer, p), 486)
		want(t, "denied", r.server.Stats().Denied[DenyQuota], 5)
	})
}

func TestBytesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t, func(c *Config) { c.Limits.BytesPerSecond = 10_000 }).client("198.51.100.7:1", clara)
		c.allocate()
		c.bind(0x4001, mediaAddr)
		for range 5 {
			for range 100 {
				c.send(onChannel(0x4001, string(make([]byte, 1000))))
			}
			time.Sleep(time.Second)
		}
		want(t, "relayed", c.server.Stats().UDP.FromClients, Traffic{50, 50_000})
		want(t, "denied", c.server.Stats().Denied[DenyRate], 450)
	})
}
