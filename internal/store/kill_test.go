package store

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/internal/interview"
)

// childDir is the environment variable that turns the test binary into a
// process that writes to the data directory it names until it is killed.
const childDir = "PARLEY_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := writeForEver(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForEver saves one interview after the other and prints the id of each
// one that the store has confirmed.
func writeForEver(ctx context.Context, dir string) error {
	s, err := Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		th := thread(interview.ThreadID(fmt.Sprintf("t%06d", n)))
		if err := s.PutThread(ctx, th, noon); err != nil {
			return err
		}
		iv, _, err := interview.Ring(interview.ID(fmt.Sprintf("iv_%06d", n)), th, interview.ModeVideo, "client", noon, interview.DefaultPolicy())
		if err != nil {
			return err
		}
		for k, p := range th.Participants {
			if _, err := iv.Join(p, noon.Add(time.Duration(k)*time.Second), interview.DefaultPolicy()); err != nil {
				return err
			}
			if err := s.SaveInterview(ctx, *iv); err != nil {
				return err
			}
		}
		fmt.Println(iv.ID)
	}
}

func TestWhatWasConfirmedSurvivesAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	dir := t.TempDir()
	confirmed := map[interview.ID]bool{}
	const atLeast = 10
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		confirmed[interview.ID(strings.TrimSpace(lines.Text()))] = true
		if len(confirmed) == atLeast {
			wantError(t, refuse(t, dir, fmt.Sprintf("process %d", child.Process.Pid)), ErrInUse)
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it reports the kill
	if len(confirmed) < atLeast {
		t.Fatalf("the child confirmed %d interviews, want at least %d", len(confirmed), atLeast)
	}

	s := openIn(t, dir) // which also checks every page of the file
	open, err := s.OpenInterviews(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[interview.ID]bool{}
	for _, iv := range open {
		found[iv.ID] = true
		if live := iv.State == interview.StateLive; len(iv.Stays) == 0 || live != (len(iv.Stays) >= 2) {
			t.Errorf("%s is %s with %d stays: half of a save", iv.ID, iv.State, len(iv.Stays))
		}
	}
	for id := range confirmed {
		if !found[id] {
			t.Errorf("%s was confirmed and is gone", id)
		}
	}
}
