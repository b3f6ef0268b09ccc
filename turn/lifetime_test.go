package turn

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoHasLeftLosesTheRelayAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.client("198.51.100.7:1", clara)
		other := r.client("198.51.100.8:1", dan)
		over, _, closed := r.dial("198.51.100.9:1", clara, true)
		for _, c := range []*client{c, other, over} {
			want(t, "Allocate", c.allocate(), 0)
			want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
		}
		r.refused.Store(clara, true)
		r.server.Revoke(clara)
		for _, c := range []*client{c, other} {
			c.send(onChannel(0x4001, "still?"))
		}
		want(t, "hers", len(c.received()), 0)
		want(t, "the other's", len(other.received()), 1)
		<-closed
		want(t, "her Refresh", c.refresh(600), 437)
		want(t, "her Allocate", c.allocate(), 403)
		r.refused.Delete(clara)
		want(t, "her Allocate when she may again", c.allocate(), 0)
	})
}

func TestARefreshAsksWhetherOneMayStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:1", clara)
		want(t, "Allocate", c.allocate(), 0)
		want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
		for range 12 { // for an hour, with a credential of ten minutes
			time.Sleep(5 * time.Minute)
			want(t, "Refresh", c.refresh(600), 0)
			want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
			c.nonce = nil // it lasts for an hour
			c.challengeBy(refresh)
		}
		c.refused.Store(clara, true)
		want(t, "Refresh", c.refresh(600), 403)
		c.send(onChannel(0x4001, "still?"))
		want(t, "relayed", len(c.received()), 0)
		want(t, "allocations", c.server.Stats().UDP.Allocations, 0)
	})
}

func TestAllocationsAndChannelsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:1", clara)
		want(t, "Allocate", c.allocate(), 0)
		want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
		time.Sleep(9*time.Minute + 50*time.Second)
		c.send(onChannel(0x4001, "in time"))
		want(t, "in time", fmt.Sprint(c.received()), "[4001 in time]")
		want(t, "Refresh", c.refresh(1800), 0)
		time.Sleep(15 * time.Second)
		c.send(onChannel(0x4001, "too late"))
		want(t, "too late", len(c.received()), 0)
		want(t, "denied", c.server.Stats().Denied[DenyChannel], 1)
		time.Sleep(30 * time.Minute)
		want(t, "allocations", c.server.Stats().UDP.Allocations, 0)
		want(t, "carriers closed", c.media.carried[0].closed, true)
	})
}

// Pion/turn v3 may end the second allocation with the first.
func TestAClientMayAllocateAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:1", clara)
		for range 200 {
			c.nonce = nil
			want(t, "Allocate", c.allocate(), 0)
			want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
			c.send(onChannel(0x4001, "hello"))
			want(t, "relayed", len(c.received()), 1)
			want(t, "end", c.refresh(0), 0)
			c.send(onChannel(0x4001, "bye"))
			want(t, "relayed after the end", len(c.received()), 0)
			time.Sleep(time.Second)
		}
		want(t, "allocated", c.server.Stats().UDP.Allocated, 200)
		want(t, "allocations", c.server.Stats().UDP.Allocations, 0)
	})
}

func TestAnAllocateThatIsSentAgainIsAnsweredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.7:1", clara)
		want(t, "Allocate", c.allocate(), 0)
		c.last--
		want(t, "the same again", c.allocate(), 0)
		want(t, "another", c.allocate(), 437)
		want(t, "allocated", c.server.Stats().UDP.Allocated, 1)
	})
}

func (c *client) challengeBy(kind uint16) {
	c.Helper()
	c.send(c.build(kind, false))
	code, p := c.answer()
	want(c.T, "an unsigned request", code, 401)
	c.nonce = append([]byte(nil), find(p, attrNonce)...)
}
