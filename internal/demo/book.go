package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// maxItems is how many items a thread holds.
const maxItems = 500

// fileVersion is the version of app.json that this program writes.
const fileVersion = 1

// conversation is a thread as the app keeps it, seen by nobody in particular.
// Its items are never changed in place: readers may hold on to them.
type conversation struct {
	Proposal string    `json:"proposal"`
	OpenedAt time.Time `json:"opened_at"`
	Items    []Item    `json:"items"`
}

// file is the content of app.json.
type file struct {
	Version int               `json:"version"`
	Threads []conversation    `json:"threads"`
	Zones   map[string]string `json:"zones,omitempty"` // time zones by person, of those whose browsers told them
}

// book holds the conversations and keeps them in a file. Every change is on
// disk before anybody sees it.
type book struct {
	path string

	mu      sync.Mutex
	threads []conversation    // in the order they were opened
	zones   map[string]string // as in the file; replaced, never written to
}

// openBook reads the book in dir, or starts an empty one.
func openBook(dir string) (*book, error) {
	b := &book{path: filepath.Join(dir, "app.json")}
	raw, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, b.save(nil, nil) // finds out now whether the directory can be written to
	}
	if err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	var content file
	if err := json.Unmarshal(raw, &content); err != nil {
		return nil, fmt.Errorf("the messages in %s cannot be read: %w", b.path, err)
	}
	if content.Version != fileVersion {
		return nil, fmt.Errorf("the messages in %s are of version %d, and this program knows version %d", b.path, content.Version, fileVersion)
	}
	for n, c := range content.Threads {
		if !c.usable() || b.find(c.Proposal) >= 0 {
			return nil, fmt.Errorf("the messages in %s cannot be read: thread %d is not one of this app's", b.path, n+1)
		}
		b.threads = append(b.threads, c)
	}
	b.zones = content.Zones
	return b, nil
}

// usable reports whether a conversation read from a file is one that this
// program could have written.
func (c conversation) usable() bool {
	_, known := proposalByID(c.Proposal)
	return known && len(c.Items) <= maxItems && !slices.ContainsFunc(c.Items, func(it Item) bool {
		return it.Kind != KindMessage && it.Kind != KindCard && it.Kind != KindAppeal && it.Kind != KindTimes && it.Kind != KindReminder ||
			(it.Kind == KindTimes) != (it.Times != nil) || (it.Kind == KindReminder) != (it.Reminder != nil) ||
			(it.Kind == KindCard) != (it.Interview != nil) || (it.Kind == KindAppeal) != (it.Appeal != nil)
	})
}

// all returns the conversations as they are now.
func (b *book) all() []conversation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.threads)
}

// open returns the conversation of a proposal, which begins with first when it
// did not exist before.
func (b *book) open(proposal string, first []Item, now time.Time) (opened bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.find(proposal) >= 0 {
		return false, nil
	}
	return true, b.replace(append(slices.Clone(b.threads), conversation{Proposal: proposal, OpenedAt: now, Items: first}))
}

// change gives the items of a conversation to f, which returns those that take
// their place, or none when there is nothing to change. f must not alter the
// items it is given.
func (b *book) change(proposal string, f func(c conversation) []Item) (changed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.find(proposal)
	if n < 0 {
		return false, nil
	}
	items := f(b.threads[n])
	if items == nil {
		return false, nil
	}
	if len(items) > maxItems {
		return false, threadFull()
	}
	threads := slices.Clone(b.threads)
	threads[n].Items = items
	return true, b.replace(threads)
}

func threadFull() error {
	return refuse(codeThreadFull, "This thread is full. Delete app.json to start over.")
}

// find returns the index of a conversation, or -1. b.mu is held.
func (b *book) find(proposal string) int {
	return slices.IndexFunc(b.threads, func(c conversation) bool { return c.Proposal == proposal })
}

// replace writes threads down and then makes them the book's. b.mu is held.
func (b *book) replace(threads []conversation) error {
	if err := b.save(threads, b.zones); err != nil {
		return err
	}
	b.threads = threads
	return nil
}

// save writes the file anew. After a crash there is the old one or the new
// one, never half of one.
func (b *book) save(threads []conversation, zones map[string]string) (err error) {
	if threads == nil {
		threads = []conversation{}
	}
	raw, err := json.MarshalIndent(file{Version: fileVersion, Threads: threads, Zones: zones}, "", " ")
	if err != nil {
		return fmt.Errorf("write the messages: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(b.path), ".app-*.json") // mode 0600: the messages are nobody else's
	if err != nil {
		return fmt.Errorf("write the messages: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the messages: %w", errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	_, err = temp.Write(append(raw, '\n'))
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), b.path)
}
