// Package zoomtest is Zoom as tests need it: a server that takes only what the
// real one takes, keeps meetings, limits, fails on demand, and sends webhooks.
package zoomtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The account that the server knows, and the app's secrets.
const (
	AccountID     = "acc_0123456789"
	ClientID      = "client_ABCDEF"
	ClientSecret  = "secret-of-the-app"
	WebhookSecret = "secret-of-the-webhooks"
	Host          = "host-1@agency.example"
	Scopes        = "meeting:write:meeting:admin meeting:update:status:admin meeting:delete:meeting:admin user:read:user:admin"
)

// A Meeting is one that was made here.
type Meeting struct {
	Number   string
	Host     string
	Topic    string
	Raw      json.RawMessage // the request that made it
	Running  bool
	Ended    int // times it was ended through the API
	passcode string
}

// An Answer is given once in place of the usual one.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
	Wait   time.Duration // before it, while the request lasts
}

// Server is a fake Zoom: the address of tokens and that of the API in one. It is
// an http.Handler, safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	hosts    map[string]int // users, and their type
	tokens   map[string]time.Time
	scopes   string
	meetings []*Meeting
	gone     []string
	scripted map[string][]Answer
	rejected []string
	seen     []string
	issued   int
	made     int
	Daily    int // meetings a user may make in a day; 0: 100
}

// New returns a server with one user, Host, who has a licence.
func New() *Server {
	return &Server{
		hosts: map[string]int{Host: 2}, tokens: map[string]time.Time{}, scopes: Scopes, scripted: map[string][]Answer{}, Daily: 100,
	}
}

// AddHost adds a user of a type: 1 has no licence, 2 has one.
func (s *Server) AddHost(name string, kind int) { s.lock(func() { s.hosts[name] = kind }) }

// RemoveHost removes a user.
func (s *Server) RemoveHost(name string) { s.lock(func() { delete(s.hosts, name) }) }

// Grant sets the scopes that tokens have from now on.
func (s *Server) Grant(scopes string) { s.lock(func() { s.scopes = scopes; clear(s.tokens) }) }

// Revoke voids every token.
func (s *Server) Revoke() { s.lock(func() { clear(s.tokens) }) }

// Script has the next requests of an operation ("token", "create", "end",
// "delete", "user") answered otherwise.
func (s *Server) Script(op string, answers ...Answer) {
	s.lock(func() { s.scripted[op] = append(s.scripted[op], answers...) })
}

// Rejected are the reasons for which requests were refused that the real Zoom
// would have refused as well.
func (s *Server) Rejected() (out []string) {
	s.lock(func() { out = slices.Clone(s.rejected) })
	return out
}

// Seen are the operations asked for, in order.
func (s *Server) Seen() (out []string) {
	s.lock(func() { out = slices.Clone(s.seen) })
	return out
}

// Meetings are those that exist.
func (s *Server) Meetings() (out []Meeting) {
	s.lock(func() {
		for _, m := range s.meetings {
			out = append(out, *m)
		}
	})
	return out
}

// Gone are the numbers of those that were deleted.
func (s *Server) Gone() (out []string) {
	s.lock(func() { out = slices.Clone(s.gone) })
	return out
}

// Run says whether people are in a meeting.
func (s *Server) Run(number string, on bool) {
	s.lock(func() {
		if m := s.find(number); m != nil {
			m.Running = on
		}
	})
}

func (s *Server) lock(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *Server) find(number string) *Meeting {
	for _, m := range s.meetings {
		if m.Number == number {
			return m
		}
	}
	return nil
}

// ServeHTTP answers as Zoom does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	op := operation(r)
	if scripted, ok := s.next(op); ok {
		select {
		case <-time.After(scripted.Wait):
		case <-r.Context().Done():
			return
		}
		for k, v := range scripted.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(scripted.Status)
		_, _ = io.WriteString(w, scripted.Body)
		return
	}
	s.mu.Lock()
	status, answer := s.answer(op, r, body)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (s *Server) next(op string) (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, op)
	if len(s.scripted[op]) == 0 {
		return Answer{}, false
	}
	a := s.scripted[op][0]
	s.scripted[op] = s.scripted[op][1:]
	return a, true
}

func operation(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/v2")
	switch {
	case r.URL.Path == "/oauth/token":
		return "token"
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/meetings"):
		return "create"
	case r.Method == http.MethodPut && strings.HasSuffix(path, "/status"):
		return "end"
	case r.Method == http.MethodDelete && strings.HasPrefix(path, "/meetings/"):
		return "delete"
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/users/"):
		return "user"
	}
	return "unknown"
}

type refusal struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Errors  []field `json:"errors,omitempty"`
}

type field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (s *Server) refuse(status, code int, message string) (int, any) {
	if status != http.StatusTooManyRequests {
		s.rejected = append(s.rejected, message)
	}
	return status, refusal{Code: code, Message: message}
}

// answer is one request; s.mu is held.
func (s *Server) answer(op string, r *http.Request, body []byte) (int, any) {
	if op == "token" {
		return s.grant(r, body)
	}
	if !strings.HasPrefix(r.URL.Path, "/v2/") || op == "unknown" {
		return s.refuse(404, 2300, "This API endpoint is not recognized: "+r.Method+" "+r.URL.Path)
	}
	bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	until, known := s.tokens[bearer]
	if !found || !known || !time.Now().Before(until) {
		return 401, refusal{Code: 124, Message: "Invalid access token."}
	}
	if need := map[string]string{"create": "meeting:write:meeting:admin", "end": "meeting:update:status:admin", "delete": "meeting:delete:meeting:admin", "user": "user:read:user:admin"}[op]; !slices.Contains(strings.Fields(s.scopes), need) {
		return 400, refusal{Code: 4711, Message: "Invalid access token, does not contain scopes:[" + need + "]."}
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/v2/"), "/")
	subject, err := url.PathUnescape(parts[1])
	if err != nil {
		return s.refuse(400, 300, "the path")
	}
	switch op {
	case "create":
		return s.create(subject, r, body)
	case "user":
		kind, ok := s.hosts[subject]
		if !ok {
			return 404, refusal{Code: 1001, Message: "User does not exist: " + subject + "."}
		}
		return 200, map[string]any{"id": "u", "email": subject, "type": kind, "status": "active"}
	}
	m := s.find(subject)
	if m == nil {
		return 404, refusal{Code: 3001, Message: "Meeting does not exist: " + subject + "."}
	}
	if op == "end" {
		return s.end(m, body)
	}
	if m.Running {
		return 400, refusal{Code: 3002, Message: "Sorry, you cannot delete this meeting since it's in progress."}
	}
	s.meetings = slices.DeleteFunc(s.meetings, func(o *Meeting) bool { return o == m })
	s.gone = append(s.gone, m.Number)
	return 204, nil
}

func (s *Server) end(m *Meeting, body []byte) (int, any) {
	var what struct {
		Action string `json:"action"`
	}
	if json.Unmarshal(body, &what) != nil || what.Action != "end" {
		return s.refuse(400, 300, "action must be end or recover")
	}
	if !m.Running {
		return 400, refusal{Code: 3161, Message: "Meeting hosting and scheduling capabilities are not running."}
	}
	m.Running = false
	m.Ended++
	return 204, nil
}

func (s *Server) grant(r *http.Request, body []byte) (int, any) {
	type tokenError struct {
		Reason string `json:"reason"`
		Error  string `json:"error"`
	}
	refuse := func(status int, reason, code string) (int, any) {
		s.rejected = append(s.rejected, "token: "+reason)
		return status, tokenError{reason, code}
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form, err := url.ParseQuery(string(body))
	credentials, basic := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	plain, decodeErr := base64.StdEncoding.DecodeString(credentials)
	switch {
	case r.Method != http.MethodPost:
		return refuse(405, "method", "invalid_request")
	case media != "application/x-www-form-urlencoded" || err != nil:
		return refuse(415, "the body is no form", "invalid_request")
	case form.Get("grant_type") != "account_credentials":
		return refuse(400, "unsupported grant type", "unsupported_grant_type")
	case !basic || decodeErr != nil || string(plain) != ClientID+":"+ClientSecret:
		return refuse(401, "Invalid client_id or client_secret", "invalid_client")
	case form.Get("account_id") != AccountID:
		return refuse(400, "Bad Request", "invalid_request")
	}
	s.issued++
	value := fmt.Sprintf("token-%d", s.issued)
	s.tokens[value] = time.Now().Add(time.Hour)
	return 200, map[string]any{"access_token": value, "token_type": "bearer", "expires_in": 3600, "scope": s.scopes, "api_url": "https://api.zoom.us"}
}

func (s *Server) create(host string, r *http.Request, body []byte) (int, any) {
	if _, ok := s.hosts[host]; !ok {
		return 404, refusal{Code: 1001, Message: "User does not exist: " + host + "."}
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		return s.refuse(400, 300, "Content-Type must be application/json")
	}
	if wrong := checkMeeting(body); wrong != nil {
		s.rejected = append(s.rejected, fmt.Sprint(wrong))
		return 400, refusal{Code: 300, Message: "Validation Failed.", Errors: wrong}
	}
	day := 0
	for _, m := range s.meetings {
		if m.Host == host {
			day++
		}
	}
	if day >= s.Daily {
		return 429, refusal{Code: 429, Message: "You have exceeded the daily rate limit of Meeting Create/Update API requests permitted for this particular user."}
	}
	var asked struct {
		Topic string `json:"topic"`
	}
	_ = json.Unmarshal(body, &asked)
	s.made++
	number := strconv.FormatInt(81_234_567_000+int64(s.made), 10)
	m := &Meeting{Number: number, Host: host, Topic: asked.Topic, Raw: body, passcode: strconv.Itoa(100_000 + s.made)}
	s.meetings = append(s.meetings, m)
	id, _ := strconv.ParseInt(number, 10, 64)
	return 201, map[string]any{
		"id": id, "uuid": "/a//b==", "host_id": "u", "host_email": "owner@agency.example", "topic": asked.Topic, "type": 2, "status": "waiting",
		"join_url":  "https://us02web.zoom.us/j/" + number + "?pwd=Zm9vYmFy" + m.passcode + ".1",
		"start_url": "https://us02web.zoom.us/s/" + number + "?zak=eyJ.host.secret", "password": m.passcode, "encrypted_password": "Zm9vYmFy",
		"settings": map[string]any{"join_before_host": true},
	}
}

// Pipe serves s over pipes in memory, for tests in virtual time. The result is
// for ClientConfig.Dial; stop waits for the server.
func (s *Server) Pipe() (dial func(ctx context.Context, network, addr string) (net.Conn, error), stop func()) {
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: s}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l) })
	return l.dial, func() {
		_ = server.Close()
		wg.Wait()
	}
}

// pipes is a listener whose connections are pipes in memory.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
