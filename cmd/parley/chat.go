package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/guard"
	"parley/internal/interview"
)

// guardKeyFile holds what the hashes of found contact details are salted with.
// It is no part of the database, so that a copy of that alone cannot be searched
// for telephone numbers.
const guardKeyFile = "guard_key"

// openChat starts what judges and keeps the things people write.
func (s *server) openChat(context.Context) error {
	key, err := openGuardKey(s.cfg.Data)
	if err != nil {
		return err
	}
	mode, _ := guard.ParseMode(s.cfg.Guard.Mode) // the configuration was checked
	allowed := s.cfg.Guard.Allowed
	if u, err := url.Parse(s.url); err == nil {
		allowed = append([]string{u.Hostname()}, allowed...) // personal links lead there
	}
	s.chat = chat.New(chat.Config{
		Store: s.store, Key: key, Mode: mode, Allowed: allowed, Encode: api.EncodeThreadEvent,
		Files: chat.FileRules{
			FilePolicy: interview.FilePolicy{MaxSize: int64(s.cfg.Files.MaxMB) << 20, Types: s.cfg.Files.Types}, Origins: s.cfg.Files.UploadOrigins,
		},
		Keep: s.cfg.Chat.Keep, Wake: s.webhooks.Wake, Logger: s.log,
	})
	s.started.add("chat", func(context.Context) error { return s.chat.Close() })
	return nil
}

// openGuardKey reads the key in the data directory, and makes one when there is
// none.
func openGuardKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, guardKeyFile)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		key := make([]byte, 32)
		rand.Read(key)
		return key, writeSecret(path, []byte(hex.EncodeToString(key)+"\n"))
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %s", path, pathReason(err))
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) < 16 {
		return nil, fmt.Errorf("%s holds no key; restore it from a backup, or remove it to begin with new hashes", path)
	}
	return key, nil
}

// chatMetrics are the families of internal/chat.
func chatMetrics() []metric {
	return []metric{
		counter("parley_chat_messages_total", "Messages delivered in threads.",
			func(s stats) uint64 { return s.chat.Messages }),
		counterBy("parley_guard_decisions_total", "Texts in which the contact guard found something, by what it did.", "action",
			func(s stats) map[string]uint64 { return s.chat.Decisions }),
		counterBy("parley_guard_findings_total", "Things it found, by category.", "category",
			func(s stats) map[string]uint64 { return s.chat.Findings }),
		counterBy("parley_chat_files_total", "Files that people offered, by what became of them.", "state",
			func(s stats) map[string]uint64 { return s.chat.Files }),
		counter("parley_chat_reports_total", "Reports that people made in interviews.",
			func(s stats) uint64 { return s.chat.Reports }),
		counter("parley_guard_appeals_total", "Decisions of the contact guard that somebody contested.",
			func(s stats) uint64 { return s.chat.Appeals }),
	}
}
