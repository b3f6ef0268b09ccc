// Command report reads the output of go test -json and prints what a person
// wants to know of it: a line per package, the output of what failed, and what
// was skipped. It fails when a test did, and in CI also when one was skipped
// for another reason than those it knows: there, no tool may be missing.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// accepted are parts of the reasons for which a test may be skipped in CI.
var accepted = []string{
	"without -race",             // another part of make test has it
	"root can write everywhere", // a permission root cannot be refused
	"limit_test.go covers it",   // a rate that a slow machine does not reach
	"make bench-network",        // a measurement, with a command of its own
	"make bench-turn",           // another
}

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

// report collects the output of each test until it is known how it ended.
type report struct {
	output  map[string]*strings.Builder
	failed  bool
	missing bool // a test was skipped for a reason that is not accepted
	skipped []string
}

func main() {
	r := report{output: map[string]*strings.Builder{}}
	for dec := json.NewDecoder(os.Stdin); ; {
		var e event
		err := dec.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println("the output of go test is not understood:", err)
			os.Exit(1)
		}
		r.take(e)
	}
	for _, s := range r.skipped {
		fmt.Println("skipped:", s)
	}
	if r.failed || r.missing && os.Getenv("CI") != "" {
		os.Exit(1)
	}
}

func (r *report) take(e event) {
	key := e.Package + e.ImportPath + " " + e.Test
	if r.output[key] == nil {
		r.output[key] = &strings.Builder{}
	}
	out := r.output[key]
	switch e.Action {
	case "output", "build-output":
		out.WriteString(e.Output)
		return
	case "fail", "build-fail":
		r.failed = true
		fmt.Print(out)
	case "skip":
		if e.Test != "" {
			why := reason(out.String())
			r.skipped = append(r.skipped, fmt.Sprintf("%s %s: %s", e.Package, e.Test, why))
			r.missing = r.missing || !slices.ContainsFunc(accepted, func(a string) bool { return strings.Contains(why, a) })
		}
	case "pass":
		if e.Test == "" {
			fmt.Printf("ok   %6.1fs  %s\n", e.Elapsed, e.Package)
		}
	default:
		return
	}
	delete(r.output, key)
}

// reason is the line that a test left when it skipped itself.
func reason(output string) string {
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "===") && !strings.Contains(line, "--- SKIP") {
			return strings.TrimSpace(line)
		}
	}
	return "no reason given"
}
