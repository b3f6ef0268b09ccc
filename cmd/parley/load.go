package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	envPrefix = "PARLEY_"
	// envConfig names the configuration file when --config does not.
	envConfig = "PARLEY_CONFIG"
)

// configError is one mistake in the configuration: where it stands, which
// setting it is about, and a sentence that says what to write instead.
type configError struct {
	where   string // parley.yaml:3, PARLEY_MEDIA_PORT, --media-port; may be empty
	field   string // http.listen; may be empty
	message string
}

func (e *configError) Error() string {
	parts := make([]string, 0, 3)
	for _, s := range []string{e.where, e.field, e.message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// override is a value from outside the file, with the name it came under.
type override struct{ name, text string }

// loadConfig lays the file (if path is not empty), the environment and the
// flags over c, in that order, then checks what they make together. Every
// error it returns is a *configError or a join of them: all mistakes of one
// source are reported at once.
func loadConfig(c *Config, path string, environ []string, flags []override, checks ...func(Config) error) error {
	if path == "" {
		path = lookupEnv(environ, envConfig)
	}
	if path != "" {
		if err := loadFile(c, path); err != nil {
			return err
		}
	}
	if err := loadEnv(c, environ); err != nil {
		return err
	}
	if err := loadFlags(c, flags); err != nil {
		return err
	}
	var errs []error
	for _, check := range checks {
		errs = append(errs, check(*c))
	}
	return errors.Join(errs...)
}

func loadFile(c *Config, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return &configError{where: path, message: "cannot be read: " + pathReason(err)}
	}
	defer f.Close()
	return loadYAML(c, filepath.Base(path), f)
}

// loadYAML reads one YAML document strictly. name stands for it in errors.
func loadYAML(c *Config, name string, r io.Reader) error {
	dec := yaml.NewDecoder(r)
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil // an empty file sets nothing
	case err != nil:
		return &configError{where: name, message: "is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return &configError{where: name, message: "holds more than one document; write one"}
	}
	y := yamlReader{name: name, known: map[string]setting{}}
	for _, s := range c.settings() {
		y.known[s.name] = s
		y.names = append(y.names, s.name)
	}
	if root := doc.Content[0]; root.Kind == yaml.MappingNode {
		y.section("", root)
	} else if root.Tag != "!!null" {
		y.fail(root, "", "is no list of settings; write lines such as `data: /var/lib/parley`")
	}
	return errors.Join(y.errs...)
}

// yamlReader walks one document and collects its mistakes.
type yamlReader struct {
	name  string
	known map[string]setting
	names []string
	errs  []error
}

func (y *yamlReader) fail(n *yaml.Node, field, message string) {
	where := fmt.Sprintf("%s:%d", y.name, n.Line)
	y.errs = append(y.errs, &configError{where: where, field: field, message: message})
}

func (y *yamlReader) section(prefix string, node *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, val := node.Content[i], node.Content[i+1]
		name := prefix + key.Value
		switch {
		case seen[name]:
			y.fail(key, name, "is set twice; keep one of the two lines")
		case key.Kind != yaml.ScalarNode:
			y.fail(key, strings.TrimSuffix(prefix, "."), "has a key that is no name; write `setting: value`")
		default:
			y.entry(name, key, val)
		}
		seen[name] = true
	}
}

func (y *yamlReader) entry(name string, key, val *yaml.Node) {
	s, isSetting := y.known[name]
	isSection := y.isSection(name)
	switch {
	case val.Kind == yaml.AliasNode:
		y.fail(val, name, "is an alias; write the value itself")
	case isSection && val.Kind == yaml.MappingNode:
		y.section(name+".", val)
	case isSection && val.Tag == "!!null":
		// A section whose lines are all commented out.
	case isSection:
		y.fail(val, name, "is a section; write its settings indented below it")
	case !isSetting:
		y.fail(key, name, "is no setting"+suggest(name, y.names))
	default:
		y.set(s, val)
	}
}

func (y *yamlReader) set(s setting, val *yaml.Node) {
	text, ok := yamlText(val)
	if !ok {
		y.fail(val, s.name, "has no value; write one, or remove the line to keep the default")
		return
	}
	if err := s.value.Set(text); err != nil {
		y.fail(val, s.name, err.Error())
	}
}

func (y *yamlReader) isSection(name string) bool {
	for _, known := range y.names {
		if strings.HasPrefix(known, name+".") {
			return true
		}
	}
	return false
}

// yamlText is a scalar as written, or a list of scalars joined by commas.
func yamlText(n *yaml.Node) (string, bool) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		return n.Value, true
	case n.Kind != yaml.SequenceNode:
		return "", false
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return "", false
		}
		items[i] = item.Value
	}
	return strings.Join(items, ","), true
}

func loadEnv(c *Config, environ []string) error {
	known := map[string]setting{}
	var names []string
	for _, s := range c.settings() {
		known[s.env()] = s
		names = append(names, s.env())
	}
	var errs []error
	for _, pair := range environ {
		name, text, _ := strings.Cut(pair, "=")
		s, isSetting := known[name]
		switch {
		case !strings.HasPrefix(name, envPrefix), name == envConfig, isForeign(name):
		case !isSetting:
			errs = append(errs, &configError{where: name, message: "is no setting" + suggest(name, names)})
		default:
			if err := s.value.Set(text); err != nil {
				errs = append(errs, &configError{where: name, field: s.name, message: err.Error()})
			}
		}
	}
	return errors.Join(errs...)
}

// isForeign tells the variables that nobody meant as settings: those that
// Kubernetes and Docker set in every container beside a service called
// "parley", and the one by which the browser tests find the binary.
func isForeign(name string) bool {
	return name == "PARLEY_PORT" || name == "PARLEY_BIN" ||
		strings.HasPrefix(name, "PARLEY_PORT_") || strings.HasPrefix(name, "PARLEY_SERVICE_")
}

func loadFlags(c *Config, flags []override) error {
	var errs []error
	for _, s := range c.settings() {
		for _, f := range flags {
			if f.name != s.flag {
				continue
			}
			if err := s.value.Set(f.text); err != nil {
				errs = append(errs, &configError{where: "--" + s.flag, field: s.name, message: err.Error()})
			}
		}
	}
	return errors.Join(errs...)
}

func lookupEnv(environ []string, name string) string {
	for _, pair := range environ {
		if text, ok := strings.CutPrefix(pair, name+"="); ok {
			return text
		}
	}
	return ""
}
