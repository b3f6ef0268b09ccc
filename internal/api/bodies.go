package api

import (
	"time"

	"parley/internal/interview"
)

// The JSON of the API. The tags that limit values are enforced by decodeStrict
// on requests, and are what the OpenAPI document says.

// Participant is a person of a thread.
type Participant struct {
	ID   string `json:"id" required:"true" minLength:"1" maxLength:"128" description:"The host app's id of the person: letters, digits and _ . : -"`
	Name string `json:"name" maxLength:"128" description:"The name that others see. Where it is empty, they see the role."`
	Role string `json:"role" required:"true" enum:"interviewer,interviewee,observer,interpreter" description:"What the person is in interviews. An observer publishes nothing and is seen by all."`
	Zone string `json:"time_zone,omitempty" maxLength:"64" format:"iana-time-zone" description:"The IANA name of the time zone the person lives in, such as Europe/Prague. Others see it beside their own when an interview is planned."`
}

// Contract is what the host app says about the agreement between the sides.
type Contract struct {
	State       string    `json:"state" required:"true" enum:"none,offered,active,ended" description:"How far it is. Only an active one, and one that ended, lifts the contact guard."`
	EffectiveAt time.Time `json:"effective_at,omitzero" description:"From when on an active one counts; absent: at once. The contact guard lifts by itself at that moment."`
}

// ThreadBody is what a host app says about a message thread.
type ThreadBody struct {
	Title        string        `json:"title" maxLength:"256" description:"Shown in the lobby and the room."`
	Participants []Participant `json:"participants" required:"true" minItems:"1" maxItems:"32" nullable:"false" description:"Everybody who may join the thread's interviews."`
	Contract     *Contract     `json:"contract,omitempty" description:"Absent: no contract."`
	Stage        string        `json:"stage,omitempty" enum:"proposed,messaged" description:"How far the proposal for the job has come. Absent: as it was, and proposed for a new thread. It never goes back, and thread.stage.changed is told once."`
	Context      *Context      `json:"context,omitempty" description:"What the thread is about. Absent: nothing is known."`
}

// Context is what a thread is about, in the host app's terms.
type Context struct {
	JobPost  string `json:"job_post,omitempty" maxLength:"128" description:"The host app's id of the job post."`
	Proposal string `json:"job_proposal,omitempty" maxLength:"128" description:"The host app's id of the freelancer's proposal."`
	Locale   string `json:"locale,omitempty" maxLength:"35" format:"language-tag" description:"A BCP 47 tag."`
	URL      string `json:"url,omitempty" maxLength:"2048" format:"uri" description:"Where people find the thread once they have signed in. Calendar entries lead there."`
}

// Thread is a message thread as Parley knows it.
type Thread struct {
	ID           string        `json:"id" required:"true"`
	Title        string        `json:"title" required:"true"`
	Participants []Participant `json:"participants" required:"true" nullable:"false"`
	Contract     Contract      `json:"contract" required:"true"`
	Stage        string        `json:"stage" required:"true" enum:"proposed,messaged"`
	Context      *Context      `json:"context,omitempty"`
	Guard        []FieldGuard  `json:"guard,omitempty" description:"What the contact guard found in this request, field by field."`
}

// CreateBody asks for an interview.
type CreateBody struct {
	Mode      string    `json:"mode" required:"true" enum:"audio,video,zoom" description:"In an audio interview the server takes no camera and no screen. One in Zoom is held there, when this server has an account; its room is open all the same."`
	CreatedBy string    `json:"created_by,omitempty" maxLength:"128" description:"The participant who calls. Only they can take the call back by leaving."`
	Recording string    `json:"recording,omitempty" enum:"off,all,per_track" description:"Whether it may be recorded: not at all, while everybody present agrees, or only those who agree. Absent: as the server is set up."`
	StartsAt  time.Time `json:"starts_at,omitzero" description:"Schedules the interview instead of ringing now. It opens 15 minutes before: at opens_at."`
	Minutes   int       `json:"duration_min,omitempty" minimum:"5" maximum:"480" description:"How long a scheduled interview is meant to last; absent: not said, and 30 in calendars."`
	Zone      string    `json:"time_zone,omitempty" maxLength:"64" format:"iana-time-zone" description:"The IANA name of the time zone it is planned in."`
}

// Stay is one visit of one person. A person who came twice has two.
type Stay struct {
	ID       string    `json:"id" required:"true"`
	Name     string    `json:"name" required:"true"`
	Role     string    `json:"role" required:"true" enum:"interviewer,interviewee,observer,interpreter"`
	JoinedAt time.Time `json:"joined_at" required:"true"`
	LeftAt   time.Time `json:"left_at,omitzero" description:"Absent while the person is inside."`
}

// Interview is an interview. The signaling protocol shows it in the same form.
// Times are RFC 3339 in UTC, and absent until they are known.
type Interview struct {
	ID           string      `json:"id" required:"true"`
	Thread       string      `json:"thread" required:"true"`
	Mode         string      `json:"mode" required:"true" enum:"audio,video,zoom"`
	State        string      `json:"state" required:"true" enum:"scheduled,ringing,live,ended,missed,declined,cancelled"`
	CreatedBy    string      `json:"created_by" required:"true" description:"Empty when the host app did not say."`
	CreatedAt    time.Time   `json:"created_at" required:"true"`
	StartsAt     time.Time   `json:"starts_at,omitzero" description:"When it is scheduled for."`
	OpensAt      time.Time   `json:"opens_at,omitzero" description:"From when on people can come to it, when it is scheduled."`
	Minutes      int         `json:"duration_min,omitempty" description:"How long it is meant to last; absent: not said."`
	Zone         string      `json:"time_zone,omitempty" description:"The time zone it was planned in."`
	Sequence     int         `json:"sequence,omitempty" description:"How often it was rescheduled; absent: never."`
	RingsUntil   time.Time   `json:"rings_until,omitzero" description:"When it counts as missed if nobody waits inside."`
	StartedAt    time.Time   `json:"started_at,omitzero" description:"When the second person came."`
	EndedAt      time.Time   `json:"ended_at,omitzero" description:"When it was over, for every final state."`
	EndReason    string      `json:"end_reason,omitempty" enum:"left,ended_by_host,empty,no_answer,no_show,declined,cancelled,shutdown,failed"`
	DurationS    int64       `json:"duration_s" required:"true" description:"Whole seconds of conversation; 0 until it is over."`
	Participants []Stay      `json:"participants" required:"true" nullable:"false" description:"Who was or is inside, in the order of joining."`
	Present      []string    `json:"present" required:"true" nullable:"false" description:"The ids of those inside now."`
	Zoom         *ZoomStatus `json:"zoom,omitempty" description:"Where the meeting in Zoom stands. Absent when there is none."`
	Ready        []Ready     `json:"ready,omitempty" description:"Who has tried their network and devices and is ready. Not in the signaling protocol."`
	Recording    *Recording  `json:"recording,omitempty" description:"Absent when it is not to be recorded."`
}

// Ready is somebody who said on the check page that they are ready.
type Ready struct {
	ID string    `json:"id" required:"true"`
	At time.Time `json:"at" required:"true"`
}

// InterviewList is a page of a thread's interviews, newest first.
type InterviewList struct {
	Interviews []Interview `json:"interviews" required:"true" nullable:"false"`
	Next       string      `json:"next,omitempty" description:"Give it as before for the next page. Absent on the last one."`
}

// User is the person a way into an interview is for.
type User struct {
	ID   string `json:"id" required:"true" minLength:"1" maxLength:"128" description:"A participant of the thread."`
	Name string `json:"name,omitempty" maxLength:"128" description:"Instead of the name in the thread."`
}

// JoinBody asks for a person's way into an interview.
type JoinBody struct {
	User User `json:"user" required:"true"`
}

// ICEServer is a STUN or TURN server, in the form RTCPeerConnection takes.
type ICEServer struct {
	URLs       []string `json:"urls" required:"true" nullable:"false"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Pass is one person's way into an interview. It is for that person alone.
type Pass struct {
	URL        string      `json:"url" required:"true" description:"Opens the lobby. It holds the token: send it to nobody else."`
	CheckURL   string      `json:"check_url" required:"true" description:"Opens the check of this person's network and devices. It holds the token as well."`
	Token      string      `json:"token" required:"true" description:"For a client that speaks the signaling protocol itself."`
	ExpiresAt  time.Time   `json:"expires_at" required:"true"`
	ICEServers []ICEServer `json:"ice_servers" required:"true" nullable:"false"`
	Zoom       *ZoomWay    `json:"zoom,omitempty" description:"The way into the meeting in Zoom, when there is one. The page at url shows it too."`
}

// EndBody says who ends or takes back an interview.
type EndBody struct {
	By string `json:"by,omitempty" maxLength:"128" description:"The person who does it; absent: the host app itself."`
}

// DeclineBody says who declines an interview, and why.
type DeclineBody struct {
	By     string `json:"by,omitempty" maxLength:"128" description:"The person who declines; absent: the host app itself."`
	Reason string `json:"reason,omitempty" maxLength:"256" description:"In the person's own words. It goes out with the event and is not kept."`
}

// Provider tells a chat system what this server can do and whether it is set up.
type Provider struct {
	Name         string            `json:"name" required:"true"`
	Version      string            `json:"version" required:"true"`
	Configured   bool              `json:"configured" required:"true" description:"False: show no call button, and the problems to the operator."`
	Capabilities Capabilities      `json:"capabilities" required:"true"`
	Problems     []ProviderProblem `json:"problems" required:"true" nullable:"false"`
}

// Capabilities is what this server can do.
type Capabilities struct {
	Modes       []string `json:"modes" required:"true" nullable:"false"`
	Scheduling  bool     `json:"scheduling" required:"true"`
	ScreenShare bool     `json:"screen_share" required:"true"`
	Recording   bool     `json:"recording" required:"true"`
	Files       bool     `json:"files" required:"true" description:"People can offer files in the room. Answer file.offered."`
}

// ProviderProblem is something the operator has to mend.
type ProviderProblem struct {
	Code    string `json:"code" required:"true" enum:"no_public_url,insecure_public_url,no_transcripts,zoom_refused,zoom_no_host,zoom_quota,zoom_unavailable,zoom_no_webhook,zoom_basic_host"`
	Message string `json:"message" required:"true"`
}

// Event is one thing that happened, on the event stream and in webhooks.
type Event struct {
	Type      string    `json:"type" required:"true" enum:"thread.message.created,guard.flagged,guard.masked,guard.blocked,guard.appealed,guard.appeal_decided,guard.lifted,guard.armed,report.created,file.offered,file.granted,file.declined,file.uploaded,file.withdrawn,interview.scheduled,interview.rescheduled,interview.reminder,interview.ringing,interview.started,interview.ended,interview.missed,interview.declined,interview.cancelled,participant.joined,participant.left,participant.ready,proposal.created,proposal.accepted,proposal.declined,proposal.withdrawn,thread.stage.changed,thread.contract.changed,recording.asked,recording.starting,recording.started,recording.paused,recording.resumed,recording.marked,recording.stopped,recording.failed,consent.changed,recording.ready,recording.deleted,recording.deletion_requested,zoom.offered,zoom.chosen,zoom.ready,zoom.started,zoom.ended,zoom.failed,recording.rendered,recording.transcribed,recording.transcript_failed,recording.transcript_deleted,recording.tracks_deleted"`
	Timestamp time.Time `json:"timestamp" required:"true" description:"When it happened."`
	Data      EventData `json:"data" required:"true"`
}

// EventData is what an event is about.
type EventData struct {
	Interview   *Interview   `json:"interview,omitempty" description:"The interview as it is when the event is sent, which may be later than the event. Absent when the event is about a thread, or a proposal that has led to none."`
	Thread      string       `json:"thread,omitempty" description:"The thread, in events that are not about one interview."`
	Context     *Context     `json:"context,omitempty" description:"What the thread is about, in events of its stage and its contract."`
	Message     *Message     `json:"message,omitempty" description:"What was written."`
	File        *File        `json:"file,omitempty" description:"The file as the event left it."`
	Decision    *Decision    `json:"decision,omitempty" description:"What the contact guard found."`
	Report      *Report      `json:"report,omitempty" description:"What somebody reported."`
	Guard       *Guard       `json:"guard,omitempty" description:"How the thread is guarded from now on."`
	Proposal    *Proposal    `json:"proposal,omitempty" description:"The proposal as the event left it, for the events of proposals."`
	Participant *Participant `json:"participant,omitempty" description:"Who joined or left, or who rang, declined, cancelled, rescheduled or ended the interview, or made or answered the proposal, or offered or chose Zoom."`
	Cause       string       `json:"cause,omitempty" enum:"left,lost,closed,removed,ended" description:"Why the participant left."`
	Reason      string       `json:"reason,omitempty" description:"Why the interview is over: its end_reason, or the words of the person who declined. Of Zoom's events, the reason for Zoom, or the problem. Why a proposal was withdrawn: withdrawn or replaced. Why a recording is interrupted or over, or the label of a mark. Of transcripts that failed, the problem in words."`
	Was         time.Time    `json:"previously_at,omitzero" description:"When a rescheduled interview was to take place before."`
	AheadMin    int          `json:"minutes_ahead,omitempty" enum:"1440,60,10" description:"How many minutes before the interview a reminder is meant to come."`
	From        string       `json:"from,omitempty" description:"The stage, or the contract's state, before."`
	To          string       `json:"to,omitempty" description:"The stage, or the contract's state, now."`
	Recording   string       `json:"recording,omitempty" description:"The id of the recording that the event is about."`
	Consent     *Consent     `json:"consent,omitempty" description:"The answer that somebody gave."`
}

func (b ThreadBody) thread(id string) interview.Thread {
	t := interview.Thread{ID: interview.ThreadID(id), Title: b.Title, Stage: interview.Stage(b.Stage)}
	if b.Context != nil {
		t.Context = interview.Context(*b.Context)
	}
	for _, p := range b.Participants {
		t.Participants = append(t.Participants, interview.Participant{
			ID: interview.UserID(p.ID), Name: p.Name, Role: interview.Role(p.Role), Zone: p.Zone,
		})
	}
	if b.Contract != nil {
		t.Contract = interview.Contract{State: interview.ContractState(b.Contract.State), EffectiveAt: b.Contract.EffectiveAt}
	}
	return t
}

func threadJSON(t interview.Thread) Thread {
	out := Thread{ID: string(t.ID), Title: t.Title, Participants: []Participant{}, Contract: Contract{State: string(interview.ContractNone)}, Stage: string(interview.StageProposed)}
	if t.Stage != "" {
		out.Stage = string(t.Stage)
	}
	if t.Context != (interview.Context{}) {
		out.Context = (*Context)(&t.Context)
	}
	for _, p := range t.Participants {
		out.Participants = append(out.Participants, participantJSON(p))
	}
	if t.Contract.State != "" {
		out.Contract = Contract{State: string(t.Contract.State), EffectiveAt: utc(t.Contract.EffectiveAt)}
	}
	return out
}

func participantJSON(p interview.Participant) Participant {
	return Participant{ID: string(p.ID), Name: p.Name, Role: string(p.Role), Zone: p.Zone}
}

func interviewJSON(iv interview.Interview) Interview {
	out := Interview{
		ID: string(iv.ID), Thread: string(iv.Thread), Mode: string(iv.Mode), State: string(iv.State),
		CreatedBy: string(iv.CreatedBy), CreatedAt: utc(iv.CreatedAt), StartsAt: utc(iv.StartsAt), OpensAt: utc(iv.OpensAt()),
		RingsUntil: utc(iv.RingsUntil), StartedAt: utc(iv.StartedAt), EndedAt: utc(iv.EndedAt),
		Minutes: minutes(iv.Length), Zone: iv.Zone, Sequence: iv.Sequence,
		EndReason: iv.EndReason, DurationS: int64(iv.Duration() / time.Second),
		Participants: []Stay{}, Present: []string{}, Zoom: zoomJSON(iv.Zoom),
	}
	for _, s := range iv.Stays {
		out.Participants = append(out.Participants, Stay{
			ID: string(s.Participant.ID), Name: s.Participant.Name, Role: string(s.Participant.Role),
			JoinedAt: utc(s.JoinedAt), LeftAt: utc(s.LeftAt),
		})
	}
	for _, r := range iv.Readies {
		out.Ready = append(out.Ready, Ready{ID: string(r.User), At: utc(r.At)})
	}
	for _, p := range iv.Present() {
		out.Present = append(out.Present, string(p.ID))
	}
	out.Recording = recordingJSON(iv)
	return out
}

// utc keeps the zero time zero: Time.UTC alone would make a zero time of
// another zone non-zero to omitzero.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}
