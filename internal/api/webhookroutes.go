package api

import (
	"net/http"
	"time"
)

type (
	webhookParams struct {
		Webhook string `path:"webhook" required:"true" minLength:"1" maxLength:"128" description:"The webhook's id."`
	}
	deliveriesParams struct {
		Webhook string `path:"webhook" required:"true" minLength:"1" maxLength:"128" description:"The webhook's id."`
		Before  string `query:"before" maxLength:"128" description:"Only deliveries older than the one with this id."`
		Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
	}
	deliveryParams struct {
		Webhook  string `path:"webhook" required:"true" minLength:"1" maxLength:"128" description:"The webhook's id."`
		Delivery string `path:"delivery" required:"true" minLength:"1" maxLength:"128" description:"The delivery's id."`
	}
)

func webhookRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/webhooks", id: "createWebhook", tag: "webhooks",
			summary:     "Register an address that hears of what happens",
			description: "The answer holds the secret that messages are signed with: keep it, it is not shown again. A webhook belongs to the API key that made it; other keys do not see it.",
			body:        exampleWebhookBody(),
			answers:     []answer{{status: http.StatusCreated, description: "The webhook, with its secret. `Location` holds its path.", body: exampleNewWebhook()}},
			codes:       []Code{CodeInvalidURL, CodeUnknownEvent, CodeTooManyWebhooks},
			serve:       (*Server).createWebhook,
		},
		{
			method: http.MethodGet, path: "/v1/webhooks", id: "listWebhooks", tag: "webhooks",
			summary: "List the API key's webhooks",
			answers: []answer{{status: http.StatusOK, description: "All of them, at most 20.", body: WebhookList{Webhooks: []Webhook{exampleWebhook()}}}},
			serve:   (*Server).listWebhooks,
		},
		{
			method: http.MethodGet, path: "/v1/webhooks/{webhook}", id: "getWebhook", tag: "webhooks",
			summary: "Read a webhook", params: webhookParams{},
			answers: []answer{{status: http.StatusOK, description: "The webhook, without its secret.", body: exampleWebhook()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).getWebhook,
		},
		{
			method: http.MethodPatch, path: "/v1/webhooks/{webhook}", id: "changeWebhook", tag: "webhooks",
			summary: "Change, disable or enable a webhook", params: webhookParams{}, body: exampleWebhookChange(),
			answers: []answer{{status: http.StatusOK, description: "The webhook as it is now.", body: exampleWebhook()}},
			codes:   []Code{CodeInvalidURL, CodeUnknownEvent, CodeNotFound}, serve: (*Server).changeWebhook,
		},
		{
			method: http.MethodDelete, path: "/v1/webhooks/{webhook}", id: "deleteWebhook", tag: "webhooks",
			summary:     "Forget a webhook",
			description: "With its log, and everything that was on its way to it.",
			params:      webhookParams{},
			answers:     []answer{{status: http.StatusNoContent, description: "It is gone."}},
			codes:       []Code{CodeNotFound}, serve: (*Server).deleteWebhook,
		},
		{
			method: http.MethodPost, path: "/v1/webhooks/{webhook}/rotate", id: "rotateWebhook", tag: "webhooks",
			summary:     "Give a webhook a new secret",
			description: "For 24 hours messages carry two signatures, of the new secret and of the one before.",
			params:      webhookParams{},
			answers:     []answer{{status: http.StatusOK, description: "The webhook, with its new secret.", body: exampleNewWebhook()}},
			codes:       []Code{CodeNotFound}, serve: (*Server).rotateWebhook,
		},
		{
			method: http.MethodPost, path: "/v1/webhooks/{webhook}/test", id: "testWebhook", tag: "webhooks",
			summary:     "Send a message of the type webhook.test",
			description: "Whatever types the webhook hears of. One that is disabled gets it when it is enabled.",
			params:      webhookParams{},
			answers:     []answer{{status: http.StatusAccepted, description: "The delivery; read it again for what became of it.", body: exampleDelivery("pending")}},
			codes:       []Code{CodeNotFound}, serve: (*Server).testWebhook,
		},
		{
			method: http.MethodPost, path: "/v1/webhooks/{webhook}/replay", id: "replayWebhook", tag: "webhooks",
			summary:     "Send again what happened since a moment",
			description: "Everything the webhook wants that is still kept, whether it was delivered before or not, under the same webhook-id. What is on its way already is not doubled.",
			params:      webhookParams{}, body: ReplayBody{Since: exampleAt},
			answers: []answer{{status: http.StatusAccepted, description: "How much is sent again.", body: Replay{Count: 12, Last: exampleAt.Add(time.Hour)}}},
			codes:   []Code{CodeNotFound}, serve: (*Server).replayWebhook,
		},
		{
			method: http.MethodGet, path: "/v1/webhooks/{webhook}/deliveries", id: "listDeliveries", tag: "webhooks",
			summary: "List what was sent to a webhook, newest first", params: deliveriesParams{},
			answers: []answer{{status: http.StatusOK, description: "One page.", body: DeliveryList{Deliveries: []Delivery{exampleDelivery("delivered")}, Next: "dlv_4711"}}},
			codes:   []Code{CodeInvalidRequest, CodeNotFound}, serve: (*Server).listDeliveries,
		},
		{
			method: http.MethodGet, path: "/v1/webhooks/{webhook}/deliveries/{delivery}", id: "getDelivery", tag: "webhooks",
			summary: "Read a delivery with every attempt", params: deliveryParams{},
			answers: []answer{{status: http.StatusOK, description: "The delivery.", body: exampleDeliveryDetail()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).getDelivery,
		},
		{
			method: http.MethodPost, path: "/v1/webhooks/{webhook}/deliveries/{delivery}/replay", id: "replayDelivery", tag: "webhooks",
			summary: "Send one message again", params: deliveryParams{},
			answers: []answer{{status: http.StatusAccepted, description: "The new delivery.", body: exampleDelivery("pending")}},
			codes:   []Code{CodeNotFound}, serve: (*Server).replayDelivery,
		},
	}
}

func exampleWebhookBody() WebhookBody {
	return WebhookBody{URL: "https://app.example.com/parley", Events: []string{"interview.started", "interview.ended"}}
}

func exampleWebhookChange() WebhookChange {
	enabled := true
	return WebhookChange{Enabled: &enabled, Events: &[]string{"interview.started", "interview.ended"}}
}

func exampleWebhook() Webhook {
	return Webhook{
		ID: "wh_01KJPVJ3G0XW2M8QF5T7R9B4CE", URL: "https://app.example.com/parley",
		Events: []string{"interview.started", "interview.ended"}, Enabled: true, CreatedAt: exampleAt, UpdatedAt: exampleAt,
	}
}

func exampleNewWebhook() Webhook {
	wh := exampleWebhook()
	wh.Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	return wh
}

func exampleDelivery(state string) Delivery {
	d := Delivery{
		ID: "dlv_4711", Message: "msg_01KJPVJ3G0XW2M8QF5T7R9B4CE", Type: "interview.started", Subject: exampleID,
		State: state, CreatedAt: exampleAt,
	}
	if d.State == "pending" {
		d.NextAt = exampleAt
		return d
	}
	d.Attempts, d.DoneAt = 1, exampleAt.Add(time.Second)
	return d
}

func exampleDeliveryDetail() DeliveryDetail {
	return DeliveryDetail{
		Delivery: exampleDelivery("delivered"), Body: `{"type":"interview.started","timestamp":"2026-03-02T10:00:40Z","data":{}}`,
		Attempts: []Attempt{{At: exampleAt, DurationMS: 84, Status: 204}},
	}
}
