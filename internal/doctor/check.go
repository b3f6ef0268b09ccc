package doctor

import (
	"context"
	"fmt"
	"slices"
)

// Check is one row of an examination. Others add rows of their own.
type Check struct {
	// Name is short, and the same in what people read and in what programs do.
	Name string
	// Needs names checks that stand before it: it is not tried when one of them
	// failed, or was left out for the same reason, so that one fault is told once.
	Needs []string
	// Look finds out, and returns one finding or more. It may leave the name of
	// the check out of them. It ends when ctx does.
	Look func(ctx context.Context) []Finding
}

// Examine makes the checks in their order and tells each finding as soon as it
// is there. It returns the worst level; what was not tried does not count.
func Examine(ctx context.Context, checks []Check, tell func(Finding)) Level {
	worst := OK
	missing := map[string]bool{}
	for _, c := range checks {
		found, tried := c.findings(ctx, missing)
		missing[c.Name] = !tried
		for _, f := range found {
			if f.Check == "" {
				f.Check = c.Name
			}
			if f.Level == Fail {
				missing[c.Name] = true
			}
			worst = worse(worst, f.Level)
			tell(f)
		}
	}
	return worst
}

// findings looks, unless something is missing that the check needs.
func (c Check) findings(ctx context.Context, missing map[string]bool) (found []Finding, tried bool) {
	if ctx.Err() != nil {
		return []Finding{NotTried(c.Name, "it was stopped before")}, false
	}
	if i := slices.IndexFunc(c.Needs, func(name string) bool { return missing[name] }); i >= 0 {
		return []Finding{NotTried(c.Name, fmt.Sprintf("put %q right first", c.Needs[i]))}, false
	}
	return c.Look(ctx), true
}

func worse(a, b Level) Level {
	order := []Level{Skip, OK, Warn, Fail}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
