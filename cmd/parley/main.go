// Command parley is the whole of Parley in one binary: the media server, its
// pages, its API and its demo.
//
// The package parses the command line and the configuration, builds the parts
// in order, and stops them in the opposite order. It holds the only code that
// reads flags and the environment, and the collector that turns the parts'
// counters into Prometheus metrics. It decides nothing about interviews.
//
// # Goroutines
//
// Main runs on its caller's goroutine. A running server adds one for the HTTP
// server, which starts one per connection, and one for stopping; the parts
// start and wait for their own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on, the next one has its default effect again: it
	// ends the process at once.
	context.AfterFunc(ctx, restore)
	os.Exit(Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes of parley.
const (
	exitOK     = 0
	exitFailed = 1 // it could not do its work
	exitUsage  = 2 // the command line or the configuration is wrong
)

// command is one of parley's subcommands.
type command struct {
	name    string
	summary string
	// run does the work. Its error is printed and becomes the exit code.
	run func(ctx context.Context, p *program, args []string) error
}

// program is what a command may use of the process around it.
type program struct {
	stdout, stderr io.Writer
	environ        []string
	resolver       *net.Resolver // nil: the system's
}

func commands() []command {
	return []command{
		{"demo", "run everything, with a messaging app to try it in", runDemo},
		{"serve", "run the server for a host application", runServe},
		{"token", "make the token that lets one person into an interview", runToken},
		{"recordings", "verify recordings, and print the consents in them", runRecordings},
		{"keys", "make, list and revoke the keys that host applications call the API with", runKeys},
		{"webhook", "receive, verify and print webhooks while you build on them", runWebhook},
		{"doctor", "find what keeps people from meeting, and say how to put it right", runDoctor},
		{"healthcheck", "ask the server on this machine whether it is alive", runHealthcheck},
		{"version", "print the version", runVersion},
		{"help", "explain a command", runHelp},
	}
}

// Main runs the command that args name, without the program's own name, and
// returns the exit code. When ctx is done a running server stops in order.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &program{stdout: stdout, stderr: stderr, environ: os.Environ()}
	if len(args) == 0 {
		printCommands(stderr)
		return exitUsage
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-v", "-version", "--version":
		name = "version"
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(stderr, "parley: there is no command %q; see parley help\n", name)
		return exitUsage
	}
	return report(stderr, commands()[i].run(ctx, p, args[1:]))
}

// report prints an error, one line per mistake, and returns its exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "parley: "+line)
	}
	if _, ok := errors.AsType[*configError](err); ok {
		return exitUsage
	}
	return exitFailed
}
