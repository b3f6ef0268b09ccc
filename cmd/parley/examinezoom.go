package main

import (
	"context"

	"parley/internal/doctor"
	"parley/internal/zoom"
)

// checkZoomAccount tests the connection to Zoom: credentials, scopes and hosts. It
// makes no meeting.
func (e *examination) checkZoomAccount(ctx context.Context) []doctor.Finding {
	c := e.cfg.Zoom
	if !c.isOn() {
		return []doctor.Finding{doctor.NotTried("zoom", "not configured")}
	}
	secret, err := readSecret("zoom.client_secret_file", c.ClientSecretFile)
	if err != nil {
		return []doctor.Finding{{Level: doctor.Fail, Message: err.Error(), Fix: "write the client secret into that file, and let parley read it"}}
	}
	client := zoom.NewClient(zoom.ClientConfig{
		AccountID: c.AccountID, ClientID: c.ClientID, ClientSecret: secret, OAuthURL: c.OAuthURL, APIURL: c.APIURL, LinkHosts: c.LinkHosts,
	})
	defer client.Close()
	problems := client.Check(ctx, c.Hosts)
	var found []doctor.Finding
	for _, p := range problems {
		f := doctor.Finding{Level: doctor.Fail, Message: p.Message, Fix: "docs/zoom.md shows where it is set"}
		if p.Code == zoom.ProblemBasic {
			f.Level = doctor.Warn
		}
		found = append(found, f)
	}
	if c.WebhookSecretFile == "" {
		found = append(found, doctor.Finding{Level: doctor.Warn, Message: "Zoom tells nobody when meetings begin and end",
			Fix: "set zoom.webhook_secret_file, and the endpoint /v1/zoom/webhook in the Zoom app"})
	}
	if len(found) == 0 {
		found = append(found, doctor.Finding{Level: doctor.OK, Message: "Zoom takes the credentials, the scopes are there, and it knows the hosts"})
	}
	return found
}
