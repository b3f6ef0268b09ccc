package api_test

import (
	"reflect"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/interview"
	"parley/internal/zoom"
)

func TestTheDocumentHasTheWordsOfTheDomain(t *testing.T) {
	for _, c := range []struct {
		of    reflect.Type
		field string
		want  []string
	}{
		{reflect.TypeFor[api.ReportBody](), "Reason", interview.ReportReasons()},
		{reflect.TypeFor[api.Report](), "Reason", interview.ReportReasons()},
		{reflect.TypeFor[api.ZoomBody](), "Reason", []string{interview.ZoomChosen, interview.ZoomCannotConnect, interview.ZoomPoorConnection}},
		{reflect.TypeFor[api.ProviderProblem](), "Code", append([]string{"no_public_url", "insecure_public_url", "no_transcripts"}, zoom.ProblemCodes()...)},
	} {
		f, _ := c.of.FieldByName(c.field)
		if got, want := f.Tag.Get("enum"), strings.Join(c.want, ","); got != want {
			t.Errorf("%s.%s: got %s, want %s", c.of, c.field, got, want)
		}
	}
}
