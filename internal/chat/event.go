package chat

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// The types of events. Host apps see these names.
const (
	EventMessage = "thread.message.created"
	EventFlagged = "guard.flagged" // something was found, and delivered as it was
	EventMasked  = "guard.masked"
	EventBlocked = "guard.blocked"
	// Somebody contests a decision, and the appeal was decided.
	EventAppealed      = "guard.appealed"
	EventAppealDecided = "guard.appeal_decided"
	EventLifted        = "guard.lifted" // a thread is guarded no more
	EventArmed         = "guard.armed"  // a thread is guarded again
	EventReport        = "report.created"

	EventFileOffered   = "file.offered"
	EventFileGranted   = "file.granted"  // the host app has said where it goes
	EventFileDeclined  = "file.declined" // or that it does not want it
	EventFileUploaded  = "file.uploaded"
	EventFileWithdrawn = "file.withdrawn" // by the person, or by time
)

// An Event is one thing that happened in a thread.
type Event struct {
	Type      string
	At        time.Time
	Thread    interview.ThreadID
	Interview interview.ID         // where it happened; empty: in none
	Message   *store.ChatMessage   // of EventMessage
	Decision  *store.GuardDecision // of EventFlagged, EventMasked, EventBlocked and those of appeals
	Guarding  *Guarding            // of EventLifted and EventArmed
	Report    *store.Report        // of EventReport
	About     *interview.Interview // of EventReport: the interview as it was
	File      *interview.FileOffer // of the events of files, as the event left it
	Upload    *Upload              // of EventFileGranted, for nobody but the person's page
}

// Stats are the clerk's counters.
type Stats struct {
	Messages  uint64            // delivered
	Decisions map[string]uint64 // texts in which something was found, by the action
	Findings  map[string]uint64 // by category
	Appeals   uint64
	Reports   uint64
	Files     map[string]uint64 // offers that are closed, by their state
}

type counts struct {
	messages, appeals, reports atomic.Uint64

	mu                  sync.Mutex
	decisions, findings map[string]uint64
	files               map[string]uint64
}

// filed counts an offer, once it is closed.
func (n *counts) filed(o interview.FileOffer) {
	if o.Open() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.files == nil {
		n.files = make(map[string]uint64)
	}
	n.files[string(o.State)]++
}

func (n *counts) decided(d store.GuardDecision) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.decisions == nil {
		n.decisions, n.findings = make(map[string]uint64), make(map[string]uint64)
	}
	n.decisions[d.Action]++
	for _, f := range d.Findings {
		n.findings[f.Category]++
	}
}

// Stats returns the counters. It waits for nobody.
func (c *Clerk) Stats() Stats {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return Stats{
		Messages: c.counts.messages.Load(), Appeals: c.counts.appeals.Load(), Reports: c.counts.reports.Load(),
		Decisions: maps.Clone(c.counts.decisions), Findings: maps.Clone(c.counts.findings), Files: maps.Clone(c.counts.files),
	}
}
