package webhook

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/store"
)

// The environment variables that turn the test binary into a process that
// stores and delivers messages until it is killed.
const (
	childDir = "PARLEY_WEBHOOK_TEST_CHILD"
	childURL = "PARLEY_WEBHOOK_TEST_URL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, sendForEver(dir, os.Getenv(childURL)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func openOutbox(dir string) (*store.Store, *Deliverer, error) {
	s, err := store.Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	return s, New(Config{Store: s, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}), nil
}

// sendForEver stores messages of five subjects and prints each one that the
// store has confirmed.
func sendForEver(dir, url string) error {
	ctx := context.Background()
	s, d, err := openOutbox(dir)
	if err != nil {
		return err
	}
	if err := s.PutAPIKey(ctx, store.APIKey{ID: "key", Hash: make([]byte, 32), CreatedAt: time.Now()}); err != nil {
		return err
	}
	found, err := s.Webhooks(ctx, "key")
	if err != nil {
		return err
	}
	if len(found) == 0 {
		w := store.Webhook{ID: "wh", APIKey: "key", URL: url, Enabled: true, Secret: NewSecret(), CreatedAt: time.Now(), UpdatedAt: time.Now()}
		if err := s.PutWebhook(ctx, w); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		text := fmt.Sprintf("%d-%d-%d", os.Getpid(), n%5, n/5)
		m := store.Message{ID: "msg_" + text, Type: "x", Subject: fmt.Sprintf("%d-%d", os.Getpid(), n%5), At: time.Now(), Body: []byte(text)}
		if _, err := s.SendTest(ctx, "key", "wh", m); err != nil {
			return err
		}
		d.Wake()
		fmt.Println(text)
	}
}

func TestKillLosesNothingAndKeepsTheOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	var mu sync.Mutex
	next, received := map[string]int{}, map[string]bool{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		text := string(body)
		received[text] = true
		subject, number := text[:strings.LastIndexByte(text, '-')], text[strings.LastIndexByte(text, '-')+1:]
		n, _ := strconv.Atoi(number)
		if n > next[subject] || n < next[subject]-1 { // the last one may come twice
			t.Errorf("%s came when %d was next", text, next[subject])
		}
		next[subject] = max(next[subject], n+1)
	}))
	defer receiver.Close()

	dir := t.TempDir()
	var confirmed []string
	for range 3 {
		confirmed = append(confirmed, runAndKill(t, dir, receiver.URL)...)
	}
	s, d, err := openOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer d.Close()
	for deadline := time.Now().Add(30 * time.Second); d.Stats().Queued > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting: %+v", d.Stats())
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, text := range confirmed {
		if !received[text] {
			t.Errorf("%s was stored and never received", text)
		}
	}
}

// runAndKill lets a child store some messages, kills it in the midst and
// returns those it had confirmed.
func runAndKill(t *testing.T, dir, url string) (confirmed []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, childURL+"="+url)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if confirmed = append(confirmed, lines.Text()); len(confirmed) == 60 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it reports the kill
	if len(confirmed) < 60 {
		t.Fatalf("the child confirmed %d messages, want 60", len(confirmed))
	}
	return confirmed
}
