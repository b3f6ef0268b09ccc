package demo

import (
	"maps"
	"net/http"
	"time"
)

// ZoneBody says in which time zone a person's browser is.
type ZoneBody struct {
	As   string `json:"as"`
	Zone string `json:"time_zone"` // an IANA name
}

// settle keeps the time zone of a person's browser, so that others see what a
// time is for them, and tells Parley about it.
func (a *App) settle(w http.ResponseWriter, r *http.Request) error {
	var body ZoneBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	me, err := a.person(body.As)
	if err != nil {
		return err
	}
	if _, err := time.LoadLocation(body.Zone); err != nil || body.Zone == "" || body.Zone == "Local" || len(body.Zone) > 64 {
		return &refusal{status: http.StatusBadRequest, code: codeInvalidRequest, field: "time_zone", detail: "There is no such time zone."}
	}
	changed, err := a.book.settle(me.ID, body.Zone)
	if err != nil {
		return err
	}
	if changed {
		a.pages.tell()
		a.tellZone(r, me)
	}
	a.writeJSON(w, http.StatusOK, body)
	return nil
}

// tellZone puts the threads of a person into Parley once more. That happens
// before times are proposed as well, so that Parley need not be up now.
func (a *App) tellZone(r *http.Request, me Person) {
	for _, c := range a.book.all() {
		if _, in := c.other(me); !in {
			continue
		}
		proposal, _ := proposalByID(c.Proposal)
		if err := a.parley.putThread(r.Context(), proposal); err != nil {
			a.cfg.Logger.Warn("time zone not told", "thread", threadID(c.Proposal), "err", err)
			return
		}
	}
}

// zone is the time zone of a person: that of their browser, or before it told
// one, the one they live in.
func (b *book) zone(person string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if told, ok := b.zones[person]; ok {
		return told
	}
	p, _ := personByID(person)
	return p.Zone
}

// settle keeps the time zone of a person.
func (b *book) settle(person, zone string) (changed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.zones[person] == zone {
		return false, nil
	}
	zones := map[string]string{}
	maps.Copy(zones, b.zones)
	zones[person] = zone
	if err := b.save(b.threads, zones); err != nil {
		return false, err
	}
	b.zones = zones
	return true, nil
}
