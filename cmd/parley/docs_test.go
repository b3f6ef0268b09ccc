package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"gopkg.in/yaml.v3"
)

func TestConfigurationPageHasTheRowOfEverySetting(t *testing.T) {
	c := defaultConfig()
	var want []string
	for _, s := range c.settings() {
		def := ""
		if s.value.String() != "" {
			def = "`" + s.value.String() + "` "
		}
		want = append(want, fmt.Sprintf("| `%s` | `%s` | `--%s` | %s| %s |", s.name, s.env(), s.flag, def, s.usage))
	}
	compareRows(t, tableRows(t, "config.md"), want)
}

func TestMetricsPageHasTheRowOfEveryMetric(t *testing.T) {
	kind := map[prometheus.ValueType]string{prometheus.CounterValue: "counter", prometheus.GaugeValue: "gauge"}
	want := []string{fmt.Sprintf("| `%s` | gauge | `version` | %s |", buildMetric, buildHelp)}
	for _, m := range metrics() {
		label := ""
		if m.label != "" {
			label = "`" + m.label + "` "
		}
		kind := kind[m.kind]
		if m.distributions != nil {
			kind = "histogram"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s| %s |", m.name, kind, label, m.help))
	}
	since := regexp.MustCompile(` \d+\.\d+ \|$`)
	rows := tableRows(t, "metrics.md")
	for i, row := range rows {
		if !since.MatchString(row) {
			t.Errorf("no version in the last column, Since: %s", row)
		}
		rows[i] = since.ReplaceAllString(row, "")
	}
	compareRows(t, rows, want)
}

func TestDoctorPageHasTheRowOfEveryCheck(t *testing.T) {
	page := readDoc(t, "doctor.md")
	_, table, _ := strings.Cut(page, "## What each line means")
	inside := newExamination(defaultConfig(), doctorRequest{}, nil)
	defer inside.close()
	rows := strings.Count(table, "\n| `")
	for _, c := range inside.checks() {
		if !strings.Contains(table, "\n| `"+c.Name+"` |") {
			t.Errorf("docs/doctor.md does not explain %q", c.Name)
		}
		rows--
	}
	for _, c := range newExamination(defaultConfig(), doctorRequest{outside: "https://a.example"}, nil).checks() {
		if !strings.Contains(table, "\n| `"+c.Name+"` |") {
			t.Errorf("docs/doctor.md does not explain %q", c.Name)
		}
	}
	if rows != 0 {
		t.Errorf("docs/doctor.md explains %d checks that there are not", rows)
	}
}

// tableRows are the rows of a page's first table, without its head.
func tableRows(t *testing.T, page string) []string {
	t.Helper()
	var rows []string
	for line := range strings.Lines(readDoc(t, page)) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	return rows
}

func compareRows(t *testing.T, got, want []string) {
	t.Helper()
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("missing: %s", row)
		}
	}
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("nothing in the code is described by: %s", row)
		}
	}
}

func TestExampleConfigurationShowsEverySettingAtItsDefault(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "parley.example.yaml")
	c := defaultConfig()
	if err := loadConfig(&c, path, nil, nil, checkConfig, checkServe); err != nil {
		t.Fatal(err)
	}
	d := defaultConfig()
	d.HTTP.PublicURL = "https://interviews.example.com"
	got, want := c.settings(), d.settings()
	for i := range want {
		if g, w := got[i].value.String(), want[i].value.String(); g != w {
			t.Errorf("%s: got %q, the default is %q", want[i].name, g, w)
		}
	}
	text := readDoc(t, "parley.example.yaml")
	for _, s := range want {
		leaf := s.name[strings.LastIndex(s.name, ".")+1:]
		if !strings.Contains(text, leaf+":") {
			t.Errorf("%s is not in the example", s.name)
		}
	}
	// What is commented out must be right as well.
	uncommented := regexp.MustCompile(`(?m)^(\s*)# (\w+: \S+)$`).ReplaceAllString(text, "$1$2")
	var all yaml.Node
	if err := yaml.Unmarshal([]byte(uncommented), &all); err != nil {
		t.Errorf("without its comment signs the example is no YAML: %v", err)
	}
	if err := loadYAML(&c, "example", strings.NewReader(uncommented)); err != nil {
		t.Errorf("without its comment signs: %v", err)
	}
}

var link = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)

func TestLinksInTheDocumentationLeadSomewhere(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(append(pages, decisions...), filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			target := found[1]
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(page), target)
			}
		}
	}
}

func readDoc(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
