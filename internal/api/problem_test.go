package api

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPageHasTheRowOfEveryProblem(t *testing.T) {
	page, err := os.ReadFile("../../docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	for _, p := range problems {
		row := fmt.Sprintf("| `%s` | %d | %s |", p.Code, p.Status, p.Meaning)
		n := slices.Index(rows, row)
		if n < 0 {
			t.Errorf("missing: %s", row)
			continue
		}
		rows = slices.Delete(rows, n, n+1)
	}
	for _, row := range rows {
		t.Errorf("no problem is described by: %s", row)
	}
}
