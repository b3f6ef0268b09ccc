package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var keyForm = regexp.MustCompile(`^pk_([a-z2-7]{12})_[a-z2-7]{26}\n$`)

// keysStory makes, lists and revokes a key of a data directory.
func keysStory(t *testing.T, dir string) (plain string) {
	t.Helper()
	code, plain, stderr := run(t, "keys", "create", "--data", dir, "--name", "Booking", "--scopes", "read, join")
	form := keyForm.FindStringSubmatch(plain)
	if code != exitOK || form == nil {
		t.Fatalf("create: got %d, %q and %q, want a key", code, plain, stderr)
	}
	line := regexp.MustCompile(form[1] + ` +Booking +read,join +20`)
	if code, list, stderr := run(t, "keys", "list", "--data", dir); code != exitOK || !line.MatchString(list) || strings.Contains(list, strings.TrimSpace(plain)) {
		t.Errorf("list: got %d, %q and %q", code, list, stderr)
	}
	return strings.TrimSpace(plain)
}

func revoke(t *testing.T, dir, plain string) {
	t.Helper()
	id := strings.Split(plain, "_")[1]
	if code, _, stderr := run(t, "keys", "revoke", "--data", dir, "--id", id); code != exitOK {
		t.Errorf("revoke: got %d and %q", code, stderr)
	}
	if code, list, _ := run(t, "keys", "list", "--data", dir); code != exitOK || strings.Contains(list, id) {
		t.Errorf("after it was revoked: %d and %q", code, list)
	}
	if code, _, stderr := run(t, "keys", "revoke", "--data", dir, "--id", id); code != exitFailed || stderr == "" {
		t.Errorf("revoked twice: got %d and %q", code, stderr)
	}
}

func TestKeysOfAStoppedServer(t *testing.T) {
	dir := t.TempDir()
	revoke(t, dir, keysStory(t, dir))
}

func TestKeysOfARunningServerAreChangedThroughIt(t *testing.T) {
	d := startDemo(t, t.TempDir())
	plain := keysStory(t, d.dir)
	status := func() int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+"/v1/provider", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+plain)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if got := status(); got != http.StatusOK {
		t.Errorf("the new key: status %d", got)
	}
	revoke(t, d.dir, plain)
	if got := status(); got != http.StatusUnauthorized {
		t.Errorf("the revoked key: status %d, want 401", got)
	}
}

func TestMistakesWithKeysAreNamed(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"keys"}, "write parley keys create, list or revoke"},
		{[]string{"keys", "make"}, `knows no "make"`},
		{[]string{"keys", "create", "--data", dir}, "--name: is missing"},
		{[]string{"keys", "create", "--data", dir, "--name", "x", "--scopes", "read,all"}, `"all" is no scope`},
		{[]string{"keys", "revoke", "--data", dir}, "--id: is missing"},
	} {
		if code, _, stderr := run(t, c.args...); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: got %d and %q, want %q", c.args, code, stderr, c.want)
		}
	}
}
