package doctor

// Level says how bad a finding is.
type Level string

// The levels of a finding.
const (
	OK   Level = "ok"
	Warn Level = "warn" // it works for some, or not for long
	Fail Level = "fail" // it cannot work
)

// Finding is what one check has found: a sentence, and how to put it right.
type Finding struct {
	Check   string // a short name from a closed set, such as "certificate"
	Level   Level
	Message string
	Fix     string // what to do, exactly; empty when there is nothing to do
}

func ok(check, message string) Finding { return Finding{Check: check, Level: OK, Message: message} }
