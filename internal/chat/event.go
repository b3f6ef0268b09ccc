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
}

// Stats are the clerk's counters.
type Stats struct {
	Messages  uint64            // delivered
	Decisions map[string]uint64 // texts in which something was found, by the action
	Findings  map[string]uint64 // by category
	Appeals   uint64
	Reports   uint64
}

type counts struct {
	messages, appeals, reports atomic.Uint64

	mu                  sync.Mutex
	decisions, findings map[string]uint64
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
		Decisions: maps.Clone(c.counts.decisions), Findings: maps.Clone(c.counts.findings),
	}
}
