package demo

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Appeal is how an appeal stands against a decision of Parley's contact guard.
type Appeal struct {
	Decision string    `json:"decision"`
	State    string    `json:"state"` // open, upheld, dismissed
	At       time.Time `json:"at"`    // since when
}

// SentBody is a message as it was delivered. Masked says what was taken out of
// it, in a sentence; empty: nothing. Decision can be contested then.
type SentBody struct {
	Item
	Masked   string `json:"masked,omitempty"`
	Decision string `json:"decision,omitempty"`
}

// AppealBody contests that a message was held back.
type AppealBody struct {
	As       string `json:"as"`
	Decision string `json:"decision"`
	Words    string `json:"words"` // why it was no contact detail
}

// The API's side of it.
type (
	decision struct {
		ID     string     `json:"id"`
		Thread string     `json:"thread"`
		Appeal *contested `json:"appeal"` // nil: nobody contests it
	}
	contested struct {
		At        time.Time `json:"at"`
		By        string    `json:"by"`
		DecidedAt time.Time `json:"decided_at"`
		Upheld    bool      `json:"upheld"`
	}
	contestBody struct {
		By    string `json:"by"`
		Words string `json:"words"`
	}
	decisionsBody struct {
		Decisions []decision `json:"decisions"`
	}
)

// contest passes an appeal on, and puts it into the thread where its author
// sees what becomes of it.
func (a *App) contest(w http.ResponseWriter, r *http.Request) error {
	var body AppealBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	if err := checkText(strings.TrimSpace(body.Words)); err != nil {
		return err
	}
	d, err := a.parley.contest(r.Context(), body.Decision, me.ID, strings.TrimSpace(body.Words))
	if err != nil {
		return err
	}
	if d.Thread != threadID(c.Proposal) {
		return refuse(codeNotFound, "There is no such message in this thread.")
	}
	if err := a.putAppeal(d); err != nil {
		return err
	}
	a.writeJSON(w, http.StatusCreated, d.item())
	return nil
}

// contest opens an appeal against a decision.
func (p *parley) contest(ctx context.Context, id, by, words string) (d decision, err error) {
	if id == "" || strings.ContainsAny(id, "/?#%") {
		return d, refuse(codeNotFound, "There is no such message in this thread.")
	}
	err = p.call(ctx, http.MethodPost, "/v1/guard/decisions/"+id+"/appeal", "", contestBody{By: by, Words: words}, &d)
	return d, err
}

// decisions reads the newest decisions about a thread.
func (p *parley) decisions(ctx context.Context, thread string) ([]decision, error) {
	var list decisionsBody
	err := p.call(ctx, http.MethodGet, "/v1/guard/decisions?limit=100&thread="+thread, "", nil, &list)
	return list.Decisions, err
}

// putAppeal puts how an appeal stands into its thread and tells the pages. A
// decision that nobody contests is nobody's business here.
func (a *App) putAppeal(d decision) error {
	if d.Appeal == nil {
		return nil
	}
	return a.put(d.Thread, func(c conversation) []Item {
		if d.Appeal.At.Before(c.OpenedAt) {
			return nil
		}
		item := d.item()
		n := slices.IndexFunc(c.Items, func(it Item) bool { return it.ID == item.ID })
		if n < 0 {
			return inOrder(c.Items, item)
		}
		if !item.Appeal.At.After(c.Items[n].Appeal.At) {
			return nil
		}
		items := slices.Clone(c.Items)
		items[n] = item
		return items
	})
}

func (d decision) item() Item {
	appeal := Appeal{Decision: d.ID, State: "open", At: d.Appeal.At}
	if !d.Appeal.DecidedAt.IsZero() {
		appeal.State, appeal.At = "dismissed", d.Appeal.DecidedAt
		if d.Appeal.Upheld {
			appeal.State = "upheld"
		}
	}
	return Item{ID: "ap_" + d.ID, Kind: KindAppeal, From: d.Appeal.By, At: d.Appeal.At, Appeal: &appeal}
}

// sentences says what was found, each thing once.
func sentences(found []findingBody) string {
	var all []string
	for _, f := range found {
		if !slices.Contains(all, f.Message) {
			all = append(all, f.Message)
		}
	}
	return strings.Join(all, " ")
}
