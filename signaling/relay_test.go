package signaling_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/signaling"
	"parley/signaling/wire"
)

func TestRelayCredentialsAreReplacedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int32
		w := virtualWorld(t, func(c *signaling.Config) {
			c.ICEServers = func(interview, user string) []wire.ICEServer {
				if user != string(femi.ID) {
					return nil
				}
				n := strconv.Itoa(int(made.Add(1)))
				return []wire.ICEServer{{URLs: []string{"turn:turn.example.org"}, Username: interview + ":" + user + ":" + n}}
			}
		})
		iv := w.ring()
		page, hello := w.join(femi, iv.ID, "d1", "")
		other, _ := w.join(clara, iv.ID, "d2", "")
		page.send(wire.Enter{})
		other.send(wire.Enter{})
		start := time.Now()
		for n, got := 1, hello.ICEServers; n <= 3; n++ {
			if want := string(iv.ID) + ":freelancer:" + strconv.Itoa(n); len(got) != 1 || got[0].Username != want {
				t.Fatalf("got %+v, want credentials %s", got, want)
			}
			got = await[wire.ICEServers](page).ICEServers
			if after := time.Since(start); after > time.Duration(n)*5*time.Minute+time.Second {
				t.Fatalf("credentials %d came after %v", n+1, after)
			}
		}
	})
}
