package api

import (
	"net/http"
	"time"
)

// The examples of the OpenAPI document: one story of a client, Clara, who calls
// a freelancer, Femi. They are Go values, so that they cannot fall behind the
// types, and a test decodes every one as a client or the server would.

var (
	exampleAt   = time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	exampleID   = "iv_01KJPVJ3G0XW2M8QF5T7R9B4CE"
	exampleTalk = 3*time.Minute + 30*time.Second
)

func exampleParticipants() []Participant {
	return []Participant{
		{ID: "client", Name: "Clara Novak", Role: "interviewer", Zone: "Europe/Prague"},
		{ID: "freelancer", Name: "Femi Adeyemi", Role: "interviewee", Zone: "Africa/Lagos"},
	}
}

func exampleContext() *Context {
	return &Context{JobPost: "job_290", Proposal: "prop_8", Locale: "en-GB", URL: "https://app.example.com/messages/4711"}
}

func exampleThreadBody() ThreadBody {
	return ThreadBody{
		Title: "Booking app for a climbing gym", Participants: exampleParticipants(),
		Contract: &Contract{State: "none"}, Stage: "messaged", Context: exampleContext(),
	}
}

func exampleThread() Thread {
	return Thread{
		ID: "th_4711", Title: "Booking app for a climbing gym",
		Participants: exampleParticipants(), Contract: Contract{State: "none"},
		Stage: "messaged", Context: exampleContext(),
	}
}

func exampleCreateBody() CreateBody { return CreateBody{Mode: "video", CreatedBy: "client"} }

func exampleJoinBody() JoinBody { return JoinBody{User: User{ID: "freelancer", Name: "Femi Adeyemi"}} }

func exampleEndBody() EndBody { return EndBody{By: "client"} }

func exampleDeclineBody() DeclineBody {
	return DeclineBody{By: "freelancer", Reason: "I am on a train. Tomorrow at nine?"}
}

func exampleRinging() Interview {
	return Interview{
		ID: exampleID, Thread: "th_4711", Mode: "video", State: "ringing", CreatedBy: "client",
		CreatedAt: exampleAt, RingsUntil: exampleAt.Add(5 * time.Minute),
		Participants: []Stay{}, Present: []string{},
	}
}

func exampleLive() Interview {
	iv := exampleRinging()
	iv.State = "live"
	iv.StartedAt = exampleAt.Add(40 * time.Second)
	iv.Participants = []Stay{
		{ID: "client", Name: "Clara Novak", Role: "interviewer", JoinedAt: exampleAt.Add(2 * time.Second)},
		{ID: "freelancer", Name: "Femi Adeyemi", Role: "interviewee", JoinedAt: iv.StartedAt},
	}
	iv.Present = []string{"client", "freelancer"}
	return iv
}

func exampleEnded() Interview {
	iv := exampleLive()
	iv.State, iv.EndReason = "ended", "left"
	iv.EndedAt = iv.StartedAt.Add(exampleTalk)
	iv.DurationS = int64(exampleTalk / time.Second)
	iv.Participants[0].LeftAt = iv.EndedAt
	iv.Participants[1].LeftAt = iv.EndedAt.Add(-3 * time.Second)
	iv.Present = []string{}
	return iv
}

func exampleDeclined() Interview {
	iv := exampleRinging()
	iv.State, iv.EndReason, iv.EndedAt = "declined", "declined", exampleAt.Add(20*time.Second)
	return iv
}

func exampleCancelled() Interview {
	iv := exampleRinging()
	iv.State, iv.EndReason, iv.EndedAt = "cancelled", "cancelled", exampleAt.Add(50*time.Second)
	return iv
}

func exampleList() InterviewList {
	return InterviewList{Interviews: []Interview{exampleEnded()}, Next: exampleID}
}

func examplePass() Pass {
	const raw = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im1haW4iLCJ0eXAiOiJKV1QifQ.e30.AAAA"
	return Pass{
		URL:      "https://calls.example.com/r/" + exampleID + "#token=" + raw,
		CheckURL: "https://calls.example.com/check#token=" + raw,
		Token:    raw, ExpiresAt: exampleAt.Add(passLife), ICEServers: []ICEServer{},
	}
}

func exampleProvider() Provider {
	return Provider{
		Name: "parley", Version: "0.1.0", Configured: true,
		Capabilities: Capabilities{Modes: []string{"audio", "video"}, Scheduling: true, ScreenShare: true},
		Problems:     []ProviderProblem{},
	}
}

func exampleEvent() Event {
	iv := exampleLive()
	return Event{
		Type: "interview.started", Timestamp: iv.StartedAt,
		Data: EventData{Interview: &iv, Participant: &exampleParticipants()[1]},
	}
}

func exampleProblem(kind problemKind) Problem {
	p := Problem{
		Type: "about:blank", Title: http.StatusText(kind.Status), Status: kind.Status, Code: kind.Code,
		Detail: kind.Meaning, RequestID: "req_01KJPVJ3G0XW2M8QF5T7R9B4CE",
	}
	if kind.Code == CodeContactDetails {
		p.Field, p.Detail = "text", `The field "text" has contact details.`
		p.Findings, p.Decision = exampleFindings(), exampleDecision().ID
	}
	if kind.Code == CodeInvalidRequest {
		p.Field, p.Detail = "participants[1].name", `The field "participants[1].name" is longer than 128 characters.`
	}
	return p
}
