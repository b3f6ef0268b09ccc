package netbench

import (
	"regexp"
	"strconv"
	"testing"
)

var number = regexp.MustCompile(`\d+(\.\d+)?`)

// ranges puts texts of one form together: each number becomes the range of the
// numbers at its place. Texts of another form stand by themselves.
func ranges(texts []string) string {
	var forms []string
	byForm := map[string][]string{}
	for _, text := range texts {
		form := number.ReplaceAllString(text, "#")
		if byForm[form] == nil {
			forms = append(forms, form)
		}
		byForm[form] = append(byForm[form], text)
	}
	out := ""
	for i, form := range forms {
		if i > 0 {
			out += "; or "
		}
		out += merge(byForm[form])
	}
	return out
}

func merge(texts []string) string {
	low := number.FindAllString(texts[0], -1)
	high := number.FindAllString(texts[0], -1)
	for _, text := range texts[1:] {
		for i, n := range number.FindAllString(text, -1) {
			if value(n) < value(low[i]) {
				low[i] = n
			}
			if value(n) > value(high[i]) {
				high[i] = n
			}
		}
	}
	i := -1
	return number.ReplaceAllStringFunc(texts[0], func(string) string {
		i++
		if low[i] == high[i] {
			return low[i]
		}
		return low[i] + "–" + high[i]
	})
}

func value(n string) float64 {
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		panic(err) // the pattern finds numbers only
	}
	return f
}

func TestRangesPutFormsTogether(t *testing.T) {
	got := ranges([]string{"frozen 1.5 %, 20 fps", "frozen 0.5 %, 20 fps", "not healed", "frozen 12.0 %, 19 fps"})
	if want := "frozen 0.5–12.0 %, 19–20 fps; or not healed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
