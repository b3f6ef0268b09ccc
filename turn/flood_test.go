package turn

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// stream sends a packet every 20 ms for a time, and returns how many came back.
func (c *client) stream(d time.Duration) (sent, back int) {
	for start := time.Now(); time.Since(start) < d; time.Sleep(20 * time.Millisecond) {
		c.send(onChannel(0x4001, "media"))
		sent++
		back += len(c.received())
	}
	return sent, back
}

func TestAFloodIsRefusedAndARunningCallUndisturbed(t *testing.T) {
	for name, forged := range map[string]bool{"of one address": false, "of forged addresses": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				c := r.client("198.51.100.7:1", clara)
				want(t, "Allocate", c.allocate(), 0)
				want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
				flood := r.client("198.51.100.8:1", dan)
				before := heap()
				go func() {
					for i := range 5 * 10_000 { // 10,000 a second
						if forged {
							flood.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 1)
						}
						flood.send(flood.build([]uint16{allocate, binding, refresh}[i%3], i%2 == 0))
						if i%100 == 99 {
							time.Sleep(10 * time.Millisecond)
						}
					}
				}()
				sent, back := c.stream(5 * time.Second)
				time.Sleep(time.Second)
				want(t, "packets that came back", back, sent)
				s := r.server.Stats()
				most := uint64(30 + 5*10 + 10)
				if forged {
					most = 6000 + 1000
				}
				if heard := 50_000 - s.Denied[DenyFlood]; heard > most {
					t.Errorf("%d messages were heard, want %d at most", heard, most)
				}
				if grown := heap() - before; grown > 4<<20 {
					t.Errorf("memory grew by %d bytes", grown)
				}
			})
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What is sent to an address that has shown nothing is not much more than it sent.
func TestAnswersAmplifyLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newRig(t).client("198.51.100.8:1", dan)
		sent, got := 0, 0
		for i := range 5000 {
			p := c.build([]uint16{allocate, binding, refresh, createPermission}[i%4], false)
			sent += len(p) + 28 // IPv4 and UDP
			c.send(p)
			if i%100 == 99 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		synctest.Wait()
		answers := len(c.in)
		for range answers {
			p := <-c.in
			got += len(p) + 28
			if len(p) > 144 {
				t.Errorf("an answer of %d bytes", len(p))
			}
		}
		if answers > 50 || got > sent {
			t.Errorf("%d answers of %d bytes to %d bytes", answers, got, sent)
		}
	})
}

func TestMutatedMessagesDoNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.client("198.51.100.7:1", clara)
		want(t, "Allocate", c.allocate(), 0)
		want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
		good := [][]byte{
			c.build(allocate, true, attrTransport, udpTransport, attrLifetime, []byte{0, 0, 2, 88}),
			c.build(refresh, true, attrLifetime, []byte{0, 0, 2, 88}), c.build(binding, false),
			c.build(createPermission, true, attrPeer, xored(mediaAddr), attrPeer, xored(mediaAddr)),
			c.build(channelBind, true, attrChannel, []byte{0x40, 1, 0, 0}, attrPeer, xored(mediaAddr)),
			c.build(send|classIndication, false, attrPeer, xored(mediaAddr), attrData, []byte("data")),
			onChannel(0x4001, "data of a channel"),
		}
		random := rand.New(rand.NewPCG(1, 2))
		before := heap()
		for i := range 20_000 {
			p := mutate(random, slices.Clone(good[i%len(good)]))
			c.send(p)
			if i%20 == 0 { // a connection that is junk ends
				over, conn, _ := r.dial(fmt.Sprintf("198.51.100.%d:%d", i%200+10, i+1), clara, true)
				over.send(p)
				over.send(p)
				conn.Close()
				r.mu.Lock()
				delete(r.inboxes, over.from)
				r.mu.Unlock()
			}
			if i%50 == 0 {
				time.Sleep(50 * time.Millisecond)
				c.received()
			}
		}
		time.Sleep(time.Minute)
		c.received()
		if grown := heap() - before; grown > 2<<20 {
			t.Errorf("memory grew by %d bytes", grown)
		}
		want(t, "Refresh", c.refresh(600), 0)
		want(t, "connections", r.server.Stats().TLS.Connections, 0)
	})
}

func mutate(random *rand.Rand, p []byte) []byte {
	for range 1 + random.IntN(3) {
		switch i := random.IntN(len(p)); random.IntN(5) {
		case 0:
			p[i] ^= 1 << random.IntN(8)
		case 1:
			p[i] = byte(random.Uint32())
		case 2:
			p = p[:max(i, 1)]
		case 3:
			p = append(p, p[i:]...)
		case 4:
			if len(p) >= 4 {
				binary.BigEndian.PutUint16(p[2:], uint16(random.Uint32()))
			}
		}
		p = p[:min(len(p), 3000)]
	}
	return p
}

func FuzzMessages(f *testing.F) {
	c := &client{nonce: []byte("nonce"), cred: Credentials{Username: "1:a:b", Password: "p"}}
	f.Add(c.build(allocate, true, attrTransport, udpTransport))
	f.Add(c.build(channelBind, true, attrChannel, []byte{0x40, 1, 0, 0}, attrPeer, xored(mediaAddr)))
	f.Add(c.build(send|classIndication, false, attrPeer, make([]byte, 20), attrData, []byte("data")))
	f.Add(onChannel(0x4001, "data"))
	f.Fuzz(func(t *testing.T, p []byte) {
		if _, data, ok := channelData(p); ok && len(data) > len(p)-4 {
			t.Fatal("data beyond its message")
		}
		var m message
		if !m.parse(p) {
			return
		}
		if len(p) < headerSize || len(p) > maxMessage || int(binary.BigEndian.Uint16(p[2:])) != len(p)-headerSize {
			t.Fatalf("%d bytes were taken for a message", len(p))
		}
		m.isSigned([]byte("key"))
		for _, code := range []int{401, 403} {
			if q := m.refusal(code, []byte("key")); len(q)%4 != 0 || len(q) > 400 {
				t.Fatalf("a refusal of %d bytes", len(q))
			}
		}
	})
}
