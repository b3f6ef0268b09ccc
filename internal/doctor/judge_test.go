package doctor_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/doctor"
)

// judged is a finding and what it should be: its level, and words of its fix or
// its message.
type judged struct {
	what  string
	found doctor.Finding
	want  doctor.Level
	says  string
}

func check(t *testing.T, tests []judged) {
	t.Helper()
	for _, test := range tests {
		f := test.found
		if f.Level != test.want || !strings.Contains(f.Message+" | "+f.Fix+" | "+f.Command, test.says) {
			t.Errorf("%s: got %+v, want %s with %q", test.what, f, test.want, test.says)
		}
		if (f.Fix != "") != (f.Level == doctor.Warn || f.Level == doctor.Fail) {
			t.Errorf("%s: a fix belongs to what is wrong, and to nothing else: %+v", test.what, f)
		}
		if f.Check == "" || f.Message == "" {
			t.Errorf("%s: without a name or words: %+v", test.what, f)
		}
	}
}

func TestWhatTheMachineIsShortOfIsFound(t *testing.T) {
	check(t, []judged{
		{"data", doctor.CheckData("/d", ""), doctor.OK, "/d can be written"},
		{"data is a file", doctor.CheckData("/d d", "is no directory"), doctor.Fail, "sudo install -d -m 700 -o parley '/d d'"},
		{"disk", doctor.CheckDisk("/d", 68<<30), doctor.OK, "68 GB free at /d"},
		{"little disk", doctor.CheckDisk("/d", 900<<20), doctor.Warn, "900 MB"},
		{"no disk", doctor.CheckDisk("/d", 5<<20), doctor.Fail, "df -h /d"},
		{"buffers", doctor.CheckBuffers(doctor.Buffers{Read: 4 << 20, Write: 4 << 20, Wanted: 4 << 20}), doctor.OK, "4 MB"},
		{"Debian's buffers", doctor.CheckBuffers(doctor.Buffers{Read: 212992, Write: 212992, Wanted: 4 << 20}), doctor.Warn, "net.core.rmem_max=4194304"},
		{"one buffer", doctor.CheckBuffers(doctor.Buffers{Read: 4 << 20, Write: 212992, Wanted: 4 << 20}), doctor.Warn, "208 kB for writing"},
		{"no word of buffers", doctor.CheckBuffers(doctor.Buffers{Wanted: 1}), doctor.Skip, ""},
		{"files", doctor.CheckFiles(4096, 0), doctor.OK, ""},
		{"few files", doctor.CheckFiles(1024, 0), doctor.Warn, "ulimit -n 65536"},
		{"few files of the server", doctor.CheckFiles(1024, 17), doctor.Warn, "sudo prlimit --pid 17"},
		{"too few files", doctor.CheckFiles(100, 0), doctor.Fail, "LimitNOFILE=65536"},
		{"clock", doctor.CheckClock(-5*time.Second, "x"), doctor.OK, ""},
		{"clock ahead", doctor.CheckClock(40*time.Second, "x"), doctor.Warn, "40s ahead of x"},
		{"clock behind", doctor.CheckClock(-2*time.Hour, "x"), doctor.Fail, "2h0m0s behind x"},
		{"recordings", doctor.CheckRecordings(doctor.Recordings{Dir: "/r", Free: 6 << 30}), doctor.OK, "/r can be written"},
		{"recordings anywhere", doctor.CheckRecordings(doctor.Recordings{Dir: "/r"}), doctor.OK, ""},
		{"little room for recordings", doctor.CheckRecordings(doctor.Recordings{Dir: "/r", Free: 4 << 30}), doctor.Warn, "recording.keep"},
		{"no recordings", doctor.CheckRecordings(doctor.Recordings{Dir: "/r", Problem: "is no directory"}), doctor.Fail, "recording.dir"},
		{"ffmpeg", doctor.CheckFFmpeg(nil), doctor.OK, "films of recordings"},
		{"no ffmpeg", doctor.CheckFFmpeg(errors.New("there is no ffmpeg")), doctor.Warn, "there is no ffmpeg"},
	})
}

func TestPortsThatCannotBeHadAreFound(t *testing.T) {
	free := doctor.Port{Network: "TCP", Addr: ":443", Setting: "http.listen"}
	with := func(change func(*doctor.Port)) []doctor.Finding {
		p := free
		change(&p)
		return doctor.CheckPorts([]doctor.Port{p, free})
	}
	check(t, []judged{
		{"free", doctor.CheckPorts([]doctor.Port{free})[0], doctor.OK, "TCP :443: free"},
		{"taken", with(func(p *doctor.Port) { p.Taken = true })[0], doctor.Fail, "sudo ss -lnp 'sport = :443'"},
		{"taken by", with(func(p *doctor.Port) { p.Taken, p.Holder, p.PID = true, "nginx (process 7)", 7 })[0], doctor.Fail, "taken by nginx (process 7)"},
		{"denied", with(func(p *doctor.Port) { p.Denied = true })[0], doctor.Fail, "setcap cap_net_bind_service"},
		{"elsewhere", with(func(p *doctor.Port) { p.NotHere = true })[0], doctor.Fail, "no address of this machine"},
	})
}

func TestANameThatLeadsAstrayIsFound(t *testing.T) {
	const host = "calls.example"
	check(t, []judged{
		{"local", doctor.CheckName(doctor.Name{Host: "localhost"}), doctor.OK, ""},
		{"address", doctor.CheckName(doctor.Name{Host: "203.0.113.7"}), doctor.OK, "no name is needed"},
		{"unknown", doctor.CheckName(doctor.Name{Host: host}), doctor.Fail, "A record"},
		{"here", doctor.CheckName(doctor.Name{Host: host, Resolved: addrs("203.0.113.7"), Own: addrs("203.0.113.7")}), doctor.OK, "leads to 203.0.113.7"},
		{"behind NAT", doctor.CheckName(doctor.Name{Host: host, Resolved: addrs("203.0.113.7"), Own: addrs("10.0.0.5"), Announced: addrs("203.0.113.7")}), doctor.OK, ""},
		{"another machine here", doctor.CheckName(doctor.Name{Host: host, Resolved: addrs("10.0.0.6"), Own: addrs("10.0.0.5")}), doctor.Warn, "dig +short calls.example"},
		{"from elsewhere", doctor.CheckName(doctor.Name{Host: host, Resolved: addrs("10.0.0.6")}), doctor.OK, "leads to 10.0.0.6"},
		{"cannot tell", doctor.CheckName(doctor.Name{Host: host, Resolved: addrs("203.0.113.9"), Own: addrs("10.0.0.5")}), doctor.OK, "cannot tell"},
	})
}

// late is an error of a connection that took too long.
var late = &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}

func TestAPageThatPeopleDoNotGetIsFound(t *testing.T) {
	const url = "https://calls.example/healthz"
	page := func(a doctor.Answer) doctor.Finding {
		a.URL = url
		return doctor.CheckPage(a)
	}
	check(t, []judged{
		{"good", page(doctor.Answer{Status: 200, Alive: true}), doctor.OK, "is Parley's"},
		{"another program", page(doctor.Answer{Status: 200}), doctor.Fail, "pass every path below https://calls.example on"},
		{"no such page", page(doctor.Answer{Status: 404}), doctor.Fail, "another program"},
		{"no way on", page(doctor.Answer{Status: 502}), doctor.Fail, "http.listen"},
		{"refused", page(doctor.Answer{Err: fmt.Errorf("dial: %w", syscall.ECONNREFUSED)}), doctor.Fail, "parley doctor --outside https://calls.example"},
		{"silent", page(doctor.Answer{Err: late}), doctor.Fail, "firewall"},
		{"untrusted", page(doctor.Answer{Err: x509.UnknownAuthorityError{}}), doctor.Fail, "whole chain"},
		{"another name", page(doctor.Answer{Err: x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"b"}}, Host: "a"}}), doctor.Fail, "refuse the certificate"},
		{"expired", page(doctor.Answer{Err: x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}}), doctor.Fail, "expired"},
		{"anything", page(doctor.Answer{Err: fmt.Errorf("get: %w", errors.New("what is this"))}), doctor.Fail, "what is this"},
	})
}

func TestAnAddressOfTheNameWithoutAPageIsFound(t *testing.T) {
	const url = "https://calls.example/healthz"
	four, six := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("2001:db8::9")
	good, bad := doctor.Answer{URL: url, Status: 200, Alive: true}, doctor.Answer{URL: url, Err: late}
	check(t, []judged{
		{"both", doctor.CheckAnswers(map[netip.Addr]doctor.Answer{four: good, six: good}), doctor.OK, ""},
		{"one", doctor.CheckAnswers(map[netip.Addr]doctor.Answer{four: good, six: bad}), doctor.Warn, "take the AAAA record with 2001:db8::9 out"},
		{"how to see it", doctor.CheckAnswers(map[netip.Addr]doctor.Answer{four: good, six: bad}), doctor.Warn, "--resolve 'calls.example:443:[2001:db8::9]' https"},
		{"the other", doctor.CheckAnswers(map[netip.Addr]doctor.Answer{four: bad, six: good}), doctor.Warn, "take the A record with 203.0.113.7 out"},
		{"neither", doctor.CheckAnswers(map[netip.Addr]doctor.Answer{four: bad, six: bad}), doctor.Fail, "does not answer"},
		{"none to try", doctor.CheckAnswers(nil), doctor.Skip, ""},
	})
}

func TestAProxyThatLosesWebSocketsIsFound(t *testing.T) {
	upgrade := func(u doctor.Upgrade) doctor.Finding {
		u.URL, u.Wanted = "https://calls.example/v1/signal", "parley.v1"
		return doctor.CheckUpgrade(u)
	}
	check(t, []judged{
		{"good", upgrade(doctor.Upgrade{Status: 101, Protocol: "parley.v1"}), doctor.OK, ""},
		{"no protocol", upgrade(doctor.Upgrade{Status: 101}), doctor.Fail, "Sec-WebSocket-Protocol"},
		{"protocol lost", upgrade(doctor.Upgrade{Status: 400}), doctor.Fail, "Sec-WebSocket-Protocol"},
		{"upgrade lost", upgrade(doctor.Upgrade{Status: 426}), doctor.Fail, "proxy_set_header Upgrade $http_upgrade"},
		{"origin", upgrade(doctor.Upgrade{Status: 403}), doctor.Fail, "http.public_url"},
		{"many", upgrade(doctor.Upgrade{Status: 429}), doctor.Fail, "http.proxies"},
		{"no way on", upgrade(doctor.Upgrade{Status: 504}), doctor.Fail, "http.listen"},
		{"elsewhere", upgrade(doctor.Upgrade{Status: 200}), doctor.Fail, "below /v1/"},
		{"nothing", upgrade(doctor.Upgrade{Err: late}), doctor.Fail, "no answer"},
	})
}

func TestMediaThatDoesNotArriveIsFound(t *testing.T) {
	at := netip.MustParseAddrPort
	good, bad := doctor.Reached{Addr: at("203.0.113.7:3478")}, doctor.Reached{Addr: at("[2001:db8::7]:3478"), Err: late}
	call := func(p doctor.Path, url string, err error) doctor.Finding {
		return doctor.CheckCall(doctor.Call{Path: p, URL: url, Err: err, Took: 412 * time.Millisecond, Open: "sudo ufw allow 3478/udp"})
	}
	check(t, []judged{
		{"answers", doctor.CheckUDP([]doctor.Reached{good}, "open"), doctor.OK, "203.0.113.7:3478 answers"},
		{"half", doctor.CheckUDP([]doctor.Reached{good, bad}, "open"), doctor.Warn, "media.announce: [203.0.113.7]"},
		{"silent", doctor.CheckUDP([]doctor.Reached{bad}, "sudo ufw allow 3478/udp"), doctor.Fail, "sudo ufw allow 3478/udp"},
		{"nobody to ask", doctor.CheckUDP(nil, ""), doctor.Skip, ""},
		{"heard", call(doctor.PathUDP, "", nil), doctor.OK, "over UDP after 410ms"},
		{"heard on every port", doctor.CheckCall(doctor.Call{Path: doctor.PathUDP, Ports: []uint16{3478, 3479}}), doctor.OK, "UDP port 3478, 3479 after"},
		{"not heard", call(doctor.PathUDP, "", late), doctor.Fail, "media.port"},
		{"no relay", call(doctor.PathTURNUDP, "turn:203.0.113.7:3478?transport=udp", late), doctor.Fail, "TURN over UDP at turn:203.0.113.7:3478"},
		{"no TCP", call(doctor.PathTURNTCP, "turn:a.example:443?transport=tcp", late), doctor.Fail, "plain TCP"},
		{"no TLS", call(doctor.PathTURNTLS, "turns:a.example:443?transport=tcp", late), doctor.Fail, "openssl s_client -alpn stun.turn -connect a.example:443"},
		{"no https", doctor.NoPath(doctor.PathTURNTLS, true, false), doctor.Skip, ""},
		{"only an HTTP proxy", doctor.NoPath(doctor.PathTURNTLS, true, true), doctor.Warn, "turn.urls"},
		{"relay off for TCP", doctor.NoPath(doctor.PathTURNTCP, false, true), doctor.Skip, "turn.enabled"},
		{"relay off", doctor.NoPath(doctor.PathTURNUDP, false, true), doctor.Warn, "turn.enabled: on"},
	})
}

func TestAWebhookThatDoesNotWorkIsFound(t *testing.T) {
	webhook := func(d doctor.Delivery) doctor.Finding {
		d.ID, d.URL, d.Enabled = "wh_1", "https://app.example/parley", true
		return doctor.CheckWebhook(d)
	}
	tests := []judged{
		{"good", webhook(doctor.Delivery{State: "delivered", Status: 204, Forged: 400}), doctor.OK, "nothing else"},
		{"cannot be asked twice", webhook(doctor.Delivery{State: "delivered", Status: 204}), doctor.OK, ""},
		{"believes anybody", webhook(doctor.Delivery{State: "delivered", Status: 204, Forged: 200}), doctor.Fail, "verify webhook-signature"},
		{"disabled", doctor.CheckWebhook(doctor.Delivery{ID: "wh_1", URL: "u"}), doctor.Warn, "PATCH /v1/webhooks/wh_1"},
		{"behind others", webhook(doctor.Delivery{State: "waiting"}), doctor.Warn, "earlier messages"},
		{"not yet", webhook(doctor.Delivery{State: "pending"}), doctor.Warn, "deliveries"},
		{"another secret", webhook(doctor.Delivery{State: "pending", Reason: "status", Status: 401}), doctor.Fail, "/rotate"},
		{"an error", webhook(doctor.Delivery{State: "pending", Reason: "status", Status: 500, Answer: "oops"}), doctor.Fail, `500: "oops"`},
	}
	for reason, says := range map[string]string{
		"unreachable": "start the receiver", "timeout": "answer first", "tls": "public authority", "forbidden": "webhook.allow",
		"redirect": "do not follow", "gone": "410", "throttled": "answer 204",
	} {
		tests = append(tests, judged{reason, webhook(doctor.Delivery{State: "pending", Reason: reason}), doctor.Fail, says})
	}
	check(t, tests)
}

func TestOneFaultIsToldOnce(t *testing.T) {
	row := func(name string, level doctor.Level, needs ...string) doctor.Check {
		return doctor.Check{Name: name, Needs: needs, Look: func(context.Context) []doctor.Finding {
			return []doctor.Finding{{Level: level, Message: "looked"}}
		}}
	}
	var got []string
	tell := func(f doctor.Finding) { got = append(got, fmt.Sprintf("%s %s", f.Check, f.Level)) }
	worst := doctor.Examine(t.Context(), []doctor.Check{
		row("a", doctor.Warn), row("b", doctor.Fail), row("c", doctor.OK, "a"), row("d", doctor.OK, "c", "b"), row("e", doctor.OK, "d"),
		row("f", doctor.Skip), row("g", doctor.OK, "f", "nothing of this name"),
	}, tell)
	want := []string{"a warn", "b fail", "c ok", "d skip", "e skip", "f skip", "g ok"}
	if !slices.Equal(got, want) || worst != doctor.Fail {
		t.Errorf("got %v and %s, want %v and fail", got, worst, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got = nil
	if worst := doctor.Examine(ctx, []doctor.Check{row("a", doctor.Fail)}, tell); worst != doctor.OK || !slices.Equal(got, []string{"a skip"}) {
		t.Errorf("stopped: got %v and %s", got, worst)
	}
}
