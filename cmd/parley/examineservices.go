package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"parley/internal/api"
	"parley/internal/doctor"
	"parley/internal/doctor/facts"
	"parley/internal/webhook"
	"parley/recorder/archive"
	"parley/recorder/render"
)

// A test message is waited for a little longer than its receiver may take.
const (
	webhookWait = 18 * time.Second
	webhookPoll = 200 * time.Millisecond
)

// checkWebhooks sends each webhook a test message, and one that nobody signed.
func (e *examination) checkWebhooks(ctx context.Context) []doctor.Finding {
	if e.started != nil {
		return []doctor.Finding{doctor.NotTried("webhook", "they are in the database of the real server: run this while it runs")}
	}
	var list api.WebhookList
	if err := e.api.call(ctx, http.MethodGet, "/v1/webhooks", nil, &list); err != nil {
		return []doctor.Finding{{Level: doctor.Fail, Message: err.Error(), Fix: "see the server's log for what it could not do"}}
	}
	if len(list.Webhooks) == 0 {
		return []doctor.Finding{{Level: doctor.OK, Message: "none is registered with this API key"}}
	}
	var found []doctor.Finding
	for _, w := range list.Webhooks {
		found = append(found, doctor.CheckWebhook(e.deliver(ctx, w)))
	}
	return found
}

func (e *examination) deliver(ctx context.Context, w api.Webhook) doctor.Delivery {
	d := doctor.Delivery{ID: w.ID, URL: w.URL, Enabled: w.Enabled}
	if !w.Enabled {
		return d
	}
	ctx, cancel := context.WithTimeout(ctx, webhookWait)
	defer cancel()
	path := "/v1/webhooks/" + url.PathEscape(w.ID)
	var sent api.Delivery
	if err := e.api.call(ctx, http.MethodPost, path+"/test", map[string]any{}, &sent); err != nil {
		d.State, d.Reason, d.Answer = "failed", webhook.ReasonUnreachable, err.Error()
		return d
	}
	ticks := time.NewTicker(webhookPoll)
	defer ticks.Stop()
	var detail api.DeliveryDetail
	// An attempt that failed is tried again later; what it said is enough.
	for detail.Delivery.State != "delivered" && len(detail.Attempts) == 0 {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			d.State = detail.Delivery.State
			return d
		}
		if err := e.api.call(ctx, http.MethodGet, path+"/deliveries/"+url.PathEscape(sent.ID), nil, &detail); err != nil {
			d.State, d.Reason, d.Answer = "failed", webhook.ReasonUnreachable, err.Error()
			return d
		}
	}
	d.State, d.Reason = detail.Delivery.State, detail.Delivery.Reason
	if n := len(detail.Attempts); n > 0 {
		d.Status, d.Answer = detail.Attempts[n-1].Status, detail.Attempts[n-1].Answer
	}
	if d.State == "delivered" {
		// One that cannot be reached a second time says nothing about signatures.
		d.Forged, _ = webhook.Forge(ctx, w.URL, e.cfg.Webhook.Allow)
	}
	return d
}

func (e *examination) checkRecordings(context.Context) []doctor.Finding {
	if !e.cfg.Recording.Enabled {
		return []doctor.Finding{doctor.NotTried("recordings", "recording.enabled is off")}
	}
	dir := absolute(cmp.Or(e.cfg.Recording.Dir, filepath.Join(e.cfg.Data, "recordings")))
	free, _ := facts.Free(facts.Existing(dir)) // 0 where the system does not say
	return []doctor.Finding{doctor.CheckRecordings(doctor.Recordings{Dir: dir, Problem: facts.Directory(dir), Free: free})}
}

// checkFFmpeg tries the program that films would be made with, as a server does
// when it has started.
func (e *examination) checkFFmpeg(ctx context.Context) []doctor.Finding {
	c := e.cfg.Recording
	if !c.Enabled || !c.Film {
		return []doctor.Finding{doctor.NotTried("ffmpeg", "no films are made of recordings")}
	}
	_, err := render.Find(ctx, c.FFmpeg)
	return []doctor.Finding{doctor.CheckFFmpeg(err)}
}

// checkStorage writes a small file to the bucket that recordings go to, and reads it.
func (e *examination) checkStorage(ctx context.Context) []doctor.Finding {
	if e.cfg.Recording.StorageURL == "" {
		return []doctor.Finding{doctor.NotTried("storage", "not configured")}
	}
	s, err := e.cfg.Recording.storage()
	if err == nil {
		defer s.Close()
		err = archive.Try(ctx, s)
	}
	if err != nil {
		return []doctor.Finding{{Level: doctor.Fail, Message: err.Error(), Fix: "see recording.storage_url, recording.storage_key and recording.storage_secret_file in docs/config.md"}}
	}
	return []doctor.Finding{{Level: doctor.OK, Message: "recordings can be written to and read from " + e.cfg.Recording.StorageURL}}
}
