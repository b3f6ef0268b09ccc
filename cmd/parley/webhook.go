package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"parley/internal/interview"
	"parley/internal/webhook"
)

// openWebhooks starts delivering what the database holds. Rooms are opened
// after it, so that what happens while they stop is stored, and sent after the
// next start.
func (s *server) openWebhooks(context.Context) error {
	s.webhooks = webhook.New(webhook.Config{
		Store: s.store, Allow: s.cfg.Webhook.Allow, Keep: s.cfg.Webhook.Keep, Logger: s.log,
	})
	s.started.add("webhooks", func(context.Context) error { return s.webhooks.Close() })
	return nil
}

// followWebhooks has what rooms store sent at once.
func (s *server) followWebhooks() {
	s.rooms.Watch(func(interview.Event) { s.webhooks.Wake() })
}

// webhookMetrics are the families of internal/webhook.
func webhookMetrics() []metric {
	return []metric{
		counter("parley_webhook_delivered_total", "Messages that a receiver took.",
			func(s stats) uint64 { return s.webhook.Delivered }),
		counterBy("parley_webhook_failed_attempts_total", "Attempts that failed, by reason.", "reason",
			func(s stats) map[string]uint64 { return s.webhook.Failed }),
		gauge("parley_webhook_queued_deliveries", "Messages that enabled webhooks have yet to get.",
			func(s stats) int { return s.webhook.Queued }),
		gauge("parley_webhook_oldest_queued_seconds", "How long the oldest of them waits.",
			func(s stats) int { return int(s.webhook.Oldest / time.Second) }),
	}
}

// runWebhook is `parley webhook listen`: a receiver for developers.
func runWebhook(ctx context.Context, p *program, args []string) error {
	if len(args) > 0 && args[0] == "listen" {
		args = args[1:]
	} else if len(args) > 0 && args[0] != "--help" && args[0] != "-h" {
		return &configError{message: fmt.Sprintf("parley webhook knows no %q; write parley webhook listen", args[0])}
	}
	fs := newFlagSet("webhook listen")
	secret := fs.String("secret", "", "the webhook's secret, whsec_…, as shown when it was made")
	listen := fs.String("listen", "127.0.0.1:8090", "address to receive messages on")
	if err := p.parse(fs, args); err != nil {
		return ignoreHelpShown(err)
	}
	receiver, err := webhook.NewListener(*secret, p.stdout)
	if err != nil {
		return &configError{where: "--secret", message: err.Error()}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", *listen)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on (%w); choose another address with --listen", *listen, err)
	}
	fmt.Fprintf(p.stdout, "waiting for messages at http://%s/\n", l.Addr())
	server := &http.Server{Handler: receiver, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
