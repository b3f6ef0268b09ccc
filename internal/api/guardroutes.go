package api

import (
	"net/http"
	"time"

	"parley/internal/guard"
)

type (
	decisionsParams struct {
		Thread string `query:"thread" maxLength:"128" description:"Only those of this thread."`
		Appeal string `query:"appeal" enum:"open" description:"Only those that somebody contests and nobody has decided."`
		Before string `query:"before" maxLength:"128" description:"Only decisions older than the one with this id."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
	}
	decisionParams struct {
		Decision string `path:"decision" required:"true" minLength:"1" maxLength:"128" description:"The decision's id."`
	}
)

func guardRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/guard/check", id: "checkText", tag: "guard",
			summary:     "Ask what to do with a text",
			description: "For what people write outside the room: messages of the thread, names, titles, notes, names of files. It delivers nothing and, without `record`, keeps nothing. Where the thread is not guarded, because there is a contract or an exception, the answer is allow.",
			body:        exampleCheckBody(),
			answers:     []answer{{status: http.StatusOK, description: "What to do with it.", body: exampleCheck()}},
			codes:       []Code{CodeNotFound}, serve: (*Server).checkGuard,
		},
		{
			method: http.MethodGet, path: "/v1/threads/{thread}/guard", id: "getGuard", tag: "guard",
			summary: "Read how a thread is guarded", params: threadParams{},
			answers: []answer{{status: http.StatusOK, description: "How it is guarded now.", body: exampleGuard()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).getGuard,
		},
		{
			method: http.MethodPut, path: "/v1/threads/{thread}/guard", id: "putGuard", tag: "guard",
			summary:     "Say how a thread is guarded",
			description: "Replaces what was said before. Begin with `observe`, which finds and records and delivers everything.",
			params:      threadParams{}, body: exampleGuardBody(),
			answers: []answer{{status: http.StatusOK, description: "How it is guarded now.", body: exampleGuard()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).putGuard,
		},
		{
			method: http.MethodPut, path: "/v1/threads/{thread}/contract", id: "putContract", tag: "threads",
			summary:     "Say how far the contract is",
			description: "Nothing else of the thread changes. When it takes effect the guard lifts, in the middle of a call too.",
			params:      threadParams{}, body: Contract{State: "active", EffectiveAt: exampleAt},
			answers: []answer{{status: http.StatusOK, description: "The thread.", body: exampleThread()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).putContract,
		},
		{
			method: http.MethodGet, path: "/v1/guard/decisions", id: "listDecisions", tag: "guard",
			summary:     "List what was found, newest first",
			description: "No text is kept: a finding has a salted hash and the shape of the value.",
			params:      decisionsParams{},
			answers:     []answer{{status: http.StatusOK, description: "One page.", body: DecisionList{Decisions: []Decision{exampleDecision()}}}},
			codes:       []Code{CodeInvalidRequest}, serve: (*Server).listDecisions,
		},
		{
			method: http.MethodGet, path: "/v1/guard/decisions/{decision}", id: "getDecision", tag: "guard",
			summary: "Read a decision", params: decisionParams{},
			answers: []answer{{status: http.StatusOK, description: "The decision.", body: exampleDecision()}},
			codes:   []Code{CodeNotFound}, serve: (*Server).getDecision,
		},
		{
			method: http.MethodPost, path: "/v1/guard/decisions/{decision}/appeal", id: "contestDecision", tag: "guard",
			summary:     "Contest a decision",
			description: "For the person whose text it is about; where nobody is known to have written it, for the people of the thread. Somebody has to read each: a person has five open ones at a time and makes twenty a day, and what was contested in vain is not contested again.",
			params:      decisionParams{}, body: AppealBody{By: "freelancer", Words: "That is the number of my invoice."},
			answers: []answer{{status: http.StatusCreated, description: "The decision, with its appeal.", body: exampleDecision()}},
			codes:   []Code{CodeNotFound, CodeNotAllowed, CodeInvalidMessage, CodeAppealed, CodeTooManyAppeals}, serve: (*Server).contestDecision,
		},
		{
			method: http.MethodPut, path: "/v1/guard/decisions/{decision}/appeal", id: "decideAppeal", tag: "guard",
			summary:     "Decide an appeal",
			description: "One that is upheld becomes an exception of the thread with the reason appeal: what was found is let through there from now on, and nothing else. The person is told in the room, and by the host app.",
			params:      decisionParams{}, body: AppealDecision{By: "ana@trust", Upheld: true},
			answers: []answer{{status: http.StatusOK, description: "The decision, with its appeal decided.", body: exampleDecision()}},
			codes:   []Code{CodeNotFound, CodeNotAppealed, CodeTooManyExceptions}, serve: (*Server).decideAppeal,
		},
	}
}

func exampleCheckBody() CheckBody {
	return CheckBody{Thread: "th_4711", Text: "Write to me: femi@adeyemi.example.net", Surface: "thread", Actor: "freelancer"}
}

func exampleFindings() []Finding {
	return []Finding{{
		Category: "email", Start: 13, End: 37, Score: 0.95, Rule: "email.literal", MessageKey: "guard.email.literal",
		Message: sentences[guard.Email],
	}}
}

func exampleCheck() Check {
	return Check{
		Action: "block", Findings: exampleFindings(), MaskedText: "Write to me: " + guard.Hidden,
		Version: guard.Version, Policy: exampleGuard(),
	}
}

func exampleGuardBody() GuardBody {
	return GuardBody{Mode: "block", Exceptions: []Exception{{
		Reason: "system_access", By: "ana@trust", Note: "an address for the repository", Until: exampleAt.Add(24 * time.Hour),
	}}}
}

func exampleGuard() Guard { return Guard{Mode: "block", Active: true, Exceptions: []Exception{}} }

func exampleDecision() Decision {
	return Decision{
		ID: "gd_01KJPVJ3G0XW2M8QF5T7R9B4CE", Thread: "th_4711", Actor: "freelancer", At: exampleAt, Surface: "chat",
		Action: "block", Version: guard.Version,
		Findings: []KeptFinding{{
			Category: "email", Rule: "email.literal", Score: 0.95, Preview: "fxxx@xxxxxxx.xxxxxxx.xxx",
			Hash: "9f2c41d6d1f14b0c8b5d4a4e9a1f7f0c5f0d6f4f5a0b7b1e2c3d4e5f60718293",
		}},
		Appeal: &DecidedAppeal{At: exampleAt.Add(time.Minute), By: "freelancer", Words: "That is the number of my invoice."},
	}
}
