package bwe

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestReports(t *testing.T) {
	head := func(base, count uint16, ref uint32) []byte {
		b := binary.BigEndian.AppendUint16(nil, base)
		b = binary.BigEndian.AppendUint16(b, count)
		return append(b, byte(ref>>16), byte(ref>>8), byte(ref), 7)
	}
	for _, c := range []struct {
		name string
		head []byte
		rest []byte
		want []arrival // nil is malformed
	}{
		{"a run of small deltas", head(65535, 2, 1), []byte{0x20, 0x02, 4, 8}, []arrival{{65535, true, time.Millisecond}, {0, true, 3 * time.Millisecond}}},
		{"a run of losses", head(5, 3, 1), []byte{0x00, 0x03}, []arrival{{5, false, 0}, {6, false, 0}, {7, false, 0}}},
		{"a large delta goes back", head(5, 2, 1), []byte{0xd8, 0x00, 40, 0xff, 0xfc}, []arrival{{5, true, 10 * time.Millisecond}, {6, true, 9 * time.Millisecond}}},
		{"one bit a packet", head(5, 3, 1), []byte{0xa8, 0x00, 4, 4}, []arrival{{5, true, time.Millisecond}, {6, false, 0}, {7, true, 2 * time.Millisecond}}},
		{"a run longer than the report", head(5, 1, 1), []byte{0x20, 0xff, 4}, []arrival{{5, true, time.Millisecond}}},
		{"padding after it", head(5, 1, 1), []byte{0x20, 0x01, 4, 0}, []arrival{{5, true, time.Millisecond}}},
		{"no packets", head(5, 0, 1), nil, []arrival{}},
		{"no head", []byte{0, 5, 0}, nil, nil},
		{"no chunk", head(5, 1, 1), nil, nil},
		{"a run of none", head(5, 1, 1), []byte{0x20, 0x00}, nil},
		{"a reserved symbol", head(5, 1, 1), []byte{0x60, 0x01, 0, 0}, nil},
		{"a delta is missing", head(5, 2, 1), []byte{0x20, 0x02, 4}, nil},
		{"half of a large delta", head(5, 1, 1), []byte{0x40, 0x01, 4}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := reader{}
			err := r.read(append(c.head, c.rest...))
			if (err != nil) != (c.want == nil) {
				t.Fatalf("got error %v, want malformed: %v", err, c.want == nil)
			}
			if err != nil {
				if r.started {
					t.Error("a malformed report moved the clock")
				}
				return
			}
			if len(r.list) != len(c.want) {
				t.Fatalf("got %d packets, want %d", len(r.list), len(c.want))
			}
			for i, a := range r.list {
				if a != c.want[i] {
					t.Errorf("packet %d: got %+v, want %+v", i, a, c.want[i])
				}
			}
		})
	}
}

func TestTheReferenceTimeWraps(t *testing.T) {
	r := reader{}
	at := func(ref uint32) time.Duration {
		b := []byte{0, 5, 0, 1, byte(ref >> 16), byte(ref >> 8), byte(ref), 0, 0x20, 0x01, 0}
		if err := r.read(b); err != nil {
			t.Fatal(err)
		}
		return r.list[0].at
	}
	first := at(1<<24 - 2)
	if got := at(3) - first; got != 5*referenceUnit {
		t.Errorf("over the wrap %v passed, want %v", got, 5*referenceUnit)
	}
	if got := at(1<<24-1) - first; got != referenceUnit {
		t.Errorf("a late report is %v after the first, want %v", got, referenceUnit)
	}
}

func FuzzFeedback(f *testing.F) {
	got := map[int64]time.Duration{3: time.Second, 4: time.Second + 3*time.Millisecond, 7: time.Second - time.Millisecond, 30: 2 * time.Second}
	f.Add(encode(3, 7, got))
	f.Add(encode(1, 30, got))
	f.Add([]byte{0, 3, 255, 255, 0, 0, 16, 0, 0x3f, 0xff, 0x3f, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, fci []byte) {
		e := New(Config{}, simEpoch)
		for i := range 100 {
			e.Sent(uint16(i), 1200, simEpoch.Add(time.Duration(i)*time.Millisecond))
		}
		before := e.Estimate()
		if e.Feedback(fci, simEpoch.Add(200*time.Millisecond)) != nil {
			if e.Estimate() != before || e.heard {
				t.Error("a malformed report changed the estimate")
			}
			return
		}
		sane(t, e, 0)
		if n := int(binary.BigEndian.Uint16(fci[2:])); len(e.reader.list) != n {
			t.Errorf("got %d packets, want %d", len(e.reader.list), n)
		}
	})
}
