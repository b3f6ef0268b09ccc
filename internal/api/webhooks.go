package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/webhook"
)

// keepPrevious is how long a secret signs on after it was rotated.
const keepPrevious = 24 * time.Hour

// testType is the type of the message that only a test sends.
const testType = "webhook.test"

// EncodeEvent makes what webhooks tell of an event: the object that the event
// stream sends, with the interview as the event left it.
func EncodeEvent(e interview.Event, iv interview.Interview) ([]byte, error) {
	out := eventJSON(e)
	if iv.ID != "" {
		out.Data.Interview = new(interviewJSON(iv))
	}
	return encodeMessage(out)
}

// messagesAbout are events of a thread as webhooks tell them.
func messagesAbout(events []interview.Event, t interview.Thread) ([]store.Message, error) {
	return encodeAll(events, func(out *Event) { out.Data.Context = threadJSON(t).Context })
}

// messagesOf are events of a proposal as webhooks tell them.
func messagesOf(events []interview.Event) ([]store.Message, error) {
	return encodeAll(events, func(*Event) {})
}

func encodeAll(events []interview.Event, fill func(*Event)) ([]store.Message, error) {
	messages := make([]store.Message, len(events))
	for i, e := range events {
		out := eventJSON(e)
		fill(&out)
		body, err := encodeMessage(out)
		if err != nil {
			return nil, err
		}
		messages[i] = store.NewMessage(string(e.Kind), e.Subject(), e.At, body)
	}
	return messages, nil
}

// tell shows events that are stored to the open streams, and sees to it that
// webhooks go out. Events of interviews are told by the rooms.
func (s *Server) tell(events []interview.Event) {
	for _, e := range events {
		s.hub.publish(e)
	}
	if len(events) > 0 {
		s.wakeWebhooks()
	}
}

func encodeMessage(body any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return bytes.TrimSpace(text.Bytes()), err
}

// eventTypes lists the types of events, from the tag that documents them.
func eventTypes() []string {
	field, _ := reflect.TypeFor[Event]().FieldByName("Type")
	return strings.Split(field.Tag.Get("enum"), ",")
}

// checkWebhook refuses an address or types that no webhook can have.
func (s *Server) checkWebhook(w store.Webhook) error {
	if err := webhook.CheckURL(w.URL, s.cfg.WebhookAllow); err != nil {
		return &apiError{code: CodeInvalidURL, field: "url", detail: `The field "url" ` + err.Error() + "."}
	}
	known := eventTypes()
	for i, kind := range w.Events {
		field := fmt.Sprintf("events[%d]", i)
		switch {
		case !slices.Contains(known, kind):
			return &apiError{code: CodeUnknownEvent, field: field, detail: fmt.Sprintf("The field %q names no type of event. There are %s.", field, strings.Join(known, ", "))}
		case slices.Contains(w.Events[:i], kind):
			return &apiError{code: CodeUnknownEvent, field: field, detail: fmt.Sprintf("The field %q repeats a type of event.", field)}
		}
	}
	return nil
}

func (s *Server) createWebhook(w http.ResponseWriter, r *http.Request) error {
	var body WebhookBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	now := time.Now()
	made := store.Webhook{
		ID: "wh_" + ulid.Make().String(), APIKey: keyID(r.Context()), URL: body.URL, Description: body.Description,
		Events: body.Events, Enabled: true, Secret: webhook.NewSecret(), CreatedAt: now, UpdatedAt: now,
	}
	if err := s.checkWebhook(made); err != nil {
		return err
	}
	if err := s.cfg.Store.PutWebhook(r.Context(), made); err != nil {
		return err
	}
	out := webhookJSON(made, now)
	out.Secret = made.Secret
	w.Header().Set("Location", "/v1/webhooks/"+made.ID)
	s.writeJSON(w, http.StatusCreated, out)
	return nil
}

func (s *Server) listWebhooks(w http.ResponseWriter, r *http.Request) error {
	found, err := s.cfg.Store.Webhooks(r.Context(), keyID(r.Context()))
	if err != nil {
		return err
	}
	now := time.Now()
	s.writeJSON(w, http.StatusOK, WebhookList{Webhooks: each(found, func(wh store.Webhook) Webhook { return webhookJSON(wh, now) })})
	return nil
}

// webhook reads the webhook named in the path, if it is the caller's.
func (s *Server) webhook(r *http.Request) (store.Webhook, error) {
	return s.cfg.Store.Webhook(r.Context(), keyID(r.Context()), r.PathValue("webhook"))
}

func (s *Server) getWebhook(w http.ResponseWriter, r *http.Request) error {
	found, err := s.webhook(r)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, webhookJSON(found, time.Now()))
	return nil
}

func (s *Server) changeWebhook(w http.ResponseWriter, r *http.Request) error {
	var body WebhookChange
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	now := time.Now()
	changed, err := s.cfg.Store.ChangeWebhook(r.Context(), keyID(r.Context()), r.PathValue("webhook"), func(wh *store.Webhook) error {
		body.apply(wh)
		wh.UpdatedAt = now
		return s.checkWebhook(*wh)
	})
	if err != nil {
		return err
	}
	s.wakeWebhooks()
	s.writeJSON(w, http.StatusOK, webhookJSON(changed, now))
	return nil
}

func (b WebhookChange) apply(wh *store.Webhook) {
	if b.URL != nil {
		wh.URL = *b.URL
	}
	if b.Description != nil {
		wh.Description = *b.Description
	}
	if b.Events != nil {
		wh.Events = *b.Events
	}
	if b.Enabled != nil && *b.Enabled != wh.Enabled {
		wh.Enabled, wh.DisabledReason = *b.Enabled, ""
		if !wh.Enabled {
			wh.DisabledReason = "the host app disabled it"
		}
	}
}

func (s *Server) deleteWebhook(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.Store.DeleteWebhook(r.Context(), keyID(r.Context()), r.PathValue("webhook")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) rotateWebhook(w http.ResponseWriter, r *http.Request) error {
	now := time.Now()
	changed, err := s.cfg.Store.ChangeWebhook(r.Context(), keyID(r.Context()), r.PathValue("webhook"), func(wh *store.Webhook) error {
		wh.PreviousSecret, wh.PreviousUntil = wh.Secret, now.Add(keepPrevious)
		wh.Secret, wh.UpdatedAt = webhook.NewSecret(), now
		return nil
	})
	if err != nil {
		return err
	}
	out := webhookJSON(changed, now)
	out.Secret = changed.Secret
	s.writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) testWebhook(w http.ResponseWriter, r *http.Request) error {
	id, now := r.PathValue("webhook"), time.Now()
	body, err := encodeMessage(map[string]any{
		"type": testType, "timestamp": now.UTC(), "data": map[string]string{"webhook": id},
	})
	if err != nil {
		return err
	}
	d, err := s.cfg.Store.SendTest(r.Context(), keyID(r.Context()), id, store.NewMessage(testType, id, now, body))
	if err != nil {
		return err
	}
	s.wakeWebhooks()
	s.writeJSON(w, http.StatusAccepted, deliveryJSON(d))
	return nil
}

func (s *Server) wakeWebhooks() {
	if s.cfg.WakeWebhooks != nil {
		s.cfg.WakeWebhooks()
	}
}
