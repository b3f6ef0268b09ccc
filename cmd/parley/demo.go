package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// demoFile is where a running demo says how to reach it.
const demoFile = "demo.json"

// demoAccess is what stands in demoFile.
type demoAccess struct {
	URL    string `json:"url"`
	APIKey string `json:"api_key"`
}

// runDemo runs Parley and the reference messaging app until ctx is done.
func runDemo(ctx context.Context, p *program, args []string) error {
	cfg := demoConfig()
	if err := p.parseConfig("demo", &cfg, args, checkConfig, checkDemo); err != nil {
		return ignoreHelpShown(err)
	}
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return fmt.Errorf("find the data directory: %w", err)
	}
	cfg.Data = data
	s, err := startServer(ctx, cfg, true, newLogger(cfg.Log, p.stderr))
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Data, demoFile)
	s.started.add(demoFile, func(context.Context) error { return removeFile(path) })
	if err := writeDemoAccess(path, demoAccess{URL: s.url, APIKey: s.apiKey}); err != nil {
		return errors.Join(err, s.started.stop(stopTimeout, s.log))
	}
	printWelcome(p.stdout, s)
	return s.wait(ctx)
}

func printWelcome(w io.Writer, s *server) {
	fmt.Fprintf(w, "Parley is at    %s\n", s.url)
	if urls := networkURLs("http", s.listener.Addr(), ownAddresses()); len(urls) > 0 {
		fmt.Fprintf(w, "On the network  %s  (without https, browsers keep camera and microphone to themselves)\n", urls[0])
	}
	fmt.Fprintf(w, "Its data is in  %s\n", s.cfg.Data)
	fmt.Fprintf(w, "To stop, press  Ctrl-C\n")
}

func writeDemoAccess(path string, access demoAccess) error {
	raw, err := json.Marshal(access)
	if err != nil {
		return fmt.Errorf("encode %s: %w", demoFile, err)
	}
	return writeSecret(path, append(raw, '\n'))
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
