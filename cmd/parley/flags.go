package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// errHelpShown says that a command was asked to explain itself, and did.
var errHelpShown = errors.New("help shown")

// parseConfig reads the flags every server command has into c, over the file
// and the environment.
func (p *program) parseConfig(name string, c *Config, args []string, checks ...func(Config) error) error {
	return p.parseConfigAnd(newFlagSet(name), c, args, checks...)
}

// parseConfigAnd is parseConfig for a command with flags of its own, which are in
// fs.
func (p *program) parseConfigAnd(fs *flag.FlagSet, c *Config, args []string, checks ...func(Config) error) error {
	path := fs.String("config", "", "YAML `file` with settings")
	var overrides []override
	for _, s := range c.settings() {
		fs.Func(s.flag, s.usage, func(text string) error {
			overrides = append(overrides, override{s.flag, text})
			return nil
		})
	}
	if err := p.parse(fs, args); err != nil {
		return err
	}
	return loadConfig(c, *path, p.environ, overrides, checks...)
}

func newFlagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parse says what is wrong, in parley's own words
	return fs
}

// parse reads args, which must be flags alone. Its errors are *configError, or
// errHelpShown once the command's flags have been printed.
func (p *program) parse(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printFlags(p.stdout, fs)
		return errHelpShown
	case err != nil:
		return flagError(fs, err)
	case fs.NArg() > 0:
		return &configError{message: fmt.Sprintf("parley %s takes no %q; see parley help %s", fs.Name(), fs.Arg(0), fs.Name())}
	}
	return nil
}

// flagError puts the flag package's errors into parley's own words.
func flagError(fs *flag.FlagSet, err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		var known []string
		fs.VisitAll(func(f *flag.Flag) { known = append(known, "--"+f.Name) })
		return &configError{where: "--" + name,
			message: "is no flag of parley " + fs.Name() + suggest("--"+name, known)}
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		return &configError{where: "--" + name, message: "has no value; write one behind it"}
	}
	return &configError{message: err.Error()}
}

// printFlags lists a command's flags, one a line.
func printFlags(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "usage: parley %s [flags]\n\n", fs.Name())
	fs.VisitAll(func(f *flag.Flag) {
		_, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  --%-18s %s\n", f.Name, usage)
	})
}
