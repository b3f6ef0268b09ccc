package conference

import "time"

// Cause is what a participant's connection suffers from, as one viewer sees it.
type Cause string

// The causes: a closed set. CauseNone is a connection that does well.
const (
	CauseNone            Cause = ""
	CauseYourUpload      Cause = "your_upload"
	CauseYourDownload    Cause = "your_download"
	CauseTheirConnection Cause = "their_connection"
	CauseTheirDevice     Cause = "their_device"
	CauseBusy            Cause = "this_computer_is_busy"
	CauseServer          Cause = "server"
)

// Bounds beyond which a person notices. Loss is before repair: retransmission
// and redundancy hide less than this.
const (
	badLoss      = 0.05
	badRTT       = 500 * time.Millisecond
	badSilence   = 3 * time.Second // reports alone come more often
	badConcealed = 0.05
	// serverFrom is how many connections must all be bad before it is more
	// likely to be what they share than a chance.
	serverFrom = 3
)

// ends is what is known of both ends of one participant's connection.
type ends struct {
	up, down Path
	report   Report
	paused   bool // the server holds a picture back, for it would not arrive
}

// badUp reports whether the way to the server fails. A page whose computer is
// too slow is limited as well, but not by its network.
func (e ends) badUp() bool {
	limited := e.report.UpLimited && !e.report.CPULimited
	return e.up.Loss >= badLoss || e.up.RTT >= badRTT || e.up.Silent >= badSilence || limited
}

// badDown reports whether the way from the server fails.
func (e ends) badDown() bool {
	return e.down.Loss >= badLoss || e.report.Concealed >= badConcealed || e.paused
}

func (e ends) bad() bool { return e.badUp() || e.badDown() }

// causeOf tells what is wrong with the connection of subject: mine is true when
// it is told to the subject. others are the other connections of the room.
//
// A loss on the way up is seen again on everybody's way down, so that one's own
// download is to blame only when the others send well.
func causeOf(subject ends, mine bool, others []ends) Cause {
	up, down := subject.badUp(), subject.badDown()
	if down && !up && anyOf(others, ends.badUp) {
		down = false
	}
	switch {
	case (up || down) && len(others)+1 >= serverFrom && !anyOf(others, func(o ends) bool { return !o.bad() }):
		return CauseServer
	case up && mine:
		return CauseYourUpload
	case down && mine:
		return CauseYourDownload
	case up || down:
		return CauseTheirConnection
	case subject.report.CPULimited && mine:
		return CauseBusy
	case subject.report.CPULimited:
		return CauseTheirDevice
	}
	return CauseNone
}

func anyOf(all []ends, is func(ends) bool) bool {
	for _, e := range all {
		if is(e) {
			return true
		}
	}
	return false
}
