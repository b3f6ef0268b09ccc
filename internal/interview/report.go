package interview

import "slices"

// MaxReportLength is how many characters a report's words have at most.
const MaxReportLength = 1000

// ReportReasons returns why somebody can be reported: a closed set, the gravest
// first.
func ReportReasons() []string {
	return []string{"harassment", "discrimination", "fraud", "impersonation", "recording", "contact_details", "reward", "other"}
}

// CheckReport checks what somebody reports of an interview of thread t: a known
// reason, a person of the thread or nobody, and words that may be empty. The
// error is an *Error with CodeInvalidReport.
func CheckReport(t Thread, about UserID, reason, words string) error {
	if !slices.Contains(ReportReasons(), reason) {
		return errorf(CodeInvalidReport, "A report needs one of the known reasons.")
	}
	if _, there := t.Participant(about); about != "" && !there {
		return errorf(CodeInvalidReport, "A report can be about a participant of the thread, or about nobody.")
	}
	if words == "" {
		return nil
	}
	if len([]rune(words)) > MaxReportLength || CheckMessage(words) != nil {
		return errorf(CodeInvalidReport, "The words of a report must be plain text of at most %d characters.", MaxReportLength)
	}
	return nil
}
