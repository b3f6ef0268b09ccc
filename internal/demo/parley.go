package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	// callTimeout is how long one request to Parley may take.
	callTimeout = 10 * time.Second
	// maxAnswer is the largest answer read from Parley, in bytes.
	maxAnswer = 4 << 20
)

// parley is a client of Parley's REST API: the part of it that this app needs.
type parley struct {
	base, key string
	zone      func(person string) string // the time zone of a person
	client    *http.Client
}

// threadBody, callBody and the rest are requests and answers of the API.
type (
	threadBody struct {
		Title        string       `json:"title"`
		Participants []threadUser `json:"participants"`
		Stage        string       `json:"stage"`
	}
	threadUser struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Role string `json:"role"`
		Zone string `json:"time_zone"`
	}
	createBody struct {
		Mode      string `json:"mode"`
		CreatedBy string `json:"created_by"`
	}
	joinBody struct {
		User Name `json:"user"`
	}
	declineBody struct {
		By     string `json:"by"`
		Reason string `json:"reason,omitempty"`
	}
	messageBody struct {
		By   string `json:"by"`
		Text string `json:"text"`
		Ref  string `json:"ref"`
	}
	sentBody struct {
		Message  said          `json:"message"`
		Action   string        `json:"action"`
		Findings []findingBody `json:"findings"`
		Decision string        `json:"decision"`
	}
	findingBody struct {
		Message string `json:"message"`
	}
	saidBody struct {
		Messages []said `json:"messages"`
	}
	// said is a message of a thread as Parley delivered it.
	said struct {
		ID        string    `json:"id"`
		Thread    string    `json:"thread"`
		Interview string    `json:"interview"`
		From      Name      `json:"from"`
		Text      string    `json:"text"`
		At        time.Time `json:"at"`
		File      *File     `json:"file"`
	}
	passBody struct {
		URL      string `json:"url"`
		CheckURL string `json:"check_url"`
	}
	providerBody struct {
		Capabilities struct {
			Modes []string `json:"modes"`
		} `json:"capabilities"`
	}
	listBody struct {
		Interviews []Interview `json:"interviews"`
	}
	eventBody struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Interview Interview    `json:"interview"`
			Proposal  *Times       `json:"proposal"`
			Message   *said        `json:"message"`
			File      *offeredFile `json:"file"`
			Decision  *decision    `json:"decision"`
			AheadMin  int          `json:"minutes_ahead"`
		} `json:"data"`
	}
)

// putThread tells Parley about the thread of a proposal.
func (p *parley) putThread(ctx context.Context, proposal Proposal) error {
	client := theClient()
	return p.call(ctx, http.MethodPut, "/v1/threads/"+threadID(proposal.ID), "", threadBody{
		Title: theJob().Title,
		Stage: "messaged", // a thread is opened by the client's first message
		Participants: []threadUser{
			{ID: client.ID, Name: client.Name, Role: "interviewer", Zone: p.zone(client.ID)},
			{ID: proposal.Freelancer.ID, Name: proposal.Freelancer.Name, Role: "interviewee", Zone: p.zone(proposal.Freelancer.ID)},
		},
	}, nil)
}

// say sends a message of the thread, and returns it as it was delivered. ref
// names it.
func (p *parley) say(ctx context.Context, proposal Proposal, by, text, ref string) (sentBody, error) {
	var sent sentBody
	path, body := "/v1/threads/"+threadID(proposal.ID)+"/messages", messageBody{By: by, Text: text, Ref: ref}
	err := p.call(ctx, http.MethodPost, path, "", body, &sent)
	if told, ok := errors.AsType[*refusal](err); ok && told.code == codeNotFound { // it was not up when the thread was opened
		if err = p.putThread(ctx, proposal); err == nil {
			err = p.call(ctx, http.MethodPost, path, "", body, &sent)
		}
	}
	return sent, err
}

// said reads the last messages of a thread, oldest first.
func (p *parley) said(ctx context.Context, thread string) ([]said, error) {
	var list saidBody
	err := p.call(ctx, http.MethodGet, "/v1/threads/"+thread+"/messages?limit=100", "", nil, &list)
	return list.Messages, err
}

// modes asks in which modes Parley holds interviews, those in its own rooms first.
func (p *parley) modes(ctx context.Context) ([]string, error) {
	var provider providerBody
	err := p.call(ctx, http.MethodGet, "/v1/provider", "", nil, &provider)
	var modes []string
	for _, mode := range []string{"video", "audio", "zoom"} {
		if slices.Contains(provider.Capabilities.Modes, mode) {
			modes = append(modes, mode)
		}
	}
	return modes, err
}

// create asks for an interview in a thread: the open one, or a new one. press
// names the person's press of the button.
func (p *parley) create(ctx context.Context, thread, mode, by, press string) (iv Interview, err error) {
	err = p.call(ctx, http.MethodPost, "/v1/threads/"+thread+"/interviews", press, createBody{Mode: mode, CreatedBy: by}, &iv)
	return iv, err
}

// join returns the addresses of a person's way into an interview.
func (p *parley) join(ctx context.Context, interview string, who Name) (pass passBody, err error) {
	err = p.call(ctx, http.MethodPost, "/v1/interviews/"+interview+"/join", "", joinBody{User: who}, &pass)
	return pass, err
}

// recording returns the address of a person's way to a recording.
func (p *parley) recording(ctx context.Context, recording string, who Name) (url string, err error) {
	var link passBody
	err = p.call(ctx, http.MethodPost, "/v1/recordings/"+recording+"/link", "", joinBody{User: who}, &link)
	return link.URL, err
}

// decline turns an interview down.
func (p *parley) decline(ctx context.Context, interview, by, reason string) (iv Interview, err error) {
	err = p.call(ctx, http.MethodPost, "/v1/interviews/"+interview+"/decline", "", declineBody{By: by, Reason: reason}, &iv)
	return iv, err
}

// interview reads one interview.
func (p *parley) interview(ctx context.Context, id string) (iv Interview, err error) {
	err = p.call(ctx, http.MethodGet, "/v1/interviews/"+id, "", nil, &iv)
	return iv, err
}

// interviews reads the newest interviews of a thread.
func (p *parley) interviews(ctx context.Context, thread string) ([]Interview, error) {
	var list listBody
	err := p.call(ctx, http.MethodGet, "/v1/threads/"+thread+"/interviews?limit=100", "", nil, &list)
	return list.Interviews, err
}

// call sends one request and reads the JSON of its answer into into, unless that
// is nil.
func (p *parley) call(ctx context.Context, method, path, idempotencyKey string, body, into any) error {
	raw, _, err := p.ask(ctx, method, path, idempotencyKey, body)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	return nil
}

// ask sends one request and returns its answer as it came. A refusal of Parley's
// keeps its status, code, field and sentence.
func (p *parley) ask(ctx context.Context, method, path, idempotencyKey string, body any) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		content = bytes.NewReader(raw)
	}
	request, err := p.request(ctx, method, path, content)
	if err != nil {
		return nil, nil, err
	}
	if idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", idempotencyKey)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, nil, unreachable(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, nil, unreachable(err)
	}
	if response.StatusCode/100 != 2 {
		return nil, nil, refusalIn(response.StatusCode, raw)
	}
	return raw, response.Header, nil
}

func (p *parley) request(ctx context.Context, method, path string, content io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, content)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.Header.Set("Authorization", "Bearer "+p.key)
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// refusalIn reads a problem. What is not the person's doing, such as a wrong
// API key, stays an error of this app.
func refusalIn(status int, raw []byte) error {
	var p struct {
		Problem
		Findings []findingBody `json:"findings"`
	}
	if err := json.Unmarshal(raw, &p); err != nil || p.Code == "" {
		return fmt.Errorf("parley answered with status %d and no problem", status)
	}
	if status >= http.StatusInternalServerError || status == http.StatusUnauthorized {
		return fmt.Errorf("parley refused with status %d, %s: %s", status, p.Code, p.Detail)
	}
	if len(p.Findings) > 0 { // for the person who wrote it, and not about a field
		p.Detail = sentences(p.Findings)
	}
	return &refusal{status: status, code: p.Code, detail: p.Detail, field: p.Field, decision: p.Decision}
}

// unreachableError says that Parley gave no answer.
type unreachableError struct{ cause error }

func (e *unreachableError) Error() string { return "parley is unreachable: " + e.cause.Error() }

// Unwrap gives the refusal that people see, and the cause.
func (e *unreachableError) Unwrap() []error {
	return []error{refuse(codeParleyUnreachable, "The call server does not answer. Try again in a moment."), e.cause}
}

func unreachable(cause error) error { return &unreachableError{cause: cause} }
