package api

import (
	"testing"
	"time"
)

func TestBurstIsGrantedAndThenTheRate(t *testing.T) {
	var l limiter
	now := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	for n := range requestBurst {
		if _, ok := l.allow("a", now); !ok {
			t.Fatalf("request %d of the burst was refused", n+1)
		}
	}
	wait, ok := l.allow("a", now)
	if want := time.Second / requestsPerSecond; ok || wait != want {
		t.Errorf("request after the burst: got %v after %v, want a refusal with %v", ok, wait, want)
	}
	if _, ok := l.allow("b", now); !ok {
		t.Error("another key pays for the first one's burst")
	}
	if _, ok := l.allow("a", now.Add(wait)); !ok {
		t.Error("refused after waiting as long as told")
	}
}
