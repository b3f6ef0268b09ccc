package main

import "testing"

func TestTheCodingIsTheOneThatTheClientTakesBest(t *testing.T) {
	both := []string{"br", "gzip"}
	for _, test := range []struct {
		accept  []string
		offered []string
		want    string
	}{
		{nil, both, identity},
		{[]string{""}, both, identity},
		{[]string{"gzip, deflate, br, zstd"}, both, "br"},
		{[]string{"gzip, deflate"}, both, "gzip"},
		{[]string{"gzip", "br"}, both, "br"},
		{[]string{"GZIP"}, both, "gzip"},
		{[]string{"x-gzip"}, both, "gzip"},
		{[]string{"br"}, []string{"gzip"}, identity},
		{[]string{"br"}, nil, identity},
		{[]string{"deflate, zstd"}, both, identity},
		{[]string{"br;q=0.5, gzip;q=0.9"}, both, "gzip"},
		{[]string{"br;q=0.5,gzip;q=0.5"}, both, "br"},
		{[]string{"br ; Q=1, gzip"}, both, "br"},
		{[]string{"br;q=0, gzip"}, both, "gzip"},
		{[]string{"br;q=0,gzip;q=0"}, both, identity},
		{[]string{"*"}, both, "br"},
		{[]string{"br;q=0, *"}, both, "gzip"},
		{[]string{"*;q=0"}, both, identity},
		{[]string{"*;q=0, gzip"}, both, "gzip"},
		{[]string{"identity"}, both, identity},
		{[]string{"identity, gzip;q=0.5"}, both, identity},
		{[]string{"identity;q=0.5, gzip"}, both, "gzip"},
		{[]string{"gzip, identity"}, both, "gzip"},
		{[]string{"identity;q=0"}, both, identity},
		{[]string{"br;q=2, gzip"}, both, "gzip"},
		{[]string{"br;q=NaN, gzip"}, both, "gzip"},
		{[]string{"br;level=11, gzip"}, both, "gzip"},
		{[]string{"br;q, gzip"}, both, "gzip"},
		{[]string{"brotli, gzipped, ;q=1, ,"}, both, identity},
	} {
		if got := chooseCoding(test.accept, test.offered); got != test.want {
			t.Errorf("Accept-Encoding %q of %v: got %s, want %s", test.accept, test.offered, got, test.want)
		}
	}
}
