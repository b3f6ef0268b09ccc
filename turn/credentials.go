package turn

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // RFC 8656's long-term credentials are made with it
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// credentialLife is how long credentials open new allocations. Those that are open
// are kept for as long as Allowed says so.
const credentialLife = 10 * time.Minute

// Credentials lets one participant of one interview relay.
type Credentials struct {
	Username  string // "expiry:interview:participant"
	Password  string
	ExpiresAt time.Time // new ones are to be had before
}

// Credentials makes credentials that open allocations for ten minutes.
func (s *Server) Credentials(id Identity, now time.Time) Credentials {
	expires := now.Add(credentialLife).Truncate(time.Second)
	user := strconv.FormatInt(expires.Unix(), 10) + ":" + id.Interview + ":" + id.Participant
	return Credentials{Username: user, Password: s.password(user), ExpiresAt: expires}
}

func (s *Server) password(username string) string {
	mac := hmac.New(sha256.New, s.cfg.Secret)
	mac.Write([]byte("parley turn " + username))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// key is what a user's messages are signed with (RFC 8489 §9.2.2).
func (s *Server) key(username string) []byte { return s.keyOf(username, s.password(username)) }

func (s *Server) keyOf(username, password string) []byte {
	sum := md5.Sum([]byte(username + ":" + s.cfg.Realm + ":" + password)) //nolint:gosec
	return sum[:]
}

// parseUsername takes a username apart. An interview's id has no colon.
func parseUsername(username string) (id Identity, expires time.Time, ok bool) {
	at, rest, _ := strings.Cut(username, ":")
	interview, participant, _ := strings.Cut(rest, ":")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || interview == "" || participant == "" {
		return Identity{}, time.Time{}, false
	}
	return Identity{interview, participant}, time.Unix(seconds, 0), true
}
