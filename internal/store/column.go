package store

import (
	"encoding/hex"
	"fmt"
	"time"
)

// A timeColumn reads a time: whole microseconds since 1970, NULL when zero.
// Numbers, because SQLite and PostgreSQL have no type for times in common.
type timeColumn struct{ into *time.Time }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.into = time.Time{}
	case int64:
		*c.into = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", src)
	}
	return nil
}

// timeValue is what a timeColumn holds.
func timeValue(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// A bytesColumn reads bytes: lower-case hexadecimal text, for the same reason.
type bytesColumn struct{ into *[]byte }

// Scan implements sql.Scanner.
func (c bytesColumn) Scan(src any) (err error) {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("bytes are stored as %T", src)
	}
	*c.into, err = hex.DecodeString(text)
	return err
}

// bytesValue is what a bytesColumn holds.
func bytesValue(b []byte) any { return hex.EncodeToString(b) }
