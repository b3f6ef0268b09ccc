// Command report reads the output of go test -json and prints what a person
// wants to know of it: a line per package, the output of what failed, and what
// was skipped. It fails when a test did, and in CI also when one was skipped,
// unless its reason is that another part of the run has it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// elsewhere marks the reason of a skip that loses nothing.
const elsewhere = "runs without the race detector"

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

// report collects the output of each test until it is known how it ended.
type report struct {
	output  map[string]*strings.Builder
	failed  bool
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
	if r.failed || len(r.skipped) > 0 && os.Getenv("CI") != "" {
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
		if e.Test != "" && !strings.Contains(out.String(), elsewhere) {
			r.skipped = append(r.skipped, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(out.String())))
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
