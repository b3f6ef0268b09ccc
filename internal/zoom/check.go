package zoom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// needed are the scopes an app needs, each in Zoom's newer and older words.
var needed = [][]string{
	{"meeting:write:meeting:admin", "meeting:write:admin", "meeting:master"},
	{"meeting:update:status:admin", "meeting:update:meeting:admin", "meeting:write:admin", "meeting:master"},
	{"meeting:delete:meeting:admin", "meeting:write:admin", "meeting:master"},
}

// A Problem is something the operator has to mend.
type Problem struct {
	Code    string // one of ProblemCodes
	Message string
}

// The codes of problems: a closed set.
const (
	ProblemRefused     = "zoom_refused"     // the credentials, or a scope that is missing
	ProblemNoHost      = "zoom_no_host"     // a host that Zoom does not know
	ProblemQuota       = "zoom_quota"       // no host can make another meeting today
	ProblemUnavailable = "zoom_unavailable" // Zoom does not answer
	ProblemNoWebhook   = "zoom_no_webhook"  // without its secret nobody tells when meetings begin and end
	ProblemBasic       = "zoom_basic_host"  // a host without a licence: 40 minutes
)

// ProblemCodes returns every code.
func ProblemCodes() []string {
	return []string{ProblemRefused, ProblemNoHost, ProblemQuota, ProblemUnavailable, ProblemNoWebhook, ProblemBasic}
}

// Check tests the connection: whether Zoom takes the credentials, whether the app
// has the scopes it needs, and whether the hosts exist and have a licence. No meeting
// is made. The result is empty when all is well.
func (c *Client) Check(ctx context.Context, hosts []string) (problems []Problem) {
	if _, err := c.token.get(ctx, c.fetchToken); err != nil {
		return []Problem{problemOf(err)}
	}
	if granted := strings.FieldsFunc(c.token.scopes(), func(r rune) bool { return r == ' ' || r == ',' }); len(granted) > 0 {
		for _, either := range needed {
			if !slices.ContainsFunc(either, func(s string) bool { return slices.Contains(granted, s) }) {
				problems = append(problems, Problem{ProblemRefused, fmt.Sprintf("The Zoom app lacks the scope %s: add it in the Zoom App Marketplace, and activate the app again.", either[0])})
			}
		}
	}
	for _, host := range hosts {
		user, err := c.User(ctx, host)
		e, _ := errors.AsType[*Error](err)
		switch {
		case err == nil && user.Basic:
			problems = append(problems, Problem{ProblemBasic, fmt.Sprintf("The Zoom user %s has no licence: Zoom ends their meetings after 40 minutes.", host)})
		case err == nil:
		case e != nil && e.Kind == NoHost:
			problems = append(problems, Problem{ProblemNoHost, fmt.Sprintf("Zoom knows no active user %s: write the id or mail address of a user of the account in zoom.hosts.", host)})
		case e != nil && e.Kind == Refused && (e.Code == codeNoScope || e.Code == codeNoScope2):
			// The scope that looks users up is not needed for anything else.
		default:
			return append(problems, problemOf(err))
		}
	}
	return problems
}

// problemOf is an error as an operator reads it.
func problemOf(err error) Problem {
	switch KindOf(err) {
	case Refused:
		return Problem{ProblemRefused, "Zoom does not take the credentials of the app: check zoom.account_id, zoom.client_id and zoom.client_secret_file, and that the app is activated and has its scopes."}
	case NoHost:
		return Problem{ProblemNoHost, "Zoom does not know one of the users in zoom.hosts."}
	case Quota:
		return Problem{ProblemQuota, "Every user in zoom.hosts has made as many meetings as Zoom allows in a day: add users, or wait until midnight UTC."}
	}
	return Problem{ProblemUnavailable, "Zoom does not answer: check that this machine may connect to the addresses in zoom.oauth_url and zoom.api_url."}
}
