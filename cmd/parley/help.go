package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
)

// version is set by the linker: -X main.version=…
var version string

func printCommands(w io.Writer) {
	fmt.Fprint(w, "Parley is a self-hosted media server for interviews.\n\nusage: parley <command> [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nparley help <command> lists its flags. Every setting can also stand in a file or in\nthe environment; docs/config.md explains them all.\n")
}

func runHelp(ctx context.Context, p *program, args []string) error {
	if len(args) == 0 {
		printCommands(p.stdout)
		return nil
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == args[0] })
	if i < 0 {
		return &configError{message: fmt.Sprintf("there is no command %q; see parley help", args[0])}
	}
	c := commands()[i]
	if c.name == "help" || c.name == "version" {
		fmt.Fprintf(p.stdout, "usage: parley %s\n\n%s\n", c.name, c.summary)
		return nil
	}
	return ignoreHelpShown(c.run(ctx, p, []string{"--help"}))
}

func runVersion(ctx context.Context, p *program, args []string) error {
	if err := ignoreHelpShown(p.parse(newFlagSet("version"), args)); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "parley %s %s %s/%s\n", versionName(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// versionName is the version the binary was linked with, or else the commit
// that the Go command noted.
func versionName() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "unknown"
}

func ignoreHelpShown(err error) error {
	if errors.Is(err, errHelpShown) {
		return nil
	}
	return err
}
