package main

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/store"
	"parley/internal/token"
)

func TestTokenOfAStoppedServerIsSignedWithItsKey(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := run(t, "token", "--data", dir, "--thread", "t1", "--user", "femi", "--name", "Femi", "--role", "observer", "--lifetime", "1h")
	if code != exitOK {
		t.Fatalf("got %d and %q, want 0", code, stderr)
	}
	s, err := store.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, err := openKeyring(t.Context(), s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	claims, err := keys.Verify(strings.TrimSpace(stdout), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := token.Claims{User: "femi", Name: "Femi", Role: "observer", Thread: "t1"}
	if claims.ExpiresAt.Sub(claims.IssuedAt) != time.Hour || claims.ID == "" {
		t.Errorf("lifetime %v and id %q, want an hour and an id", claims.ExpiresAt.Sub(claims.IssuedAt), claims.ID)
	}
	claims.ID, claims.IssuedAt, claims.ExpiresAt = "", time.Time{}, time.Time{}
	if claims != want {
		t.Errorf("got %+v, want %+v", claims, want)
	}
}

func TestTokenOfARunningServerComesFromItsAPI(t *testing.T) {
	d := startDemo(t, t.TempDir())
	id := d.ring(t, "t1")
	for _, room := range [][]string{{"--interview", id}, {"--thread", "t1"}} {
		code, stdout, stderr := run(t, append([]string{"token", "--data", d.dir, "--user", "femi"}, room...)...)
		if code != exitOK || strings.Count(strings.TrimSpace(stdout), ".") != 2 {
			t.Errorf("%v: got %d, %q and %q, want a token", room, code, stdout, stderr)
		}
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--interview", id, "--user", "stranger"}, "the server refused (403): "},
		{[]string{"--interview", "iv_none", "--user", "femi"}, "the server refused (404): "},
		{[]string{"--thread", "t2", "--user", "femi"}, "the server refused (404): "},
	} {
		code, _, stderr := run(t, append([]string{"token", "--data", d.dir}, test.args...)...)
		if code != exitFailed || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: got %d and %q, want 1 and %q", test.args, code, stderr, test.want)
		}
	}
	if status, answer := d.call(t, http.MethodPost, "/v1/interviews/"+id+"/end", "{}"); status != http.StatusOK {
		t.Fatalf("end: %d %v", status, answer)
	}
	code, _, stderr := run(t, "token", "--data", d.dir, "--thread", "t1", "--user", "femi")
	if code != exitFailed || !strings.Contains(stderr, "thread t1 has no open interview; start one first") {
		t.Errorf("after the end: got %d and %q", code, stderr)
	}
}
