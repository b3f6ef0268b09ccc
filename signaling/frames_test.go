package signaling_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/signaling/wire"
)

// Bits and opcodes of RFC 6455 §5.2.
const (
	fin, rsv1, rsv2, rsv3 = 0x80, 0x40, 0x20, 0x10
	masked                = 0x80

	opContinuation, opText, opBinary, opClose, opPing = 0x0, 0x1, 0x2, 0x8, 0x9
)

// frame is a masked client frame.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), uint64(n))
	}
	mask := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, mask[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

func TestFramesThatBreakTheProtocolCloseTheSocket(t *testing.T) {
	w := realWorld(t)
	iv := w.ring()
	hello, err := wire.Encode(wire.Hello{Token: w.token(femi, iv.ID), Device: "d1"})
	w.must(err)
	const ping = `{"type":"ping","n":1}`
	unmasked := append([]byte{fin | opText, byte(len(ping))}, ping...)
	for _, c := range []struct {
		name string
		send []byte
		want int
	}{
		{"unmasked", unmasked, 1002},
		{"first reserved bit, as for compression", frame(fin|rsv1|opText, ping), 1002},
		{"second reserved bit", frame(fin|rsv2|opText, ping), 1002},
		{"third reserved bit", frame(fin|rsv3|opText, ping), 1002},
		{"reserved data opcode", frame(fin|0x3, ping), 1002},
		{"reserved control opcode", frame(fin|0xb, ""), 1002},
		{"oversized control frame", frame(fin|opPing, strings.Repeat("p", 126)), 1002},
		{"fragmented control frame", frame(opPing, "p"), 1002},
		{"continuation of nothing", frame(fin|opContinuation, ping), 1002},
		{"new message inside another", append(frame(opText, "{"), frame(fin|opText, ping)...), 1002},
		{"close code that may not travel", frame(fin|opClose, "\x03\xed"), 1002}, // 1005
		{"close code below the range", frame(fin|opClose, "\x00\x01"), 1002},
		{"close reason that is not UTF-8", frame(fin|opClose, "\x03\xe8\xff"), 1002},
		{"text that is not UTF-8", frame(fin|opText, "{\"type\":\"ping\xff\"}"), 1007},
		{"binary", frame(fin|opBinary, ping), 1003},
		{"oversized message", frame(fin|opText, strings.Repeat(" ", 65<<10)), 1009},
		{"oversized message in small pieces", pieces(66, 1<<10), 1009},
		{"length of an exabyte", append([]byte{fin | opText, masked | 127}, "\x0f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00........"...), 0},
		{"length with the highest bit", append([]byte{fin | opText, masked | 127}, "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"...), 0},
		{"not a frame at all", []byte("GET / HTTP/1.1\r\n\r\n"), 1002},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, r := rawSocket(t, w)
			write(t, conn, frame(fin|opText, string(hello)))
			readFrame(t, r) // welcome: this session replaces none that comes later
			write(t, conn, c.send)
			if c.want == 0 { // nothing more comes: the message never becomes whole
				conn.Close()
				return
			}
			if got := closeCode(t, r); got != c.want {
				t.Errorf("got close %d, want %d", got, c.want)
			}
		})
	}
	p, _ := w.join(femi, iv.ID, "d1", "")
	p.send(wire.Ping{N: 1})
	await[wire.Pong](p) // the server is as well as before
}

// pieces is one text message of n fragments.
func pieces(n, size int) []byte {
	all := frame(opText, strings.Repeat(" ", size))
	for range n - 2 {
		all = append(all, frame(opContinuation, strings.Repeat(" ", size))...)
	}
	return append(all, frame(fin|opContinuation, strings.Repeat(" ", size))...)
}

func TestAMessageInPiecesWithPingsBetweenIsUnderstood(t *testing.T) {
	w := realWorld(t)
	conn, r := rawSocket(t, w)
	hello, err := wire.Encode(wire.Hello{Token: w.token(femi, w.ring().ID), Device: "d1"})
	w.must(err)
	write(t, conn, frame(opText, string(hello[:10])))
	write(t, conn, frame(fin|opPing, "still here"))
	write(t, conn, frame(opContinuation, ""))
	write(t, conn, frame(fin|opContinuation, string(hello[10:])))
	var got []string
	for len(got) < 2 {
		op, payload := readFrame(t, r)
		got = append(got, fmt.Sprintf("%x %.17s", op, payload))
	}
	slices.Sort(got) // which of them is first is open
	if want := `[1 {"type":"welcome" a still here]`; fmt.Sprint(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAConnectionCutInsideAFrameIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		conn, _ := rawSocket(t, w)
		write(t, conn, frame(fin|opText, `{"type":"hello"`)[:9])
		conn.Close()
		synctest.Wait()
		if got := w.server.Stats().Closed; got["lost"] != 1 {
			t.Errorf("got %v, want one lost", got)
		}
	})
}

// rawSocket returns a connection after its handshake.
func rawSocket(t *testing.T, w *world) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := w.dial(t.Context(), "tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	write(t, conn, fmt.Appendf(nil, "GET /v1/signal HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", w.addr, wire.Subprotocol))
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v, want the protocol switched", response, err)
	}
	return conn, r
}

func write(t *testing.T, conn net.Conn, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func readFrame(t *testing.T, r *bufio.Reader) (opcode byte, payload []byte) {
	t.Helper()
	opcode, payload, err := nextFrame(r)
	if err != nil {
		t.Fatal(err)
	}
	return opcode, payload
}

func nextFrame(r *bufio.Reader) (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1])
	switch size {
	case 126:
		var n uint16
		err = binary.Read(r, binary.BigEndian, &n)
		size = uint64(n)
	case 127:
		err = binary.Read(r, binary.BigEndian, &size)
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0xf, payload, err
}

// closeCode reads until the close frame.
func closeCode(t *testing.T, r *bufio.Reader) int {
	t.Helper()
	for {
		opcode, payload := readFrame(t, r)
		if opcode != opClose {
			continue
		}
		if len(payload) < 2 {
			t.Fatalf("got close %q, want one with a code", payload)
		}
		return int(binary.BigEndian.Uint16(payload))
	}
}

func TestTheConnectionEndsInOrderAfterABadFrame(t *testing.T) {
	w := realWorld(t)
	conn, r := rawSocket(t, w)
	write(t, conn, frame(fin|rsv2|opText, "x"))
	write(t, conn, bytes.Repeat([]byte("unread "), 20_000))
	if got := closeCode(t, r); got != 1002 {
		t.Errorf("got close %d, want 1002", got)
	}
	if _, _, err := nextFrame(r); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end of the stream", err)
	}
	conn.Close()
	w.must(w.server.Close(t.Context()))
	if got := w.server.Stats().Closed["bad_frame"]; got != 1 {
		t.Errorf("got %d bad frames, want 1", got)
	}
}
