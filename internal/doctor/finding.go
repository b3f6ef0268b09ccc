package doctor

// Level says how bad a finding is.
type Level string

// The levels of a finding.
const (
	OK   Level = "ok"
	Skip Level = "skip" // it was not tried, for the reason that is said
	Warn Level = "warn" // it works for some, or not for long
	Fail Level = "fail" // it cannot work
)

// Finding is what one check has found: a sentence, and how to put it right.
type Finding struct {
	Check   string `json:"check"` // the check's name, such as "certificate"
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`     // what to do, exactly; empty when there is nothing to do
	Command string `json:"command,omitempty"` // the same as a command, where one does it
}

func ok(check, message string) Finding { return Finding{Check: check, Level: OK, Message: message} }

func warn(check, message, fix string) Finding {
	return Finding{Check: check, Level: Warn, Message: message, Fix: fix}
}

func fail(check, message, fix string) Finding {
	return Finding{Check: check, Level: Fail, Message: message, Fix: fix}
}

// NotTried is the finding of a check that was left out, and why.
func NotTried(check, why string) Finding {
	return Finding{Check: check, Level: Skip, Message: why}
}

// by adds the command that does what the fix says.
func (f Finding) by(command string) Finding {
	f.Command = command
	return f
}
