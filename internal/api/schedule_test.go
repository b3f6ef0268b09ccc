package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
)

// in is a moment some hours from now, as JSON has it.
func in(hours int) string {
	return time.Now().Add(time.Duration(hours) * time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
}

func (h *host) propose(thread string, slots ...string) api.Proposal {
	h.t.Helper()
	list, err := json.Marshal(slots)
	fatal(h.t, err)
	var p api.Proposal
	h.send("POST", "/v1/threads/"+thread+"/proposals", fmt.Sprintf(
		`{"by":"client","mode":"video","slots":%s,"duration_min":45,"time_zone":"Europe/Prague","note":"Either."}`, list)).into(http.StatusCreated, &p)
	return p
}

func TestFromAProposalToAnInterviewThatIsMoved(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	f := h.listen()
	p := h.propose("th_1", in(30), in(26))
	if p.State != "open" || p.Slots[0].Format(time.RFC3339) > p.Slots[1].Format(time.RFC3339) || p.Minutes != 45 || p.Zone != "Europe/Prague" {
		t.Fatalf("got %+v", p)
	}
	slot := p.Slots[1].Format(time.RFC3339)
	accept := fmt.Sprintf(`{"by":"freelancer","slot":%q}`, slot)
	var b, again api.Booking
	h.send("POST", "/v1/proposals/"+p.ID+"/accept", accept).into(http.StatusOK, &b)
	h.send("POST", "/v1/proposals/"+p.ID+"/accept", accept).into(http.StatusOK, &again)
	iv := b.Interview
	if again.Interview.ID != iv.ID || iv.State != "scheduled" || !iv.StartsAt.Equal(p.Slots[1]) || iv.Minutes != 45 || b.Proposal.Interview != iv.ID || b.Proposal.State != "accepted" {
		t.Errorf("got %+v, and %+v again", b, again.Interview)
	}
	var pass, later api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)

	moved := h.send("POST", "/v1/interviews/"+iv.ID+"/reschedule", fmt.Sprintf(`{"by":"client","starts_at":%q}`, in(50))).interview(http.StatusOK)
	if moved.ID != iv.ID || moved.Sequence != 1 || moved.Minutes != 45 || moved.StartsAt.Format(time.RFC3339) != in(50) {
		t.Errorf("got %+v", moved)
	}
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &later)
	page := func(link string) string { u, _ := url.Parse(link); return u.Path }
	if page(pass.URL) != page(later.URL) {
		t.Errorf("the link was %s and is %s", pass.URL, later.URL)
	}
	var told []string
	for range 4 {
		e := f.next()
		told = append(told, e.Type)
		if e.Type == "interview.rescheduled" && (!e.Data.Was.Equal(iv.StartsAt) || e.Data.Interview.ID != iv.ID) {
			t.Errorf("got %+v, want it moved from %v", e.Data, iv.StartsAt)
		}
		if strings.HasPrefix(e.Type, "proposal.") && (e.Data.Proposal == nil || e.Data.Proposal.ID != p.ID || e.Data.Participant == nil) {
			t.Errorf("%s is about %+v", e.Type, e.Data)
		}
	}
	if want := []string{"proposal.created", "proposal.accepted", "interview.scheduled", "interview.rescheduled"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestAProposalIsDeclinedReplacedOrTakenBack(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	first := h.propose("th_1", in(30))
	second := h.propose("th_1", in(40))
	var p api.Proposal
	h.send("GET", "/v1/proposals/"+first.ID, "").into(http.StatusOK, &p)
	if p.State != "withdrawn" || p.ClosedAt.IsZero() {
		t.Errorf("the first is %+v, want it withdrawn for the second", p)
	}
	h.send("POST", "/v1/proposals/"+second.ID+"/decline", `{"by":"client"}`).problem(http.StatusForbidden, api.CodeNotAllowed)
	h.send("POST", "/v1/proposals/"+second.ID+"/decline", `{"by":"stranger"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", "/v1/proposals/"+second.ID+"/decline", `{"by":"freelancer","reason":"I travel."}`).into(http.StatusOK, &p)
	if p.State != "declined" {
		t.Errorf("got %+v", p)
	}
	h.send("POST", "/v1/proposals/"+second.ID+"/withdraw", "").problem(http.StatusConflict, api.CodeProposalClosed)
	third := h.propose("th_1", in(50))
	h.send("POST", "/v1/proposals/"+third.ID+"/withdraw", `{"by":"client"}`).into(http.StatusOK, &p)
	h.send("POST", "/v1/proposals/"+third.ID+"/accept", fmt.Sprintf(`{"slot":%q}`, in(50))).problem(http.StatusConflict, api.CodeProposalClosed)
	h.send("GET", "/v1/proposals/ps_none", "").problem(http.StatusNotFound, api.CodeNotFound)

	var list api.ProposalList
	h.send("GET", "/v1/threads/th_1/proposals?limit=2", "").into(http.StatusOK, &list)
	if len(list.Proposals) != 2 || list.Proposals[0].ID != third.ID || list.Next != second.ID {
		t.Errorf("got %+v", list)
	}
	next := list.Next
	list = api.ProposalList{}
	h.send("GET", "/v1/threads/th_1/proposals?before="+next, "").into(http.StatusOK, &list)
	if len(list.Proposals) != 1 || list.Proposals[0].ID != first.ID || list.Next != "" {
		t.Errorf("got %+v", list)
	}
}

func TestWhatIsWrongWithAnAppointmentIsNamed(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	var g api.Guard
	h.send("PUT", "/v1/threads/th_1/guard", `{"mode":"block"}`).into(http.StatusOK, &g)
	iv := h.send("POST", "/v1/threads/th_1/interviews", fmt.Sprintf(`{"mode":"video","starts_at":%q,"duration_min":60}`, in(26))).interview(http.StatusCreated)
	proposals, reschedule := "/v1/threads/th_1/proposals", "/v1/interviews/"+iv.ID+"/reschedule"
	for name, c := range map[string]struct {
		path, body string
		status     int
		code       api.Code
		field      string
	}{
		"no slots":            {proposals, `{"mode":"video"}`, 400, api.CodeInvalidRequest, "slots"},
		"empty slots":         {proposals, `{"mode":"video","slots":[]}`, 400, api.CodeInvalidRequest, "slots"},
		"a slot in words":     {proposals, `{"mode":"video","slots":["tomorrow"]}`, 400, api.CodeInvalidRequest, "slots[0]"},
		"a slot in the past":  {proposals, `{"mode":"video","slots":["` + in(2) + `","2020-01-01T00:00:00Z"]}`, 400, api.CodeInvalidTime, "slots[1]"},
		"slots that overlap":  {proposals, `{"mode":"video","slots":["` + in(2) + `","` + in(3) + `"],"duration_min":90}`, 400, api.CodeInvalidProposal, "slots[1]"},
		"a slot that is gone": {proposals, `{"mode":"video","slots":["` + in(2) + `","` + in(26) + `"]}`, 409, api.CodeOverlap, "slots[1]"},
		"no such zone":        {proposals, `{"mode":"video","slots":["` + in(2) + `"],"time_zone":"Mars/Olympus"}`, 400, api.CodeInvalidRequest, "time_zone"},
		"a zone of a machine": {proposals, `{"mode":"video","slots":["` + in(2) + `"],"time_zone":"Local"}`, 400, api.CodeInvalidRequest, "time_zone"},
		"minutes as text":     {proposals, `{"mode":"video","slots":["` + in(2) + `"],"duration_min":"45"}`, 400, api.CodeInvalidRequest, "duration_min"},
		"no minutes at all":   {proposals, `{"mode":"video","slots":["` + in(2) + `"],"duration_min":0}`, 400, api.CodeInvalidRequest, "duration_min"},
		"no mode":             {proposals, `{"slots":["` + in(2) + `"]}`, 400, api.CodeInvalidMode, "mode"},
		"two lines":           {proposals, `{"mode":"video","slots":["` + in(2) + `"],"note":"a\nb"}`, 400, api.CodeInvalidProposal, "note"},
		"an address":          {proposals, `{"mode":"video","slots":["` + in(2) + `"],"note":"write me: ` + mail + `"}`, 422, api.CodeContactDetails, "note"},
		"another's interview": {proposals, `{"slots":["` + in(2) + `"],"interview":"iv_other"}`, 404, api.CodeNotFound, "interview"},
		"moved to the past":   {reschedule, `{"starts_at":"2020-01-01T00:00:00Z"}`, 400, api.CodeInvalidTime, "starts_at"},
		"moved by a stranger": {reschedule, `{"by":"stranger","starts_at":"` + in(5) + `"}`, 403, api.CodeNotAParticipant, ""},
		"planned in no zone":  {"/v1/threads/th_1/interviews", `{"mode":"video","starts_at":"` + in(5) + `","time_zone":"Atlantis/X"}`, 400, api.CodeInvalidRequest, "time_zone"},
		"at the same time":    {"/v1/threads/th_1/interviews", `{"mode":"video","starts_at":"` + in(26) + `"}`, 409, api.CodeOverlap, ""},
		"of an unknown one":   {"/v1/interviews/iv_none/reschedule", `{"starts_at":"` + in(5) + `"}`, 404, api.CodeNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := &host{t: t, url: h.url, key: h.key}
			if p := h.send("POST", c.path, c.body).problem(c.status, c.code); p.Field != c.field {
				t.Errorf("got the field %q and %q, want %q", p.Field, p.Detail, c.field)
			}
		})
	}
}

func TestTheFirstMessageIsToldOnceHoweverOftenItIsPut(t *testing.T) {
	h := newHost(t)
	f := h.listen()
	put := func(more string) (th api.Thread) {
		h.send("PUT", "/v1/threads/th_1", strings.TrimSuffix(threadBody, "}")+more+"}").into(http.StatusOK, &th)
		return th
	}
	if th := put(""); th.Stage != "proposed" {
		t.Errorf("got %+v, want it proposed", th)
	}
	for range 3 {
		if th := put(`,"stage":"messaged","context":{"job_post":"job_1","url":"https://app.example.com/t/1"}`); th.Stage != "messaged" || th.Context.JobPost != "job_1" {
			t.Errorf("got %+v", th)
		}
	}
	if th := put(`,"stage":"proposed","contract":{"state":"offered"}`); th.Stage != "messaged" || th.Context != nil {
		t.Errorf("got %+v, want that it stays messaged", th)
	}
	put(`,"contract":{"state":"active","effective_at":"2030-01-01T00:00:00Z"}`)
	var told []string
	for range 3 {
		e := f.next()
		told = append(told, e.Type+" "+e.Data.From+" "+e.Data.To)
		if e.Data.Thread != "th_1" || e.Data.Interview != nil {
			t.Errorf("%s is about %+v", e.Type, e.Data)
		}
	}
	if want := []string{"thread.stage.changed proposed messaged", "thread.contract.changed none offered", "thread.contract.changed offered active"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	h.send("PUT", "/v1/threads/th_1", strings.TrimSuffix(threadBody, "}")+`,"context":{"url":"javascript:alert(1)"}}`).problem(http.StatusBadRequest, api.CodeInvalidRequest)
	h.send("PUT", "/v1/threads/th_1", strings.Replace(threadBody, `"role":"interviewee"`, `"role":"interviewee","time_zone":"Europe/Praha"`, 1)).problem(http.StatusBadRequest, api.CodeInvalidRequest)
}

func TestAllInterviewsAreListedPageByPage(t *testing.T) {
	h := newHost(t)
	var made []string
	for _, thread := range []string{"th_1", "th_2", "th_3"} {
		made = append([]string{h.ring(thread).ID}, made...)
	}
	h.send("POST", "/v1/interviews/"+made[1]+"/cancel", "").interview(http.StatusOK)
	ids := func(query string) (found []string, next string) {
		var list api.InterviewList
		h.send("GET", "/v1/interviews"+query, "").into(http.StatusOK, &list)
		for _, iv := range list.Interviews {
			found = append(found, iv.ID)
		}
		return found, list.Next
	}
	first, next := ids("?limit=2")
	if !slices.Equal(first, made[:2]) || next != made[1] {
		t.Errorf("got %v and %s, want %v", first, next, made[:2])
	}
	if rest, next := ids("?before=" + next); !slices.Equal(rest, made[2:]) || next != "" {
		t.Errorf("got %v and %q, want %v", rest, next, made[2:])
	}
	if ringing, _ := ids("?state=ringing"); !slices.Equal(ringing, []string{made[0], made[2]}) {
		t.Errorf("got %v", ringing)
	}
	if p := h.send("GET", "/v1/interviews?state=lost", "").problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != "state" {
		t.Errorf("got %+v", p)
	}
}
