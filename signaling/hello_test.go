package signaling_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
	"parley/internal/token"
	"parley/signaling"
	"parley/signaling/wire"
)

func TestHelloIsAnsweredByTheWholeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t, func(c *signaling.Config) {
			c.ICEServers = func(_, user string) []wire.ICEServer {
				return []wire.ICEServer{{URLs: []string{"turn:turn.example.org"}, Username: user}}
			}
		})
		iv := w.ring()
		_, hello := w.join(femi, iv.ID, "d1", "")
		switch {
		case hello.Session == "" || hello.Resume == "" || hello.Resumed || hello.Entered:
			t.Errorf("got %+v, want a new session in the lobby", hello)
		case hello.You != (wire.Person{ID: "freelancer", Name: "Femi Adeyemi", Role: "interviewee"}):
			t.Errorf("got you %+v", hello.You)
		case hello.Interview.ID != string(iv.ID) || hello.Interview.State != "ringing" || hello.Interview.Mode != "video":
			t.Errorf("got interview %+v", hello.Interview)
		case !hello.Interview.CreatedAt.Equal(iv.CreatedAt) || !hello.Interview.EndedAt.IsZero():
			t.Errorf("got times %+v", hello.Interview)
		case len(hello.May) != 4 || hello.Seats != 1 || hello.PingMS != 3000:
			t.Errorf("got may %v, seats %d, ping %d", hello.May, hello.Seats, hello.PingMS)
		case len(hello.ICEServers) != 1 || hello.ICEServers[0].Username != "freelancer":
			t.Errorf("got ICE servers %+v", hello.ICEServers)
		}
	})
}

func TestATokenForAThreadLeadsToItsOpenInterview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		p := w.connect()
		p.send(wire.Hello{Device: "d1", Token: w.token(femi, "", func(c *token.Claims) { c.Thread = thread })})
		if got := await[wire.Welcome](p); got.Interview.ID != string(iv.ID) {
			t.Errorf("got interview %s, want %s", got.Interview.ID, iv.ID)
		}
	})
}

func TestBadTokensAreRefusedWithASentence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		foreignKey, err := token.GenerateKey()
		w.must(err)
		foreign, err := token.NewKeyring(foreignKey)
		w.must(err)
		good := w.token(femi, iv.ID)
		head, rest, _ := strings.Cut(good, ".")
		body, _, _ := strings.Cut(rest, ".")
		for _, c := range []struct {
			name, token string
			want        wire.Code
		}{
			{"no token at all", "hello", wire.CodeTokenMalformed},
			{"alg none", "eyJhbGciOiJub25lIn0." + body + ".", wire.CodeTokenSignature},
			{"signature cut off", head + "." + body + ".", wire.CodeTokenSignature},
			{"signature of another", head + "." + body + "." + strings.Repeat("A", 43), wire.CodeTokenSignature},
			{"another server's", mint(t, foreign, femi, iv.ID), wire.CodeTokenSignature},
			{"expired", w.token(femi, iv.ID, func(c *token.Claims) {
				c.IssuedAt, c.ExpiresAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
			}), wire.CodeTokenExpired},
			{"of the future", w.token(femi, iv.ID, func(c *token.Claims) {
				c.IssuedAt, c.ExpiresAt = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
			}), wire.CodeTokenNotYetValid},
			{"unknown role", w.token(femi, iv.ID, func(c *token.Claims) { c.Role = "ghost" }), wire.CodeTokenMalformed},
			{"no such interview", w.token(femi, "iv_none"), wire.CodeNotFound},
		} {
			t.Log(c.name)
			p := w.connect()
			p.send(wire.Hello{Token: c.token, Device: "d1"})
			e := p.refused(c.want)
			if e.Re != "hello" || !strings.HasSuffix(e.Message, ".") || strings.Contains(e.Message, "token") {
				t.Errorf("got %+v, want a sentence for people about hello", e)
			}
		}
		synctest.Wait()
		if got := w.server.Stats(); got.Sessions != 0 || got.Refused["token_signature"] != 4 || got.Closed["token_signature"] != 4 {
			t.Errorf("got %+v, want four refused signatures and no session", got)
		}
	})
}

func mint(t *testing.T, keys *token.Keyring, p interview.Participant, id interview.ID) string {
	t.Helper()
	raw, err := keys.Mint(token.Claims{
		ID: "j", User: string(p.ID), Role: string(p.Role), Interview: string(id),
		IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAnInterviewThatIsOverIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		_, err := w.rooms.Cancel(t.Context(), iv.ID, clara.ID)
		w.must(err)
		p := w.connect()
		p.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d1"})
		p.refused(wire.CodeInterviewOver)
	})
}

func TestHelloMustComeWithinFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		start := time.Now()
		p := w.connect()
		p.refused(wire.CodeHelloLate)
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("closed after %v, want 5s", waited)
		}
	})
}

func TestHelloComesFirstAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		early := w.connect()
		early.send(wire.Ping{N: 1})
		if e := early.refused(wire.CodeHelloFirst); e.Re != "ping" {
			t.Errorf("got re %q, want ping", e.Re)
		}
		p, _ := w.join(femi, iv.ID, "d1", "")
		p.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d1"})
		p.refused(wire.CodeHelloTwice)
	})
}

func TestBeforeHelloEveryMistakeIsFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		for text, want := range map[string]wire.Code{
			`{"type":"sing"}`:               wire.CodeUnknownMessage,
			`{"type":"hello","token":"x"}`:  wire.CodeMissingField,
			`not json`:                      wire.CodeMalformed,
			`{"type":"hello","token":"x\n`:  wire.CodeMalformed,
			"{\"type\":\"hello\xff\"}":      wire.CodeNotUTF8,
			strings.Repeat(" ", 64<<10+100): wire.CodeTooBig,
		} {
			p := w.connect()
			p.text(text)
			p.refused(want)
		}
	})
}
