package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/interview"
)

// ask gets the token from the running server, as a host application would.
func (t tokenRequest) ask(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	host, err := findServer(t.data, t.url)
	if err != nil {
		return "", err
	}
	id := t.interview
	if id == "" {
		if id, err = host.openInterview(ctx, t.thread); err != nil {
			return "", err
		}
	}
	var joined struct {
		Token string `json:"token"`
	}
	user := map[string]string{"id": string(t.who.ID)}
	if t.who.Name != "" {
		user["name"] = t.who.Name
	}
	err = host.call(ctx, http.MethodPost, "/v1/interviews/"+url.PathEscape(id)+"/join", map[string]any{"user": user}, &joined)
	return joined.Token, err
}

// hostApp calls the REST API of a running server.
type hostApp struct {
	url, key string
	client   *http.Client // nil: the default one
}

// findServer reads how to reach the server that owns a data directory: by the
// address given, or else by what a demo has written there.
func findServer(dir, given string) (hostApp, error) {
	var access demoAccess
	if raw, err := os.ReadFile(filepath.Join(dir, demoFile)); err == nil {
		if err := json.Unmarshal(raw, &access); err != nil {
			return hostApp{}, fmt.Errorf("%s is not readable: %w", demoFile, err)
		}
	}
	host := hostApp{url: strings.TrimSuffix(cmp.Or(given, access.URL), "/")}
	if host.url == "" {
		return hostApp{}, &configError{where: "--url", message: "is missing; a server is running on the data directory, write its address"}
	}
	raw, err := os.ReadFile(filepath.Join(dir, apiKeyFile))
	if err != nil {
		return hostApp{}, fmt.Errorf("the API key in %s cannot be read: %s", dir, pathReason(err))
	}
	host.key = strings.TrimSpace(string(raw))
	return host, nil
}

// openInterview returns the id of the interview that is open in a thread.
func (h hostApp) openInterview(ctx context.Context, thread string) (string, error) {
	var list struct {
		Interviews []struct {
			ID    string          `json:"id"`
			State interview.State `json:"state"`
		} `json:"interviews"`
	}
	if err := h.call(ctx, http.MethodGet, "/v1/threads/"+url.PathEscape(thread)+"/interviews", nil, &list); err != nil {
		return "", err
	}
	for _, iv := range list.Interviews {
		if !iv.State.Final() {
			return iv.ID, nil
		}
	}
	return "", fmt.Errorf("thread %s has no open interview; start one first", thread)
}

// call makes one request; a refusal becomes the server's own sentence.
func (h hostApp) call(ctx context.Context, method, path string, body, answer any) error {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		content = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, h.url+path, content)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("Content-Type", "application/json")
	response, err := cmp.Or(h.client, http.DefaultClient).Do(r)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("the server broke off: %w", err)
	}
	if response.StatusCode >= 300 {
		var problem struct {
			Title  string `json:"title"`
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(raw, &problem) // what is no problem document has no detail
		return fmt.Errorf("the server refused (%d): %s", response.StatusCode, cmp.Or(problem.Detail, problem.Title, "no reason given"))
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("the server's answer is not understood: %w", err)
	}
	return nil
}
