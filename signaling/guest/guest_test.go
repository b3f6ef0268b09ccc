package guest_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/internal/token"
	"parley/signaling"
	"parley/signaling/guest"
	"parley/signaling/wire"
)

var clara = interview.Participant{ID: "clara", Name: "Clara Novak", Role: interview.RoleInterviewer}

// house is a server without media, with an interview that rings.
type house struct {
	t         *testing.T
	url       string
	keys      *token.Keyring
	interview interview.ID
	signaling *signaling.Server
}

func newHouse(t *testing.T) *house {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	key, err := token.GenerateKey()
	must(err)
	keys, err := token.NewKeyring(key)
	must(err)
	s, err := store.Open(t.Context(), storetest.Dir(t), log)
	must(err)
	must(s.PutThread(t.Context(), interview.Thread{ID: "t", Participants: []interview.Participant{clara}}, time.Now()))
	rooms, err := conference.Open(t.Context(), conference.Config{Store: s, Logger: log})
	must(err)
	iv, _, err := rooms.Create(t.Context(), conference.Create{Thread: "t", Mode: interview.ModeAudio, By: clara.ID})
	must(err)
	h := &house{t: t, keys: keys, interview: iv.ID, signaling: signaling.NewServer(signaling.Config{Rooms: rooms, Keys: keys, Logger: log})}
	web := httptest.NewServer(h.signaling)
	h.url = web.URL
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		must(h.signaling.Close(ctx))
		web.Close()
		must(rooms.Close(ctx))
		must(s.Close())
	})
	return h
}

func (h *house) config() guest.Config {
	h.t.Helper()
	raw, err := h.keys.Mint(token.Claims{
		ID: "jti", User: string(clara.ID), Name: clara.Name, Role: string(clara.Role), Interview: string(h.interview),
		IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return guest.Config{URL: h.url, Token: raw, Device: "d1"}
}

func TestAGuestIsWelcomedAndEnters(t *testing.T) {
	h := newHouse(t)
	s, welcome, err := guest.Join(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if welcome.You.ID != "clara" || welcome.Interview.ID != string(h.interview) {
		t.Errorf("got %+v", welcome)
	}
	if err := s.Send(wire.Enter{}); err != nil {
		t.Fatal(err)
	}
	if _, err := guest.Await[wire.Entered](t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestARefusalIsTheServersSentence(t *testing.T) {
	h := newHouse(t)
	bad := h.config()
	bad.Token = "not.a.token"
	if _, _, err := guest.Join(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "token_malformed") {
		t.Errorf("a bad token: got %v", err)
	}
	s, _, err := guest.Join(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Send(wire.Offer{ID: 1, SDP: "v=0"}); err != nil {
		t.Fatal(err)
	}
	if _, err := guest.Await[wire.Answer](t.Context(), s); err == nil || !strings.Contains(err.Error(), "no_media") {
		t.Errorf("an offer to a server without media: got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := guest.Await[wire.Answer](ctx, s); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("nothing came: got %v", err)
	}
}

func TestAServerThatGoesIsTold(t *testing.T) {
	h := newHouse(t)
	s, _, err := guest.Join(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := h.signaling.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the word, and then silence
		if _, err := guest.Await[wire.Answer](t.Context(), s); err == nil {
			t.Error("an answer came from a server that has gone")
		}
	}
	if err := s.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
		t.Error(err)
	}
	away := h.config()
	if _, _, err := guest.Join(t.Context(), away); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a server that stops: got %v", err)
	}
}
