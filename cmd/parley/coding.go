package main

import (
	"strconv"
	"strings"
)

// coding is a way in which a file is packed as it travels (RFC 9110 §8.4.1).
type coding struct {
	name   string // as it is negotiated
	ending string // of the packed file that the build leaves beside the original
}

// codings are those that files are packed in, the smallest first.
var codings = []coding{{"br", ".br"}, {"gzip", ".gz"}}

// identity is a file as it is.
const identity = "identity"

// chooseCoding returns which of the codings on offer the client takes best, by
// its Accept-Encoding headers; of those that it takes alike the first. It is
// identity when the client would rather have that, or takes nothing else: an
// answer that it can hardly refuse is better than none (RFC 9110 §12.5.3).
func chooseCoding(accept, offered []string) string {
	wishes := strings.Split(strings.Join(accept, ","), ",")
	chosen, best := identity, 0.0
	for _, name := range offered {
		if q, said := quality(wishes, name); said && q > best {
			chosen, best = name, q
		}
	}
	if q, said := quality(wishes, identity); said && q > best {
		return identity
	}
	return chosen
}

// quality is how much a client likes a coding, from 0, which refuses it, to 1,
// and whether it says anything of it at all. What is said of the coding itself
// counts before what is said of all (*), which is not taken to speak of identity.
func quality(wishes []string, name string) (q float64, said bool) {
	for _, wish := range wishes {
		of, parameters, _ := strings.Cut(wish, ";")
		of = strings.ToLower(strings.TrimSpace(of))
		switch {
		case of == name, of == "x-gzip" && name == "gzip":
			return weight(parameters), true
		case of == "*" && name != identity:
			q, said = weight(parameters), true
		}
	}
	return q, said
}

// weight reads the q of a wish: 1 without one, 0 when it is no number that a q
// may be, because what cannot be understood is not asked for.
func weight(parameters string) float64 {
	name, value, found := strings.Cut(parameters, "=")
	if strings.TrimSpace(parameters) == "" {
		return 1
	}
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
