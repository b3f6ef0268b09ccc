package main

import (
	"context"
	"strings"
)

// runServe runs Parley for a host application until ctx is done.
func runServe(ctx context.Context, p *program, args []string) error {
	cfg := defaultConfig()
	if err := p.parseConfig("serve", &cfg, args, checkConfig, checkServe); err != nil {
		return ignoreHelpShown(err)
	}
	log := newLogger(cfg.Log, p.stderr)
	if strings.HasPrefix(cfg.HTTP.PublicURL, "http://") && !strings.HasPrefix(cfg.HTTP.PublicURL, "http://localhost") {
		log.Warn("browsers give camera and microphone to https pages only", "http.public_url", cfg.HTTP.PublicURL)
	}
	s, err := startServer(ctx, cfg, false, log)
	if err != nil {
		return err
	}
	log.Info("ready", "version", versionName(), "listen", s.listener.Addr().String(), "url", s.url, "data", cfg.Data)
	open := s.ports()
	log.Info("ports to open", "ports", open.String(), "command", open.command(hasProgram))
	return s.wait(ctx)
}
