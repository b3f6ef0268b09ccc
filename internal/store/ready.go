package store

import (
	"encoding/json"
	"fmt"
	"time"

	"parley/internal/interview"
)

// A readyColumn reads who is ready for an interview: a JSON list, because it is
// never asked for by what is in it. It holds ids, and no names.
type readyColumn struct{ into *[]interview.Readiness }

type storedReadiness struct {
	User string `json:"user"`
	At   int64  `json:"at"` // as in a timeColumn
}

// Scan implements sql.Scanner.
func (c readyColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("who is ready is stored as %T", src)
	}
	var stored []storedReadiness
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return fmt.Errorf("who is ready: %w", err)
	}
	*c.into = nil
	for _, r := range stored {
		*c.into = append(*c.into, interview.Readiness{User: interview.UserID(r.User), At: time.UnixMicro(r.At).UTC()})
	}
	return nil
}

// readyValue is what a readyColumn holds.
func readyValue(all []interview.Readiness) (string, error) {
	stored := []storedReadiness{}
	for _, r := range all {
		stored = append(stored, storedReadiness{string(r.User), r.At.UnixMicro()})
	}
	text, err := json.Marshal(stored)
	return string(text), err
}
