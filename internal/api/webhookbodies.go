package api

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/internal/store"
)

// WebhookBody registers an address that hears of what happens.
type WebhookBody struct {
	URL         string   `json:"url" required:"true" minLength:"1" maxLength:"2048" description:"An https address on the public internet. Redirects are not followed."`
	Description string   `json:"description,omitempty" maxLength:"256" description:"For people."`
	Events      []string `json:"events,omitempty" maxItems:"64" description:"The types of events it hears of; absent or empty: all, those to come as well."`
}

// WebhookChange changes what it names and leaves the rest.
type WebhookChange struct {
	URL         *string   `json:"url,omitempty" minLength:"1" maxLength:"2048"`
	Description *string   `json:"description,omitempty" maxLength:"256"`
	Events      *[]string `json:"events,omitempty" maxItems:"64" description:"Empty: all."`
	Enabled     *bool     `json:"enabled,omitempty" description:"A webhook that is not enabled hears of nothing that happens meanwhile. What was on its way goes on when it is enabled again."`
}

// Webhook is an address that hears of what happens.
type Webhook struct {
	ID             string    `json:"id" required:"true"`
	URL            string    `json:"url" required:"true"`
	Description    string    `json:"description" required:"true"`
	Events         []string  `json:"events" required:"true" nullable:"false" description:"Empty: all."`
	Enabled        bool      `json:"enabled" required:"true"`
	DisabledReason string    `json:"disabled_reason,omitempty" description:"Why it is not enabled."`
	Secret         string    `json:"secret,omitempty" description:"What messages are signed with. It is shown once: when the webhook is made, and when its secret is rotated."`
	PreviousUntil  time.Time `json:"previous_secret_until,omitzero" description:"Until when messages are signed with the secret before this one as well."`
	CreatedAt      time.Time `json:"created_at" required:"true"`
	UpdatedAt      time.Time `json:"updated_at" required:"true"`
}

// WebhookList is every webhook of an API key, oldest first.
type WebhookList struct {
	Webhooks []Webhook `json:"webhooks" required:"true" nullable:"false"`
}

// Delivery is a message on its way to a webhook, or what became of it.
type Delivery struct {
	ID        string    `json:"id" required:"true"`
	Message   string    `json:"message" required:"true" description:"The webhook-id, the same in every attempt and replay."`
	Type      string    `json:"type" required:"true" description:"The type of the event."`
	Subject   string    `json:"subject" required:"true" description:"The interview it is about. Messages of one interview arrive in order."`
	State     string    `json:"state" required:"true" enum:"pending,waiting,delivered,failed" description:"waiting: behind an earlier message of the same interview."`
	Attempts  int       `json:"attempts" required:"true"`
	Reason    string    `json:"reason,omitempty" enum:"unreachable,timeout,tls,throttled,forbidden,redirect,gone,status" description:"Why the last attempt failed."`
	CreatedAt time.Time `json:"created_at" required:"true"`
	NextAt    time.Time `json:"next_at,omitzero" description:"When it is tried next."`
	DoneAt    time.Time `json:"done_at,omitzero" description:"When it was delivered or given up."`
}

// DeliveryList is a page of a webhook's log, newest first.
type DeliveryList struct {
	Deliveries []Delivery `json:"deliveries" required:"true" nullable:"false"`
	Next       string     `json:"next,omitempty" description:"Give it as before for the next page. Absent on the last one."`
}

// Attempt is one request of a delivery.
type Attempt struct {
	At         time.Time `json:"at" required:"true"`
	DurationMS int64     `json:"duration_ms" required:"true"`
	Status     int       `json:"status,omitempty" description:"Absent when there was no answer."`
	Reason     string    `json:"reason,omitempty" enum:"unreachable,timeout,tls,throttled,forbidden,redirect,gone,status" description:"Absent when it succeeded."`
	Answer     string    `json:"answer,omitempty" description:"How the answer's body began, or what went wrong."`
}

// DeliveryDetail is a delivery with what was sent and every attempt.
type DeliveryDetail struct {
	Delivery Delivery  `json:"delivery" required:"true"`
	Body     string    `json:"body" required:"true" description:"The bytes that are sent."`
	Attempts []Attempt `json:"attempts" required:"true" nullable:"false" description:"Oldest first."`
}

// ReplayBody asks for everything since a moment once more.
type ReplayBody struct {
	Since time.Time `json:"since" required:"true" description:"When the first event happened that is to be sent again."`
}

// Replay says what is sent again.
type Replay struct {
	Count int       `json:"count" required:"true" description:"How many messages: at most 100. Ask again from last on for the rest."`
	Last  time.Time `json:"last,omitzero" description:"When the last of them happened."`
}

func webhookJSON(w store.Webhook, now time.Time) Webhook {
	out := Webhook{
		ID: w.ID, URL: w.URL, Description: w.Description, Events: append([]string{}, w.Events...), Enabled: w.Enabled,
		DisabledReason: w.DisabledReason, CreatedAt: utc(w.CreatedAt), UpdatedAt: utc(w.UpdatedAt),
	}
	if now.Before(w.PreviousUntil) {
		out.PreviousUntil = utc(w.PreviousUntil)
	}
	return out
}

func deliveryJSON(d store.Delivery) Delivery {
	return Delivery{
		ID: deliveryID(d.N), Message: d.Message.ID, Type: d.Message.Type, Subject: d.Message.Subject, State: d.State,
		Attempts: d.Attempts, Reason: d.Reason, CreatedAt: utc(d.CreatedAt), NextAt: utc(d.NextAt), DoneAt: utc(d.DoneAt),
	}
}

const deliveryPrefix = "dlv_"

func deliveryID(n int64) string { return fmt.Sprintf("%s%d", deliveryPrefix, n) }

func parseDeliveryID(text string) (n int64, ok bool) {
	digits, ok := strings.CutPrefix(text, deliveryPrefix)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && n > 0
}
