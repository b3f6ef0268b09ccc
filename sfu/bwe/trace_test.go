package bwe

import (
	"bufio"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// event is a line of a trace, see traceHead.
type event struct {
	letter byte
	at     time.Duration // since the trace began
	value  int
	size   int    // of s
	report []byte // of f
}

const (
	traceMost  = 1 << 20   // lines
	tracedWait = time.Hour // between two
)

// readTrace reads what an Estimator was told.
func readTrace(r io.Reader) (events []event, err error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() || lines.Text()+"\n" != traceHead {
		return nil, errors.Join(fmt.Errorf("line 1 is not %q: this is no trace", strings.TrimSpace(traceHead)), lines.Err())
	}
	at := time.Duration(0)
	for n := 2; lines.Scan(); n++ {
		if n > traceMost {
			return nil, fmt.Errorf("line %d: a trace has no more than %d lines", n, traceMost)
		}
		e, wait, err := readEvent(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("line %d, %.40q: %w", n, lines.Text(), err)
		}
		at += wait
		e.at = at
		events = append(events, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(events)+2, err)
	}
	return events, nil
}

// tracedFields is how many numbers a line has, the wait not counted.
var tracedFields = map[byte]int{'s': 2, 'f': 1, 'p': 0, 'r': 1, 'w': 1, 'm': 1, 'a': 1, 't': 1, 'k': 1}

func readEvent(line string) (e event, wait time.Duration, err error) {
	fields := strings.Split(line, " ")
	if len(fields[0]) != 1 {
		return e, 0, errors.New("a line begins with one letter")
	}
	e.letter = line[0]
	want, ok := tracedFields[e.letter]
	if !ok {
		return e, 0, fmt.Errorf("nothing is written as %q", e.letter)
	}
	if len(fields) != want+2 {
		return e, 0, fmt.Errorf("%q has %d fields, want %d", e.letter, len(fields)-1, want+1)
	}
	us, err := number(fields[1], int(tracedWait/time.Microsecond))
	if err != nil {
		return e, 0, fmt.Errorf("wait: %w", err)
	}
	wait = time.Duration(us) * time.Microsecond
	switch e.letter {
	case 'p':
		return e, wait, nil
	case 'f':
		if e.report, err = hex.DecodeString(fields[2]); err != nil {
			err = fmt.Errorf("report: %w", err)
		}
		return e, wait, err
	case 's':
		if e.size, err = number(fields[3], 1<<16); err != nil {
			return e, 0, fmt.Errorf("size: %w", err)
		}
	}
	most := 1<<31 - 1
	if strings.IndexByte("sat", e.letter) >= 0 {
		most = 1<<16 - 1 // a packet's number
	}
	if e.value, err = number(fields[2], most); err != nil {
		return e, 0, fmt.Errorf("value: %w", err)
	}
	return e, wait, nil
}

func number(s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, err
	}
	if n < 0 || n > most {
		return 0, fmt.Errorf("%d is not from 0 to %d", n, most)
	}
	return n, nil
}

// replay tells e what was told then, and calls after with each event.
func replay(events []event, e *Estimator, after func(event)) error {
	for _, v := range events {
		now := simEpoch.Add(v.at)
		switch v.letter {
		case 's':
			e.Sent(uint16(v.value), v.size, now)
		case 'f':
			if err := e.Feedback(v.report, now); err != nil {
				return fmt.Errorf("after %v: %w", v.at, err)
			}
		case 'p':
			e.Probe(now)
		case 'r':
			e.RTT(time.Duration(v.value) * time.Microsecond)
		case 'w':
			e.Want(v.value)
		case 'm':
			e.REMB(v.value, now)
		case 'a':
			e.Resent(uint16(v.value), now)
		case 't':
			e.Repeated(uint16(v.value), now)
		}
		after(v)
	}
	return nil
}

func tracedIn(t *testing.T, name string) []event {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	events, err := readTrace(z)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
