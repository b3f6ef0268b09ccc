package token

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	noon   = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	shared = Key{ID: "shared", Algorithm: HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}
	signer = Key{ID: "signer", Algorithm: EdDSA, Secret: []byte("fedcba9876543210fedcba9876543210")}
)

func ring(t testing.TB, keys ...Key) *Keyring {
	t.Helper()
	k, err := NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func clara() Claims {
	return Claims{
		ID: "01J", User: "client", Name: "Clara Novák", Role: "interviewer", Thread: "t1", Interview: "iv_1",
		IssuedAt: noon, ExpiresAt: noon.Add(4 * time.Hour),
	}
}

// A mapping is a JSON object of a token made by hand.
type mapping map[string]any

// with returns a copy with the given changes; a nil value removes the name.
func (m mapping) with(changes mapping) mapping {
	out := maps.Clone(m)
	for name, value := range changes {
		if out[name] = value; value == nil {
			delete(out, name)
		}
	}
	return out
}

func part(m mapping) string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// craft makes a token without the library that has to see through it.
func craft(header, claims mapping, sign func(string) []byte) string {
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
}

func hs256(secret []byte) func(string) []byte {
	return func(text string) []byte {
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
}

func eddsa(seed []byte) func(string) []byte {
	return func(text string) []byte { return ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(text)) }
}

func unsigned(string) []byte { return nil }

var (
	goodHeader = mapping{"alg": "HS256", "typ": "JWT", "kid": "shared"}
	goodClaims = mapping{
		"iss": "parley", "aud": "parley", "sub": "client", "jti": "01J", "name": "Clara Novák", "role": "interviewer",
		"thread": "t1", "interview": "iv_1", "iat": noon.Unix(), "exp": noon.Add(4 * time.Hour).Unix(),
	}
)

// loosen changes a bit of the last character that stands for no bit of the
// signature: read carelessly, one token has several spellings.
func loosen(raw string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(raw) - 1
	return raw[:last] + string(alphabet[strings.IndexByte(alphabet, raw[last])|1])
}

func TestWhatIsMintedVerifies(t *testing.T) {
	thread, interview := clara(), clara()
	thread.Interview, interview.Thread = "", ""
	day := clara()
	day.ExpiresAt = noon.Add(MaxLifetime)
	for _, keys := range [][]Key{{shared}, {signer}, {shared, signer}, {signer, shared}} {
		for _, want := range []Claims{clara(), thread, interview, day} {
			k := ring(t, keys...)
			raw, err := k.Mint(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.Verify(raw, noon.Add(time.Hour))
			if err != nil || got != want {
				t.Errorf("keys %v: got %+v, %v; want %+v", keys, got, err, want)
			}
		}
	}
}

func TestKeysAreRotatedWithoutRefusingAnybody(t *testing.T) {
	old, err := ring(t, shared).Mint(clara())
	if err != nil {
		t.Fatal(err)
	}
	rotated := ring(t, signer, shared)
	if _, err := rotated.Verify(old, noon); err != nil {
		t.Errorf("a token of the old key: %v", err)
	}
	fresh, err := rotated.Mint(clara())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring(t, signer).Verify(fresh, noon); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	wantCode(t, ring(t, signer), old, noon, CodeSignature)
}

func wantCode(t *testing.T, k *Keyring, raw string, now time.Time, want string) {
	t.Helper()
	_, err := k.Verify(raw, now)
	got, ok := errors.AsType[*Error](err)
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v (%v)", err, errors.Unwrap(err))
	case want != "" && !ok:
		t.Errorf("got %v, want %s", err, want)
	case want != "" && got.Code != want:
		t.Errorf("got %s (%v), want %s", got.Code, errors.Unwrap(got), want)
	case ok && (raw != "" && strings.Contains(got.Message, raw) || !strings.HasSuffix(got.Message, ".")):
		t.Errorf("%q is no sentence to show", got.Message)
	}
}

func TestTokensMadeByHand(t *testing.T) {
	public := ed25519.NewKeyFromSeed(signer.Secret).Public().(ed25519.PublicKey)
	hs, ed := hs256(shared.Secret), eddsa(signer.Secret)
	header, claims := goodHeader.with, goodClaims.with
	edHeader := header(mapping{"alg": "EdDSA", "kid": "signer"})

	for name, c := range map[string]struct {
		raw  string
		want string
	}{
		"as it should be":           {craft(goodHeader, goodClaims, hs), ""},
		"as it should be, EdDSA":    {craft(edHeader, goodClaims, ed), ""},
		"one audience of two":       {craft(goodHeader, claims(mapping{"aud": []string{"shop", "parley"}}), hs), ""},
		"a claim of somebody else":  {craft(goodHeader, claims(mapping{"hidden": true, "nbf": noon.Unix()}), hs), ""},
		"a thread and no interview": {craft(goodHeader, claims(mapping{"interview": nil}), hs), ""},

		"empty":                        {"", CodeMalformed},
		"two dots":                     {"..", CodeMalformed},
		"words":                        {"let me in", CodeMalformed},
		"too long":                     {craft(goodHeader, claims(mapping{"name": strings.Repeat("x", MaxLength)}), hs), CodeMalformed},
		"a fourth part":                {craft(goodHeader, goodClaims, hs) + ".x", CodeMalformed},
		"padding":                      {craft(goodHeader, goodClaims, hs) + "=", CodeMalformed},
		"a signature with loose bits":  {loosen(craft(goodHeader, goodClaims, hs)), CodeMalformed},
		"claims that are a list":       {part(goodHeader) + ".W10." + base64.RawURLEncoding.EncodeToString(hs(part(goodHeader)+".W10")), CodeMalformed},
		"a user that is a number":      {craft(goodHeader, claims(mapping{"sub": 7}), hs), CodeMalformed},
		"an expiry that is a word":     {craft(goodHeader, claims(mapping{"exp": "never"}), hs), CodeMalformed},
		"alg none":                     {craft(header(mapping{"alg": "none"}), goodClaims, unsigned), CodeSignature},
		"alg None":                     {craft(header(mapping{"alg": "None"}), goodClaims, unsigned), CodeSignature},
		"alg none, no kid":             {craft(mapping{"alg": "none"}, goodClaims, unsigned), CodeSignature},
		"no alg":                       {craft(header(mapping{"alg": nil}), goodClaims, hs), CodeSignature},
		"an alg that is not ours":      {craft(header(mapping{"alg": "HS384"}), goodClaims, hs), CodeSignature},
		"no signature":                 {craft(goodHeader, goodClaims, unsigned), CodeSignature},
		"half a signature":             {craft(goodHeader, goodClaims, func(s string) []byte { return hs(s)[:16] }), CodeSignature},
		"another secret":               {craft(goodHeader, goodClaims, hs256([]byte(strings.Repeat("x", 32)))), CodeSignature},
		"another seed":                 {craft(edHeader, goodClaims, eddsa([]byte(strings.Repeat("x", 32)))), CodeSignature},
		"the public key as a secret":   {craft(header(mapping{"kid": "signer"}), goodClaims, hs256(public)), CodeSignature},
		"the seed as a secret":         {craft(header(mapping{"kid": "signer"}), goodClaims, hs256(signer.Secret)), CodeSignature},
		"the secret as a seed":         {craft(header(mapping{"alg": "EdDSA"}), goodClaims, eddsa(shared.Secret)), CodeSignature},
		"the other key's kid":          {craft(header(mapping{"kid": "signer"}), goodClaims, hs), CodeSignature},
		"unknown kid":                  {craft(header(mapping{"kid": "nobody"}), goodClaims, hs), CodeSignature},
		"no kid":                       {craft(header(mapping{"kid": nil}), goodClaims, hs), CodeSignature},
		"a kid that is a number":       {craft(header(mapping{"kid": 1}), goodClaims, hs), CodeSignature},
		"no exp":                       {craft(goodHeader, claims(mapping{"exp": nil}), hs), CodeMalformed},
		"claims that are no base64":    {part(goodHeader) + ".x!." + part(goodHeader), CodeMalformed},
		"no sub":                       {craft(goodHeader, claims(mapping{"sub": nil}), hs), CodeMalformed},
		"empty sub":                    {craft(goodHeader, claims(mapping{"sub": ""}), hs), CodeMalformed},
		"no jti":                       {craft(goodHeader, claims(mapping{"jti": nil}), hs), CodeMalformed},
		"no iat":                       {craft(goodHeader, claims(mapping{"iat": nil}), hs), CodeMalformed},
		"no room":                      {craft(goodHeader, claims(mapping{"thread": nil, "interview": nil}), hs), CodeNoRoom},
		"empty room":                   {craft(goodHeader, claims(mapping{"thread": "", "interview": ""}), hs), CodeNoRoom},
		"foreign aud":                  {craft(goodHeader, claims(mapping{"aud": "shop"}), hs), CodeAudience},
		"foreign auds":                 {craft(goodHeader, claims(mapping{"aud": []string{"shop", "parley2"}}), hs), CodeAudience},
		"no aud":                       {craft(goodHeader, claims(mapping{"aud": nil}), hs), CodeMalformed},
		"foreign iss":                  {craft(goodHeader, claims(mapping{"iss": "shop"}), hs), CodeAudience},
		"a second longer than a day":   {craft(goodHeader, claims(mapping{"exp": noon.Add(MaxLifetime + time.Second).Unix()}), hs), CodeMalformed},
		"a year":                       {craft(goodHeader, claims(mapping{"exp": noon.AddDate(1, 0, 0).Unix()}), hs), CodeMalformed},
		"issued long ago for so long":  {craft(goodHeader, claims(mapping{"iat": 0}), hs), CodeMalformed},
		"the end of time":              {craft(goodHeader, claims(mapping{"exp": 1e300}), hs), CodeExpired},
		"exp before iat":               {craft(goodHeader, claims(mapping{"exp": noon.Unix() - 1, "iat": noon.Unix()}), hs), CodeMalformed},
		"to be used tomorrow":          {craft(goodHeader, claims(mapping{"nbf": noon.Add(24 * time.Hour).Unix()}), hs), CodeNotYetValid},
		"expired and for someone else": {craft(goodHeader, claims(mapping{"aud": "shop", "exp": noon.Add(-time.Hour).Unix()}), hs), CodeAudience},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, ring(t, shared, signer), c.raw, noon, c.want) })
	}
}

func TestClocksMayDifferByTheLeeway(t *testing.T) {
	for name, c := range map[string]struct {
		claim string
		after time.Duration // of now, relative to the claim
		want  string
	}{
		"exp, the last second":  {"exp", Leeway - time.Second, ""},
		"exp, at the leeway":    {"exp", Leeway, CodeExpired},
		"exp, after the leeway": {"exp", Leeway + time.Second, CodeExpired},
		"nbf, before leeway":    {"nbf", -Leeway - time.Second, CodeNotYetValid},
		"nbf, at the leeway":    {"nbf", -Leeway, ""},
		"iat, before leeway":    {"iat", -Leeway - time.Second, CodeNotYetValid},
		"iat, at the leeway":    {"iat", -Leeway, ""},
	} {
		t.Run(name, func(t *testing.T) {
			times := mapping{"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(time.Hour).Unix()}
			if c.claim == "nbf" {
				times["iat"] = noon.Add(-time.Hour).Unix()
			}
			if c.claim == "iat" {
				times["nbf"] = nil
			}
			raw := craft(goodHeader, goodClaims.with(times), hs256(shared.Secret))
			now := time.Unix(times[c.claim].(int64), 0).Add(c.after)
			wantCode(t, ring(t, shared), raw, now, c.want)
		})
	}
}

func TestNothingIsMintedThatWouldBeRefused(t *testing.T) {
	k := ring(t, shared)
	for name, change := range map[string]func(*Claims){
		"no id":          func(c *Claims) { c.ID = "" },
		"no user":        func(c *Claims) { c.User = "" },
		"no room":        func(c *Claims) { c.Thread, c.Interview = "", "" },
		"no iat":         func(c *Claims) { c.IssuedAt = time.Time{} },
		"no exp":         func(c *Claims) { c.ExpiresAt = time.Time{} },
		"exp before iat": func(c *Claims) { c.ExpiresAt = c.IssuedAt.Add(-time.Second) },
		"exp at iat":     func(c *Claims) { c.ExpiresAt = c.IssuedAt.Add(time.Millisecond) },
		"over a day":     func(c *Claims) { c.ExpiresAt = c.IssuedAt.Add(MaxLifetime + time.Second) },
		"too long":       func(c *Claims) { c.Name = strings.Repeat("x", MaxLength) },
	} {
		c := clara()
		change(&c)
		if raw, err := k.Mint(c); err == nil {
			t.Errorf("%s: minted %s", name, raw)
		}
	}
}

// Whatever a token is, it is refused with a code or means what it says.
func FuzzVerify(f *testing.F) {
	k := ring(f, shared, signer)
	hs, ed := hs256(shared.Secret), eddsa(signer.Secret)
	for _, header := range []mapping{goodHeader, goodHeader.with(mapping{"alg": "none"}), goodHeader.with(mapping{"alg": "EdDSA", "kid": "signer"})} {
		f.Add(craft(header, goodClaims, hs), "")
		b, _ := json.Marshal(header)
		c, _ := json.Marshal(goodClaims)
		f.Add(string(b), string(c))
	}
	f.Add("", "")
	f.Add(`{"alg":"HS256","kid":"shared"}`, `{"exp":1e99,"iat":-1e99,"aud":["parley"],"iss":"parley"}`)
	codes := []string{CodeMalformed, CodeSignature, CodeExpired, CodeNotYetValid, CodeAudience, CodeNoRoom}
	f.Fuzz(func(t *testing.T, raw, claims string) {
		// The input as it is, and as a header and claims with good signatures:
		// otherwise nothing behind the signature would ever be reached.
		text := base64.RawURLEncoding.EncodeToString([]byte(raw)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
		for _, raw := range []string{
			raw,
			text + "." + base64.RawURLEncoding.EncodeToString(hs(text)),
			text + "." + base64.RawURLEncoding.EncodeToString(ed(text)),
		} {
			c, err := k.Verify(raw, noon)
			if err != nil {
				if e, ok := errors.AsType[*Error](err); !ok || !slices.Contains(codes, e.Code) {
					t.Fatalf("got %v, want one of the codes", err)
				}
				continue
			}
			if c.ID == "" || c.User == "" || c.Thread+c.Interview == "" {
				t.Fatalf("accepted without id, user or room: %+v", c)
			}
			if life := c.ExpiresAt.Sub(c.IssuedAt); life <= 0 || life > MaxLifetime {
				t.Fatalf("accepted for %v", life)
			}
			if !noon.Before(c.ExpiresAt.Add(Leeway)) || noon.Before(c.IssuedAt.Add(-Leeway)) {
				t.Fatalf("accepted outside its time: %+v", c)
			}
		}
	})
}
