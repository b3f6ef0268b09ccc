package demo

import "time"

// Side is the side of the marketplace a person is on.
type Side string

// The two sides.
const (
	SideClient     Side = "client"
	SideFreelancer Side = "freelancer"
)

// Person is somebody one can be in the app.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Side Side   `json:"side"`
	Zone string `json:"time_zone"` // an IANA name: where they live, until their browser tells
}

// Name is a person as others see them.
type Name struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// State is everything one person sees. It is the answer of GET /app/state and
// the data of every "state" event. Lists are never null.
type State struct {
	Me        Person     `json:"me"`
	Job       Job        `json:"job"`
	Modes     []string   `json:"modes"`     // in which an interview can be started: video, audio, zoom
	Proposals []Proposal `json:"proposals"` // the client sees all, a freelancer their own
	Threads   []Thread   `json:"threads"`   // those the person is in, in the order they were opened
}

// Job is the one job post of the app.
type Job struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// Stage says how far a proposal has come.
type Stage string

// The stages. A proposal moves to messaged exactly once, when the client
// presses "Send message" on it.
const (
	StageProposed Stage = "proposed"
	StageMessaged Stage = "messaged"
)

// Proposal is a freelancer's answer to the job post.
type Proposal struct {
	ID         string `json:"id"`
	Freelancer Name   `json:"freelancer"`
	Cover      string `json:"cover"`
	Rate       string `json:"rate"` // for reading, such as "$48/h"
	Stage      Stage  `json:"stage"`
	Thread     string `json:"thread,omitempty"` // the thread's id once messaged
}

// Thread is a message thread between the client and one freelancer.
type Thread struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	With  Name   `json:"with"`      // the other person
	Zone  string `json:"time_zone"` // theirs
	Items []Item `json:"items"`     // oldest first
}

// ItemKind tells what an item of a thread is.
type ItemKind string

// The kinds of item.
const (
	KindMessage  ItemKind = "message"
	KindCard     ItemKind = "card"
	KindTimes    ItemKind = "times"
	KindReminder ItemKind = "reminder"
	KindAppeal   ItemKind = "appeal" // only its author sees it
)

// Item is one entry of a thread: a message, which has From and Text, an appeal,
// which has From and Appeal, proposed times, which have From and Times, a
// reminder, which has Reminder, or a call card, which has Interview. A card
// keeps its id and place while its interview goes from ringing to ended.
type Item struct {
	ID        string     `json:"id"`
	Kind      ItemKind   `json:"kind"`
	From      string     `json:"from,omitempty"` // a person's id
	Text      string     `json:"text,omitempty"`
	File      *File      `json:"file,omitempty"` // that a message brings; Text is its name
	Times     *Times     `json:"times,omitempty"`
	Reminder  *Reminder  `json:"reminder,omitempty"`
	Interview *Interview `json:"interview,omitempty"`
	Appeal    *Appeal    `json:"appeal,omitempty"`
	At        time.Time  `json:"at"`
	Room      bool       `json:"room,omitempty"` // a message that was written in the room
}

// PeopleBody is the answer of GET /app/people.
type PeopleBody struct {
	People []Person `json:"people"`
}

// OpenBody asks to open the thread of a proposal. Text, when given, is the
// thread's first message; it is not written a second time when the thread is
// already open.
type OpenBody struct {
	As   string `json:"as"`
	Text string `json:"text,omitempty"`
}

// OpenedBody names the thread of a proposal.
type OpenedBody struct {
	Thread string `json:"thread"`
}

// RecordingBody asks for a way to a recording, LinkBody is that way.
type (
	RecordingBody struct {
		As        string `json:"as"`
		Recording string `json:"recording"`
	}
	LinkBody struct {
		URL string `json:"url"`
	}
)

// MessageBody asks to write a message.
type MessageBody struct {
	As   string `json:"as"`
	Text string `json:"text"` // 1 to 4,000 characters
}

// CallBody asks for an interview: the open one of the thread, or a new one.
type CallBody struct {
	As   string `json:"as"`
	Mode string `json:"mode"` // one of State.Modes
}

// JoinBody asks for a way into the thread's open interview.
type JoinBody struct {
	As string `json:"as"`
}

// CheckBody asks for the page on which a person tries their network and devices
// for an interview of the thread; a LinkBody is the way to it. Interview empty:
// the open one.
type CheckBody struct {
	As        string `json:"as"`
	Interview string `json:"interview,omitempty"`
}

// DeclineBody turns the thread's ringing interview down.
type DeclineBody struct {
	As     string `json:"as"`
	Reason string `json:"reason,omitempty"`
}

// RoomBody is a person's own way into an interview. URL opens the lobby and
// holds a token: it is for that person alone.
type RoomBody struct {
	URL       string    `json:"url"`
	Interview Interview `json:"interview"`
}

// Problem is the body of every refusal (RFC 9457). Code is one of a closed
// set: "invalid_request", "unknown_person", "not_found", "not_yours",
// "no_open_interview", "thread_full", "too_many_requests",
// "too_many_pages", "parley_unreachable", "going_away", "foreign_name",
// "internal"; or the code Parley refused with. Detail is a sentence for people.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"` // what is wrong, such as slots[1]
	// Decision is what can be contested, when the contact guard refused.
	Decision string `json:"decision,omitempty"`
}

// Interview is Parley's interview object, as its REST API gives it.
type Interview struct {
	ID           string      `json:"id"`
	Thread       string      `json:"thread"`
	Mode         string      `json:"mode"`  // audio, video, zoom
	State        string      `json:"state"` // scheduled, ringing, live, ended, missed, declined, cancelled
	CreatedBy    string      `json:"created_by"`
	CreatedAt    time.Time   `json:"created_at"`
	StartsAt     time.Time   `json:"starts_at,omitzero"`
	OpensAt      time.Time   `json:"opens_at,omitzero"` // from when on people can come to it
	Minutes      int         `json:"duration_min,omitempty"`
	Zone         string      `json:"time_zone,omitempty"`
	Sequence     int         `json:"sequence,omitempty"` // how often it was moved
	RingsUntil   time.Time   `json:"rings_until,omitzero"`
	StartedAt    time.Time   `json:"started_at,omitzero"`
	EndedAt      time.Time   `json:"ended_at,omitzero"`
	EndReason    string      `json:"end_reason,omitempty"`
	DurationS    int64       `json:"duration_s"` // whole seconds of conversation; 0 until it is over
	Participants []Attendant `json:"participants"`
	Present      []string    `json:"present"` // who is inside now
	Ready        []Ready     `json:"ready,omitempty"`
	Zoom         *Zoom       `json:"zoom,omitempty"`
	Recording    *Recording  `json:"recording,omitempty"`
}

// Ready is somebody who has tried their network and devices.
type Ready struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// Zoom is where an interview's meeting in Zoom stands.
type Zoom struct {
	State   string    `json:"state"` // offered, pending, ready, started, ended, failed
	Reason  string    `json:"reason"`
	By      string    `json:"by,omitempty"`
	Problem string    `json:"problem,omitempty"`
	At      time.Time `json:"at"`
}

// Recording is where an interview's recording stands. It was recorded when there is
// a StartedAt.
type Recording struct {
	Mode      string    `json:"mode"`
	State     string    `json:"state"`
	ID        string    `json:"id,omitempty"`
	AskedBy   string    `json:"asked_by,omitempty"`
	StartsAt  time.Time `json:"starts_at,omitzero"`
	StartedAt time.Time `json:"started_at,omitzero"`
	Consents  []Consent `json:"consents"`
	Awaited   []string  `json:"awaited"`
	// What is said is put into writing of those who agreed to that as well.
	Transcripts   bool      `json:"transcripts,omitempty"`
	Transcription []Consent `json:"transcription,omitempty"`
}

// Consent is somebody's answer to being recorded.
type Consent struct {
	Participant string    `json:"participant"`
	State       string    `json:"state"`
	Text        string    `json:"text"`
	Language    string    `json:"language"`
	At          time.Time `json:"at"`
}

// Attendant is somebody who was in an interview. A person who came twice is
// listed twice.
type Attendant struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	JoinedAt time.Time `json:"joined_at"`
	LeftAt   time.Time `json:"left_at,omitzero"`
}
