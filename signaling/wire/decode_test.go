package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/signaling/wire"
)

func TestUnknownFieldsAreIgnored(t *testing.T) {
	m, err := wire.DecodeClient([]byte(`{"type":"ping","n":3,"sent_at":{"deep":[1,2,{"x":null}]}}`))
	if err != nil || m != (wire.Ping{N: 3}) {
		t.Errorf("got %v, %v, want ping 3", m, err)
	}
}

func TestTheLastOfTwoEqualFieldsCounts(t *testing.T) {
	m, err := wire.DecodeClient([]byte(`{"type":"leave","type":"ping","n":1,"n":2}`))
	if err != nil || m != (wire.Ping{N: 2}) {
		t.Errorf("got %v, %v, want ping 2", m, err)
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	for _, bad := range []string{"\xff", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf"} {
		_, err := wire.DecodeClient([]byte(`{"type":"hello","token":"` + bad + `"}`))
		var refused *wire.DecodeError
		if !errors.As(err, &refused) || refused.Code != wire.CodeNotUTF8 || !refused.Fatal() {
			t.Errorf("%q: got %v, want a fatal %s", bad, err, wire.CodeNotUTF8)
		}
	}
}

func TestLimitsAreExact(t *testing.T) {
	offer := func(sdp, mid, seats int) string {
		lines := make([]wire.Lines, seats)
		for i := range lines {
			lines[i] = wire.Lines{Audio: fmt.Sprint("a", i), Video: fmt.Sprint("v", i)}
		}
		out, err := wire.Encode(wire.Offer{
			ID: 1, SDP: strings.Repeat("s", sdp), Seats: lines,
			Sources: map[wire.Source]string{wire.SourceMic: strings.Repeat("m", mid)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	hello := func(token, device, resume int) string {
		return fmt.Sprintf(`{"type":"hello","token":%q,"device":%q,"resume":%q}`,
			strings.Repeat("t", token), strings.Repeat("d", device), strings.Repeat("r", resume))
	}
	padded := func(size int) string {
		m := `{"type":"leave","pad":""}`
		return strings.Replace(m, `""`, `"`+strings.Repeat("p", size-len(m))+`"`, 1)
	}
	for _, c := range []struct {
		name      string
		fits, not string
		want      wire.Code
	}{
		{"sdp", offer(wire.MaxSDP, 1, 1), offer(wire.MaxSDP+1, 1, 1), wire.CodeTooLong},
		{"mid", offer(1, wire.MaxMID, 1), offer(1, wire.MaxMID+1, 1), wire.CodeTooLong},
		{"seats", offer(1, 1, wire.MaxSeats), offer(1, 1, wire.MaxSeats+1), wire.CodeTooManySeats},
		{"token", hello(wire.MaxToken, 1, 1), hello(wire.MaxToken+1, 1, 1), wire.CodeTooLong},
		{"device", hello(1, wire.MaxDevice, 1), hello(1, wire.MaxDevice+1, 1), wire.CodeTooLong},
		{"resume", hello(1, 1, wire.MaxResume), hello(1, 1, wire.MaxResume+1), wire.CodeTooLong},
		{"message", padded(wire.MaxMessage), padded(wire.MaxMessage + 1), wire.CodeTooBig},
		{"ping", `{"type":"ping","n":9007199254740991}`, `{"type":"ping","n":9007199254740992}`, wire.CodeInvalidValue},
		{"offer id", offer(1, 1, 0), strings.Replace(offer(1, 1, 0), `"id":1`, `"id":0`, 1), wire.CodeInvalidValue},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := wire.DecodeClient([]byte(c.fits)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			_, err := wire.DecodeClient([]byte(c.not))
			if refused, ok := err.(*wire.DecodeError); !ok || refused.Code != c.want {
				t.Errorf("over the limit: got %v, want %s", err, c.want)
			}
		})
	}
}

func TestARefusedOfferIsNamedByItsNumber(t *testing.T) {
	_, err := wire.DecodeClient([]byte(`{"type":"offer","id":7,"sdp":"v=0","sources":{"mic":"0"},"seats":[{"audio":"0"}]}`))
	refused, ok := err.(*wire.DecodeError)
	if !ok || refused.ID != 7 || refused.Type != wire.TypeOffer {
		t.Errorf("got %+v, want offer 7", err)
	}
}

func TestRefusalsDoNotRepeatWhatTheClientSent(t *testing.T) {
	secret := "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0"
	for _, m := range []string{
		`{"type":"hello","token":"` + secret + `\n","device":"d"}`,
		`{"type":"hello","token":"x","device":"` + secret + `/"}`,
		`{"type":"offer","id":1,"sdp":"v=0","sources":{"` + secret + `":"0"},"seats":[]}`,
	} {
		_, err := wire.DecodeClient([]byte(m))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v, want a refusal without the value", err)
		}
	}
	_, err := wire.DecodeClient([]byte(`{"type":"` + strings.Repeat("x", 1000) + "\u2028" + `"}`))
	if err == nil || len(err.Error()) > 150 {
		t.Errorf("got %v, want a short refusal of a long type", err)
	}
}

func TestNilListsAreWrittenEmpty(t *testing.T) {
	for _, m := range []wire.Message{
		wire.Offer{}, wire.Welcome{Participants: []wire.Presence{{}}}, wire.Entered{},
		wire.Participant{}, wire.InterviewChanged{}, wire.Ended{},
	} {
		if data := encode(t, m); strings.Contains(string(data), "null") {
			t.Errorf("got %s, want no null", data)
		}
	}
}

func TestMarkupIsLeftAsItIs(t *testing.T) {
	got := string(encode(t, wire.Error{Code: wire.CodeInternal, Message: "a < b & c\u2028\xff"}))
	want := `{"type":"error","code":"internal","message":"a < b & c\u2028\ufffd","fatal":false}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryCodeHasACloseCodeThatBrowsersAccept(t *testing.T) {
	for _, c := range wire.Codes() {
		code := wire.CloseCode(c)
		private := code >= 4000 && code <= 4999
		if standard := code >= 1001 && code <= 1011 && code != 1005 && code != 1006; !private && !standard {
			t.Errorf("%s closes with %d", c, code)
		}
		if len(c) > 123 {
			t.Errorf("%s does not fit into a close frame", c)
		}
	}
	if got := wire.CloseCode("something_new"); got != wire.ClosePolicy {
		t.Errorf("got %d for an unknown code, want %d", got, wire.ClosePolicy)
	}
}

func FuzzDecodeClient(f *testing.F) {
	for _, data := range golden(f, "client") {
		f.Add(data)
	}
	f.Add([]byte(`{"type":"offer","id":1,"sdp":"\ud800","sources":{"mic":null},"seats":[{"audio":"0","video":null}],"screen":null}`))
	f.Add([]byte(`{"type":"hello","token":"\u0000"}`))
	f.Add([]byte(strings.Repeat("[", 20_000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := wire.DecodeClient(data)
		if err != nil {
			refused, ok := err.(*wire.DecodeError)
			if !ok || m != nil || refused.Code == "" || !utf8.ValidString(refused.Message) {
				t.Fatalf("got %v, %v, want a *DecodeError alone", m, err)
			}
			return
		}
		// What was accepted is within the limits, so it is accepted again, and
		// means the same.
		again, err := wire.DecodeClient(encode(t, m))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("got %#v, %v, want %#v", again, err, m)
		}
	})
}

func FuzzDecodeServer(f *testing.F) {
	for _, data := range golden(f, "server") {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := wire.DecodeServer(data)
		if err != nil {
			return
		}
		out, err := wire.Encode(m)
		if err != nil {
			return // a year no calendar has
		}
		if !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
	})
}
