package doctor

import (
	"fmt"
	"strings"
)

// leastSecret is how many bytes a secret has at least.
const leastSecret = 32

// CheckSecret looks whether a secret is one. where names its file or setting; the
// secret itself is in no finding.
func CheckSecret(where, secret string) Finding {
	const check = "secret"
	fix := "delete it, and the next start makes another; or write what this prints: openssl rand -hex 32"
	different := map[rune]bool{}
	for _, r := range secret {
		different[r] = true
	}
	lower := strings.ToLower(secret)
	switch {
	case len(secret) < leastSecret:
		return fail(check, fmt.Sprintf("%s is shorter than %d characters", where, leastSecret), fix)
	case len(different) < 8:
		return fail(check, where+" is too regular to be a secret", fix)
	case strings.Contains(lower, "changeme"), strings.Contains(lower, "change-me"), strings.Contains(lower, "example"), strings.Contains(lower, "your-secret"):
		return fail(check, where+" is an example's, which everybody knows", fix)
	}
	return ok(check, where+" is a secret")
}
