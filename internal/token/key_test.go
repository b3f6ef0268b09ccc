package token

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAKeyringTakesOnlyUsableKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys []Key
		want string
	}{
		"none":           {nil, "at least one"},
		"no id":          {[]Key{{Algorithm: HS256, Secret: shared.Secret}}, "id"},
		"an id in words": {[]Key{{ID: "my key", Algorithm: HS256, Secret: shared.Secret}}, "id"},
		"a long id":      {[]Key{{ID: strings.Repeat("k", 65), Algorithm: HS256, Secret: shared.Secret}}, "id"},
		"no algorithm":   {[]Key{{ID: "k", Secret: shared.Secret}}, "algorithm"},
		"RS256":          {[]Key{{ID: "k", Algorithm: "RS256", Secret: shared.Secret}}, "algorithm"},
		"none as one":    {[]Key{{ID: "k", Algorithm: "none", Secret: shared.Secret}}, "algorithm"},
		"a short secret": {[]Key{{ID: "k", Algorithm: HS256, Secret: shared.Secret[:31]}}, "32 bytes"},
		"a short seed":   {[]Key{{ID: "k", Algorithm: EdDSA, Secret: shared.Secret[:31]}}, "32 bytes"},
		"a long seed":    {[]Key{{ID: "k", Algorithm: EdDSA, Secret: make([]byte, 64)}}, "32 bytes"},
		"twice the same": {[]Key{shared, {ID: "shared", Algorithm: EdDSA, Secret: signer.Secret}}, "twice"},
	} {
		if _, err := NewKeyring(c.keys...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want something about %q", name, err, c.want)
		}
	}
}

func TestAGeneratedKeyIsUsableAndNew(t *testing.T) {
	a, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	b, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if a.ID == b.ID || bytes.Equal(a.Secret, b.Secret) {
		t.Error("two generated keys are alike")
	}
	ring(t, a, b)
}

func TestAKeyringKeepsItsOwnCopyOfASecret(t *testing.T) {
	secret := bytes.Clone(shared.Secret)
	k := ring(t, Key{ID: "k", Algorithm: HS256, Secret: secret})
	raw, err := k.Mint(clara())
	if err != nil {
		t.Fatal(err)
	}
	clear(secret)
	if _, err := k.Verify(raw, noon); err != nil {
		t.Error(err)
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	for _, k := range []Key{shared, signer} {
		log.Info("key", "key", k)
		fmt.Fprintf(&out, "%v %+v %#v %s %q\n", k, k, k, k, k)
		for _, secret := range []string{string(k.Secret), hex.EncodeToString(k.Secret), fmt.Sprint(k.Secret)} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("printed: %s", out.String())
			}
		}
	}
}

func TestAnAPIKeyMatchesItselfOnly(t *testing.T) {
	plain, key, err := NewAPIKey("Bakery", noon)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := NewAPIKey("Bakery", noon)
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := SplitAPIKey(plain); !ok || id != key.ID {
		t.Errorf("SplitAPIKey(%q) = %q, %v; want %q", plain, id, ok, key.ID)
	}
	if key.Name != "Bakery" || !key.CreatedAt.Equal(noon) || bytes.Contains(key.Hash, []byte(plain)) {
		t.Errorf("got %+v", key)
	}
	for raw, want := range map[string]bool{
		plain: true, other: false, "": false, plain[:len(plain)-1]: false, plain + "a": false, strings.ToUpper(plain): false,
	} {
		if key.Matches(raw) != want {
			t.Errorf("Matches(%q) = %v", raw, !want)
		}
	}
	if (APIKey{}).Matches("") {
		t.Error("an empty key matches")
	}
}

func TestAnAPIKeyHasAShortName(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 129), "\xff"} {
		if _, _, err := NewAPIKey(name, noon); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
	if _, key, err := NewAPIKey(strings.Repeat("ü", 128), noon.In(time.FixedZone("", 3600))); err != nil || key.CreatedAt != noon {
		t.Errorf("got %v, %v", key.CreatedAt, err)
	}
}

func TestWhatCannotBeAnAPIKeyIsNotSplit(t *testing.T) {
	id, secret := strings.Repeat("a", apiKeyIDLen), strings.Repeat("b", apiKeySecretLen)
	for raw, want := range map[string]bool{
		"pk_" + id + "_" + secret:               true,
		"":                                      false,
		"pk_":                                   false,
		"pk__":                                  false,
		"sk_" + id + "_" + secret:               false,
		"pk_" + id + secret + "_":               false,
		"pk_" + id + "-" + secret:               false,
		"pk_" + id[1:] + "__" + secret:          false,
		"pk_" + id + "_" + secret + "b":         false,
		"pk_" + id + "_" + secret[1:]:           false,
		"pk_" + id + "_" + secret[1:] + "_":     false,
		"pk_" + id + "_" + secret[1:] + "A":     false,
		"pk_" + id + "_" + secret[1:] + "1":     false,
		"pk_" + id + "_" + secret[2:] + "é":     false,
		" pk_" + id + "_" + secret:              false,
		"Bearer pk_" + id + "_" + secret:        false,
		"pk_" + id[1:] + "a_" + secret + "\x00": false,
	} {
		if _, ok := SplitAPIKey(raw); ok != want {
			t.Errorf("SplitAPIKey(%q) = %v, want %v", raw, ok, want)
		}
	}
}

func FuzzSplitAPIKey(f *testing.F) {
	plain, _, err := NewAPIKey("", noon)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add("pk_a_b")
	f.Fuzz(func(t *testing.T, raw string) {
		id, ok := SplitAPIKey(raw)
		if ok != (id != "") {
			t.Fatalf("got %q, %v", id, ok)
		}
		if ok && !strings.HasPrefix(raw, "pk_"+id+"_") {
			t.Fatalf("%q has no id %q", raw, id)
		}
	})
}
