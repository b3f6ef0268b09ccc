package recorder

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// The files of a recording that are not media.
const (
	journalName  = "journal.jsonl"
	manifestName = "manifest.json"
)

// entry is one line of a journal. Which fields it has depends on its type.
type entry struct {
	N    int       `json:"n"`    // 1, 2, 3…
	Prev string    `json:"prev"` // SHA-256 of the line before, without its end; of the first: empty
	At   time.Time `json:"at"`
	Type entryType `json:"type"`

	Opened      *opened  `json:"opened,omitempty"`
	Person      *Person  `json:"person,omitempty"`
	Consent     *Consent `json:"consent,omitempty"`
	Participant string   `json:"participant,omitempty"`
	Source      Source   `json:"source,omitempty"`
	By          string   `json:"by,omitempty"`
	Label       string   `json:"label,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Waiting     []string `json:"waiting,omitempty"`
	PositionMS  int64    `json:"position_ms,omitempty"`
	Dropped     int      `json:"dropped,omitempty"`
	File        *File    `json:"file,omitempty"`
}

type entryType string

const (
	entryOpened     entryType = "opened"
	entryJoined     entryType = "joined"
	entryLeft       entryType = "left"
	entryConsent    entryType = "consent"
	entryRunning    entryType = "running"
	entryHalted     entryType = "halted"
	entryPause      entryType = "pause"
	entryResume     entryType = "resume"
	entryMark       entryType = "mark"
	entryMuted      entryType = "muted"
	entryUnmuted    entryType = "unmuted"
	entryDropped    entryType = "dropped"
	entryFileOpened entryType = "file_opened"
	entryAligned    entryType = "aligned"
	entryFile       entryType = "file"
	entryForgotten  entryType = "forgotten"
	entryFailed     entryType = "failed"
	entryClosed     entryType = "closed"
)

type opened struct {
	Version   int    `json:"version"`
	Recording string `json:"recording"`
	Interview string `json:"interview,omitempty"`
	Mode      Mode   `json:"mode"`
}

// journalVersion is the version of the journal and of the manifest.
const journalVersion = 1

// maxLine bounds a line of a journal, and maxJournal a journal.
const (
	maxLine    = 1 << 20
	maxJournal = 256 << 20
)

// journal appends entries to a file, each with the hash of the one before.
type journal struct {
	out     file
	entries []entry
	head    string // hash of the last line
}

// append writes an entry, and keeps it. With sync it is on the disk afterwards.
func (j *journal) append(e entry, sync bool) error {
	e.N, e.Prev = len(j.entries)+1, j.head
	e.At = e.At.Round(0).UTC() // without the monotonic reading
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if n, err := j.out.Write(append(line, '\n')); err != nil {
		return err
	} else if n <= len(line) {
		return io.ErrShortWrite
	}
	j.entries, j.head = append(j.entries, e), hash(line)
	if sync {
		return j.out.Sync()
	}
	return nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// errChain says that a line is not the one that was written after the one before.
var errChain = errors.New("the chain of hashes is broken")

// readJournal reads a journal as far as it is whole: whole is how many bytes that
// is, shorter than the file after a crash. A line that is whole but does not belong
// there is an error.
func readJournal(r io.Reader) (j journal, whole int64, err error) {
	in := bufio.NewReaderSize(io.LimitReader(r, maxJournal), 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		var long []byte
		for errors.Is(err, bufio.ErrBufferFull) && len(long) < maxLine {
			long = append(long, line...)
			line, err = in.ReadSlice('\n')
		}
		if long != nil {
			line = append(long, line...)
		}
		if errors.Is(err, io.EOF) {
			return j, whole, nil
		}
		if err != nil {
			return j, whole, err
		}
		text := bytes.TrimSuffix(line, []byte("\n"))
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return j, whole, fmt.Errorf("line %d of the journal: %w", len(j.entries)+1, err)
		}
		if e.N != len(j.entries)+1 || e.Prev != j.head {
			return j, whole, fmt.Errorf("line %d of the journal: %w", len(j.entries)+1, errChain)
		}
		if (e.N == 1) != (e.Type == entryOpened) || e.Type == entryOpened && e.Opened == nil {
			return j, whole, fmt.Errorf("line %d of the journal: it begins with one entry of type opened", e.N)
		}
		j.entries, j.head = append(j.entries, e), hash(text)
		whole += int64(len(line))
	}
}
