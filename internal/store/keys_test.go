package store

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestAnIdempotencyKeyLeadsToTheInterviewItMade(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	remember := func(scope, key, hash string, id interview.ID, now time.Time) (interview.ID, error) {
		return s.RememberKey(t.Context(), scope, key, []byte(hash), id, now)
	}
	fresh := func(scope, key, hash string, id interview.ID, now time.Time) {
		t.Helper()
		if existing, err := remember(scope, key, hash, id, now); existing != "" || err != nil {
			t.Errorf("got %q, %v; want a new key", existing, err)
		}
	}

	fresh("app", "k1", "body", "iv_1", noon)
	fresh("app", "k1", "body", "iv_2", noon) // iv_1 never came to be
	save(t, s, ringing(t, th, "iv_2"))

	existing, err := remember("app", "k1", "body", "iv_3", noon.Add(KeepKeys-time.Second))
	if existing != "iv_2" || err != nil {
		t.Errorf("got %q, %v; want iv_2", existing, err)
	}
	existing, err = remember("app", "k1", "another body", "iv_3", noon)
	wantError(t, err, ErrConflict)
	if existing != "" {
		t.Errorf("got %q with a conflict", existing)
	}
	fresh("app", "k2", "body", "iv_3", noon)
	fresh("other app", "k1", "another body", "iv_3", noon)

	fresh("app", "k1", "another body", "iv_4", noon.Add(KeepKeys)) // forgotten after a day
}

func TestAPIKeysComeBackOldestFirst(t *testing.T) {
	s := open(t)
	second := APIKey{ID: "b", Hash: []byte{0, 255, 1}, Name: "Shop", CreatedAt: noon.Add(time.Second), Scopes: []string{"read", "join"}}
	first := APIKey{ID: "z", Hash: []byte{1}, Name: "", CreatedAt: noon}
	for _, k := range []APIKey{second, first} {
		if err := s.PutAPIKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.APIKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []APIKey{first, second})

	second.Name = "Bigger shop"
	if err := s.PutAPIKey(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	one, err := s.APIKey(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	same(t, one, second)
	_, err = s.APIKey(t.Context(), "nobody's")
	wantError(t, err, ErrNotFound)
}

func TestSigningKeysComeBackNewestFirst(t *testing.T) {
	s := open(t)
	older := SigningKey{ID: "a", Algorithm: "HS256", Secret: []byte("0123456789abcdef0123456789abcdef"), CreatedAt: noon}
	newer := SigningKey{ID: "b", Algorithm: "EdDSA", Secret: make([]byte, 32), CreatedAt: noon.Add(time.Hour)}
	for _, k := range []SigningKey{older, newer} {
		if err := s.PutSigningKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []SigningKey{newer, older})
}

func TestAKeyGoesWithItsWebhooks(t *testing.T) {
	s := open(t)
	if err := s.PutAPIKey(t.Context(), APIKey{ID: "a", Hash: []byte{1}, CreatedAt: noon}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutWebhook(t.Context(), Webhook{ID: "wh", APIKey: "a", URL: "https://app.example.com/", Enabled: true, CreatedAt: noon, UpdatedAt: noon}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteAPIKey(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Webhook(t.Context(), "a", "wh")
	wantError(t, err, ErrNotFound)
	wantError(t, s.DeleteAPIKey(t.Context(), "a"), ErrNotFound)
}
