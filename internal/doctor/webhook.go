package doctor

import (
	"fmt"
	"net/http"
)

// Delivery is what came of a test message to a webhook, and of one that nobody
// signed.
type Delivery struct {
	ID, URL string
	Enabled bool
	State   string // delivered, failed, or that of a message which is still on its way
	Reason  string // why the last attempt failed
	Status  int    // of the last answer
	Answer  string // how it began
	Forged  int    // the status a message with a wrong signature got; 0: none
}

// CheckWebhook judges an endpoint: does it take what Parley sends, and nothing
// else.
func CheckWebhook(d Delivery) Finding {
	const check = "webhook"
	bad := func(message, fix string) Finding {
		return fail(check, d.URL+" "+message, fix).by("parley webhook listen --secret whsec_…")
	}
	switch {
	case !d.Enabled:
		return warn(check, d.URL+" is disabled and hears of nothing", "enable it, or forget it: PATCH /v1/webhooks/"+d.ID+` {"enabled": true}`)
	case d.State == "delivered" && d.Forged >= 200 && d.Forged < 300:
		return fail(check, d.URL+" takes messages with a wrong signature: anybody can tell it anything",
			"verify webhook-signature over the raw body before you believe a message; docs/webhooks.md shows how")
	case d.State == "delivered":
		return ok(check, d.URL+" takes what is signed, and nothing else")
	case d.State == "waiting":
		return warn(check, d.URL+" has not taken earlier messages yet, and the test waits behind them", "see what becomes of them: GET /v1/webhooks/"+d.ID+"/deliveries")
	case d.State == "pending" && d.Reason == "":
		return warn(check, d.URL+" has not answered yet", "see what becomes of it: GET /v1/webhooks/"+d.ID+"/deliveries")
	}
	switch d.Reason {
	case "unreachable":
		return bad("cannot be reached: "+d.Answer, "start the receiver, and let this machine reach it")
	case "timeout":
		return bad("does not answer within 15 seconds", "answer first, and do the work afterwards")
	case "tls":
		return bad("has a certificate that is not trusted: "+d.Answer, "give the receiver one of a public authority, with its whole chain")
	case "forbidden":
		return bad("is not on the public internet", "name the receiver's network in webhook.allow, if it is your own")
	case "redirect":
		return bad(fmt.Sprintf("answers %d: it leads elsewhere, and webhooks do not follow", d.Status), "register the address it leads to")
	case "gone":
		return bad("answers 410: it wants nothing any more", "register the address that does")
	}
	if d.Status == http.StatusBadRequest || d.Status == http.StatusUnauthorized || d.Status == http.StatusForbidden {
		return bad(fmt.Sprintf("answers %d to a message that is well signed", d.Status),
			"give the receiver this webhook's secret, and let it verify the raw body; POST /v1/webhooks/"+d.ID+"/rotate shows a new one")
	}
	return bad(fmt.Sprintf("answers %d: %.80q", d.Status, d.Answer), "answer 204 to every message that is well signed, also to those whose type you do not know")
}
