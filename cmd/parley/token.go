package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/token"
)

// tokenRequest is what `parley token` was asked for.
type tokenRequest struct {
	thread, interview string
	who               interview.Participant
	lifetime          time.Duration
	data, url         string
}

// runToken prints a join token. A stopped server's token is signed here, with
// the keys of its data directory; a running server has that directory to
// itself, and is asked for the token through its API.
func runToken(ctx context.Context, p *program, args []string) error {
	fs := newFlagSet("token")
	var t tokenRequest
	fs.StringVar(&t.interview, "interview", "", "id of the interview the token opens")
	fs.StringVar(&t.thread, "thread", "", "or id of the thread whose open interview it opens")
	user := fs.String("user", "", "id of the person, as in the thread")
	fs.StringVar(&t.who.Name, "name", "", "name that others see")
	role := fs.String("role", string(interview.RoleInterviewee), "interviewer, interviewee, observer or interpreter; a running server knows it from the thread")
	fs.DurationVar(&t.lifetime, "lifetime", 4*time.Hour, "how long the token is valid, at most 24h; a running server decides that itself")
	fs.StringVar(&t.data, "data", defaultConfig().Data, "the server's data directory")
	fs.StringVar(&t.url, "url", "", "address of the running server; found by itself for a demo")
	if err := p.parse(fs, args); err != nil {
		return ignoreHelpShown(err)
	}
	t.who.ID, t.who.Role = interview.UserID(*user), interview.Role(*role)
	if err := t.check(); err != nil {
		return err
	}
	log := newLogger(LogConfig{Level: "error"}, p.stderr)
	s, err := store.Open(ctx, t.data, log)
	if errors.Is(err, store.ErrInUse) {
		return p.printToken(t.ask(ctx))
	}
	if err != nil {
		return err
	}
	raw, err := t.mint(ctx, s, time.Now())
	return p.printToken(raw, errors.Join(err, s.Close()))
}

func (p *program) printToken(raw string, err error) error {
	if err == nil {
		fmt.Fprintln(p.stdout, raw)
	}
	return err
}

func (t tokenRequest) check() error {
	if (t.interview == "") == (t.thread == "") {
		return &configError{where: "--interview", message: "is what a token opens, or --thread; write one of the two"}
	}
	room, flag := t.interview, "--interview"
	if room == "" {
		room, flag = t.thread, "--thread"
	}
	if !interview.ValidID(room) {
		return &configError{where: flag, message: fmt.Sprintf("%q is no id", room)}
	}
	if !interview.ValidID(string(t.who.ID)) {
		return &configError{where: "--user", message: fmt.Sprintf("%q is no id of a person; write the one in the thread", t.who.ID)}
	}
	if err := t.who.Validate(); err != nil {
		return &configError{message: err.Error()}
	}
	if t.lifetime < time.Minute || t.lifetime > token.MaxLifetime {
		return &configError{where: "--lifetime", message: "is out of range; write a length from 1m to 24h"}
	}
	return nil
}

// mint signs the token with the newest key in s.
func (t tokenRequest) mint(ctx context.Context, s *store.Store, now time.Time) (string, error) {
	keys, err := openKeyring(ctx, s, now)
	if err != nil {
		return "", err
	}
	return keys.Mint(token.Claims{
		ID:   rand.Text(),
		User: string(t.who.ID), Name: t.who.Named().Name, Role: string(t.who.Role),
		Thread: t.thread, Interview: t.interview,
		IssuedAt: now, ExpiresAt: now.Add(t.lifetime),
	})
}
