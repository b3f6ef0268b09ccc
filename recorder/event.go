package recorder

import "time"

// Event is news of a recording: one of the types of this file.
type Event interface{ event() }

// State is what a recording does.
type State string

// The states of a recording.
const (
	Waiting State = "waiting" // it has not begun
	Running State = "running" // it keeps those who agreed
	Paused  State = "paused"  // it has begun and keeps nobody
)

// Changed says that a recording has begun, pauses or goes on, or waits for others
// than before.
type Changed struct {
	Recording string
	At        time.Time
	State     State
	Reason    Reason   // why it does not run
	Waiting   []string // whose answer stands in the way
}

// Slow says that packets had to be dropped because the disk did not follow, or
// that it has not moved for seconds. It comes at most once a second.
type Slow struct {
	Recording string
	At        time.Time
	Dropped   int           // packets since the last Slow
	Behind    time.Duration // how long the disk has not moved, when it stands
}

// DiskFilling says that the disk is nearly full. It comes once until there is room
// again.
type DiskFilling struct {
	Recording string
	At        time.Time
	Used      float64 // share, 0…1
	Free      uint64  // bytes
}

// Failed says that a recording has ended because it could not be written. What was
// written stays and plays. Closed follows, at once or when its disk can be written
// again.
type Failed struct {
	Recording string
	At        time.Time
	Reason    Failure
	Err       error
}

// Failure is why a recording failed, from a closed set.
type Failure string

// The reasons a recording fails for.
const (
	DiskFull      Failure = "disk_full"
	DiskError     Failure = "disk_error"
	DirectoryGone Failure = "directory_gone"
)

// Closed says that a recording has ended and all that belongs to it is on disk.
type Closed struct {
	Recording string
	Manifest  Manifest
}

// Forgotten says that it is in the journal, and on the disk, that somebody's files
// are destroyed: they are, or will be after a crash.
type Forgotten struct {
	Recording   string
	Participant string
	At          time.Time // when it was asked for
}

func (Changed) event()     {}
func (Slow) event()        {}
func (DiskFilling) event() {}
func (Failed) event()      {}
func (Closed) event()      {}
func (Forgotten) event()   {}
