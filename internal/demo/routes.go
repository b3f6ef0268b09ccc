package demo

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
)

// Limits of what a page may ask for.
const (
	maxBody           = 32 << 10
	maxText           = 4000 // characters of a message
	maxReason         = 256  // characters of a reason
	requestsPerSecond = 10   // per person, of those that change something
	requestBurst      = 40
)

// routes builds the app's handler. Requests from other sites' pages that would
// change something are refused: the app has no log-in that could tell them apart.
func (a *App) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.page)
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /app/people":                    a.people,
		"GET /app/state":                     a.state,
		"GET /app/events":                    a.events,
		"POST /app/proposals/{id}/message":   a.openThread,
		"POST /app/threads/{id}/messages":    a.writeMessage,
		"POST /app/threads/{id}/appeal":      a.contest,
		"POST /app/threads/{id}/call":        a.call,
		"POST /app/threads/{id}/join":        a.join,
		"POST /app/threads/{id}/decline":     a.decline,
		"POST /app/threads/{id}/recording":   a.openRecording,
		"POST /app/threads/{id}/times":       a.propose,
		"POST /app/threads/{id}/answer":      a.answer,
		"POST /app/threads/{id}/cancel":      a.cancel,
		"POST /app/threads/{id}/appointment": a.appointment,
		"GET /app/threads/{id}/calendar":     a.calendar,
		"POST /app/threads/{id}/check":       a.check,
		"PUT /app/uploads/{id}":              a.bringFile,
		"GET /app/files/{id}":                a.openFile,
		"POST /app/zone":                     a.settle,
		"/":                                  a.nothing,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			if err := serve(w, r); err != nil {
				a.writeError(w, r, err)
			}
		})
	}
	return a.byOwnName(http.NewCrossOriginProtection().Handler(mux))
}

// page is GET /.
func (a *App) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache") // its scripts' names change with every build
	a.cfg.Page.ServeHTTP(w, r)
}

func (a *App) nothing(http.ResponseWriter, *http.Request) error {
	return refuse(codeNotFound, "There is no such page.")
}

func (a *App) people(w http.ResponseWriter, _ *http.Request) error {
	a.writeJSON(w, http.StatusOK, PeopleBody{People: people()})
	return nil
}

func (a *App) state(w http.ResponseWriter, r *http.Request) error {
	me, err := personIn(r)
	if err != nil {
		return err
	}
	a.writeJSON(w, http.StatusOK, a.see(me))
	return nil
}

// openThread is "Send message" on a proposal.
func (a *App) openThread(w http.ResponseWriter, r *http.Request) error {
	var body OpenBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	me, err := a.person(body.As)
	if err != nil {
		return err
	}
	proposal, ok := proposalByID(r.PathValue("id"))
	if !ok {
		return refuse(codeNotFound, "There is no such proposal.")
	}
	if me.ID != theClient().ID {
		return refuse(codeNotYours, "Only the client can answer a proposal.")
	}
	var first []Item
	now := time.Now().UTC()
	if text := strings.TrimSpace(body.Text); text != "" {
		if err := checkText(text); err != nil {
			return err
		}
		first = []Item{message(me, text, now)}
	}
	opened, err := a.book.open(proposal.ID, first, now)
	if err != nil {
		return err
	}
	if opened {
		a.pages.tell()
		// People can write without Parley; it is told again before a call.
		if err := a.parley.putThread(r.Context(), proposal); err != nil {
			a.cfg.Logger.Warn("thread not put in Parley", "thread", threadID(proposal.ID), "err", err)
		}
	}
	a.writeJSON(w, http.StatusOK, OpenedBody{Thread: threadID(proposal.ID)})
	return nil
}

func (a *App) writeMessage(w http.ResponseWriter, r *http.Request) error {
	var body MessageBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(body.Text)
	if err := checkText(text); err != nil {
		return err
	}
	if len(c.Items) >= maxItems {
		return threadFull()
	}
	// Parley judges it, and shows it in the room when there is one.
	proposal, _ := proposalByID(c.Proposal)
	sent, err := a.parley.say(r.Context(), proposal, me.ID, text, newItemID())
	if err != nil {
		return err
	}
	if err := a.putMessage(sent.Message); err != nil {
		return err
	}
	out := SentBody{Item: sent.Message.item()}
	if sent.Action == "mask" {
		out.Masked, out.Decision = sentences(sent.Findings), sent.Decision
	}
	a.writeJSON(w, http.StatusCreated, out)
	return nil
}

// call is the call button: the thread's open interview, or a new one.
func (a *App) call(w http.ResponseWriter, r *http.Request) error {
	var body CallBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	if modes := *a.modes.Load(); !slices.Contains(modes, body.Mode) {
		return refuse(codeInvalidRequest, "A call is one of "+strings.Join(modes, ", ")+" here.")
	}
	proposal, _ := proposalByID(c.Proposal)
	if err := a.parley.putThread(r.Context(), proposal); err != nil {
		return err
	}
	iv, err := a.parley.create(r.Context(), threadID(c.Proposal), body.Mode, me.ID, "press_"+ulid.Make().String())
	if err != nil {
		return err
	}
	if err := a.putCard(iv); err != nil {
		return err
	}
	return a.letIn(w, r, iv, me)
}

func (a *App) join(w http.ResponseWriter, r *http.Request) error {
	var body JoinBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	card, err := c.openCard("")
	if err != nil {
		return err
	}
	return a.letIn(w, r, *card.Interview, me)
}

// check leads to the page on which a person tries their network and devices.
func (a *App) check(w http.ResponseWriter, r *http.Request) error {
	var body CheckBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	card, err := c.openCard(body.Interview)
	if err != nil {
		return err
	}
	pass, err := a.pass(r, card.Interview.ID, me)
	if err != nil {
		return err
	}
	a.writeJSON(w, http.StatusOK, LinkBody{URL: reachable(pass.CheckURL, r)})
	return nil
}

// letIn answers with a person's own way into an interview.
func (a *App) letIn(w http.ResponseWriter, r *http.Request, iv Interview, me Person) error {
	pass, err := a.pass(r, iv.ID, me)
	if err != nil {
		return err
	}
	a.writeJSON(w, http.StatusOK, RoomBody{URL: reachable(pass.URL, r), Interview: iv})
	return nil
}

// pass asks Parley for a person's own way into an interview.
func (a *App) pass(r *http.Request, interview string, me Person) (passBody, error) {
	pass, err := a.parley.join(r.Context(), interview, me.name())
	if err != nil {
		a.catchUp(r, interview)
	}
	return pass, err
}

// reachable puts the address under which the page itself was reached into a link
// to the room, which the same server serves: a phone on the network cannot follow
// one to localhost.
func reachable(link string, r *http.Request) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	u.Host = r.Host
	return u.String()
}

func (a *App) decline(w http.ResponseWriter, r *http.Request) error {
	var body DeclineBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(body.Reason) > maxReason {
		return refuse(codeInvalidRequest, "The reason is too long: at most 256 characters.")
	}
	card, err := c.openCard("")
	if err != nil {
		return err
	}
	iv, err := a.parley.decline(r.Context(), card.Interview.ID, me.ID, body.Reason)
	if err != nil {
		a.catchUp(r, card.Interview.ID)
		return err
	}
	if err := a.putCard(iv); err != nil {
		return err
	}
	card.Interview = &iv
	a.writeJSON(w, http.StatusOK, card)
	return nil
}

// openRecording answers with a person's own way to a recording of the thread.
func (a *App) openRecording(w http.ResponseWriter, r *http.Request) error {
	var body RecordingBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	for _, item := range c.Items {
		if iv := item.Interview; iv == nil || iv.Recording == nil || iv.Recording.ID != body.Recording {
			continue
		}
		link, err := a.parley.recording(r.Context(), body.Recording, me.name())
		if err != nil {
			return err
		}
		a.writeJSON(w, http.StatusOK, LinkBody{URL: reachable(link, r)})
		return nil
	}
	return refuse(codeNotFound, "There is no such recording in this thread.")
}

// catchUp reads an interview that turned out not to be as its card says, so
// that the page stops offering what is refused.
func (a *App) catchUp(r *http.Request, interview string) {
	iv, err := a.parley.interview(r.Context(), interview)
	if err == nil {
		err = a.putCard(iv)
	}
	if err != nil {
		a.cfg.Logger.Debug("card not brought up to date", "interview", interview, "err", err)
	}
}

// enter finds who asks and the conversation named in the path, and refuses
// those who are not in it.
func (a *App) enter(r *http.Request, as string) (Person, conversation, error) {
	me, err := a.person(as)
	if err != nil {
		return me, conversation{}, err
	}
	for _, c := range a.book.all() {
		if threadID(c.Proposal) != r.PathValue("id") {
			continue
		}
		if _, in := c.other(me); !in {
			return me, c, refuse(codeNotYours, "This thread belongs to others.")
		}
		return me, c, nil
	}
	return me, conversation{}, refuse(codeNotFound, "There is no such thread.")
}

// enterWith reads a JSON body into out, as readBody does, and is enter for the
// person whom it names: as points into out.
func (a *App) enterWith(w http.ResponseWriter, r *http.Request, out any, as *string) (Person, conversation, error) {
	if err := readBody(w, r, out); err != nil {
		return Person{}, conversation{}, err
	}
	return a.enter(r, *as)
}

// person finds who a request that changes something comes from, and slows down
// those who send too many.
func (a *App) person(id string) (Person, error) {
	me, ok := personByID(id)
	if !ok {
		return me, unknownPerson()
	}
	if !a.limits[me.ID].Allow() {
		return me, refuse(codeTooManyRequests, "That was a lot at once. Wait a moment and try again.")
	}
	return me, nil
}

// personIn finds who a page is, from its address.
func personIn(r *http.Request) (Person, error) {
	me, ok := personByID(r.URL.Query().Get("as"))
	if !ok {
		return me, unknownPerson()
	}
	return me, nil
}

func unknownPerson() error {
	return refuse(codeUnknownPerson, "There is nobody by that id. GET /app/people lists who one can be.")
}

func message(from Person, text string, at time.Time) Item {
	return Item{ID: newItemID(), Kind: KindMessage, From: from.ID, Text: text, At: at}
}

func checkText(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return refuse(codeInvalidRequest, "The message is empty.")
	case n > maxText:
		return refuse(codeInvalidRequest, "The message is too long: at most 4,000 characters.")
	}
	return nil
}

// readBody reads a JSON body into out, a pointer to a struct.
func readBody(w http.ResponseWriter, r *http.Request, out any) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return refuse(codeInvalidRequest, "The body must be JSON, sent with Content-Type: application/json.")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		return refuse(codeInvalidRequest, "The body cannot be read: "+strings.TrimPrefix(err.Error(), "json: ")+".")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return refuse(codeInvalidRequest, "The body has something behind its JSON object.")
	}
	return nil
}
