package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"

	"parley/internal/doctor"
)

// doctorRequest is what `parley doctor` was asked for, besides settings.
type doctorRequest struct {
	json    bool
	outside string // look from another machine, at this address
	apiKey  string // file; empty: the data directory's
	clock   string // whose clock is right; empty: that of the public address
}

// runDoctor examines an installation, and tells one line for each thing it has
// looked at.
func runDoctor(ctx context.Context, p *program, args []string) error {
	var ask doctorRequest
	cfg := defaultConfig()
	fs := newFlagSet("doctor")
	fs.BoolVar(&ask.json, "json", false, "print one JSON object")
	fs.Func("outside", "look from another machine than the server, at the address people open", (&urlValue{&ask.outside}).Set)
	fs.StringVar(&ask.apiKey, "api-key", "", "`file` with an API key, for calls; the data directory's unless told otherwise")
	fs.Func("clock", "address of a site whose clock is right; unless told otherwise the one people open", (&urlValue{&ask.clock}).Set)
	checkURL := func(c Config) error {
		if ask.outside != "" {
			return nil // it takes the place of http.public_url
		}
		return checkServe(c)
	}
	if err := p.parseConfigAnd(fs, &cfg, args, checkURL); err != nil {
		return ignoreHelpShown(err)
	}
	e := newExamination(cfg, ask, p.resolver)
	defer e.close()
	out := &doctorOutput{w: p.stdout, json: ask.json}
	failed, tried := 0, 0
	worst := doctor.Examine(ctx, e.checks(), func(f doctor.Finding) {
		if f.Level == doctor.Fail {
			failed++
		}
		if f.Level != doctor.Skip {
			tried++
		}
		out.tell(f)
	})
	if err := out.end(e.url, worst); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &configError{message: "stopped before everything was looked at"}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, tried)
	}
	return nil
}

// doctorOutput prints findings: each at once for people, all together for programs.
type doctorOutput struct {
	w        io.Writer
	json     bool
	findings []doctor.Finding
}

func (o *doctorOutput) tell(f doctor.Finding) {
	o.findings = append(o.findings, f)
	if o.json {
		return
	}
	fmt.Fprintf(o.w, "%-5s %-14s %s\n", f.Level, f.Check, oneLine(f.Message))
	if f.Fix != "" {
		fmt.Fprintf(o.w, "      %-14s %s\n", "fix", oneLine(f.Fix))
	}
	if f.Command != "" {
		fmt.Fprintf(o.w, "      %-14s %s\n", "command", f.Command)
	}
}

func (o *doctorOutput) end(url string, worst doctor.Level) error {
	if !o.json {
		return nil
	}
	raw, err := json.MarshalIndent(struct {
		URL      string           `json:"url"`
		Level    doctor.Level     `json:"level"`
		Findings []doctor.Finding `json:"findings"`
	}{url, worst, o.findings}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the findings: %w", err)
	}
	_, err = o.w.Write(append(raw, '\n'))
	return err
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// doctorDialer opens connections as the pages of the examination are opened.
func doctorDialer(r *net.Resolver) *net.Dialer { return &net.Dialer{Resolver: r, Timeout: dialTimeout} }
