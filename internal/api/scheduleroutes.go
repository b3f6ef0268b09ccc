package api

import (
	"net/http"
	"time"
)

type (
	proposalParams struct {
		Proposal string `path:"proposal" required:"true" minLength:"1" maxLength:"128" description:"The proposal's id."`
	}
	proposalsParams struct {
		Thread string `path:"thread" required:"true" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9_.:-]{1,128}$" description:"The host app's id of the message thread."`
		Before string `query:"before" maxLength:"128" description:"Only proposals older than the one with this id."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
	}
	allParams struct {
		State  string `query:"state" enum:"scheduled,ringing,live,ended,missed,declined,cancelled" description:"Only interviews in this state."`
		Before string `query:"before" maxLength:"128" description:"Only interviews older than the one with this id."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
	}
)

func scheduleRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/v1/interviews", id: "listAllInterviews", tag: "interviews",
			summary: "List the interviews of all threads, newest first", params: allParams{},
			answers: []answer{{status: http.StatusOK, description: "One page.", body: exampleList()}},
			codes:   []Code{CodeInvalidRequest},
			serve:   (*Server).listAllInterviews,
		},
		{
			method: http.MethodPost, path: "/v1/threads/{thread}/proposals", id: "propose", tag: "scheduling",
			summary:     "Propose times for an interview",
			description: "A thread has one open proposal at a time: another one, whoever makes it, takes its place. With `interview`, accepting moves that interview instead of making one.",
			params:      threadParams{}, body: exampleProposalBody(),
			answers: []answer{{status: http.StatusCreated, description: "The proposal. `Location` holds its path.", body: exampleProposal()}},
			codes:   []Code{CodeInvalidProposal, CodeContactDetails, CodeInvalidTime, CodeInvalidMode, CodeNoZoom, CodeOverlap, CodeNotAParticipant, CodeNotAllowed, CodeNotFound},
			serve:   (*Server).propose,
		},
		{
			method: http.MethodGet, path: "/v1/threads/{thread}/proposals", id: "listProposals", tag: "scheduling",
			summary: "List a thread's proposals of times, newest first", params: proposalsParams{},
			answers: []answer{{status: http.StatusOK, description: "One page.", body: ProposalList{Proposals: []Proposal{exampleProposal()}}}},
			codes:   []Code{CodeInvalidRequest, CodeNotFound},
			serve:   (*Server).listProposals,
		},
		{
			method: http.MethodGet, path: "/v1/proposals/{proposal}", id: "getProposal", tag: "scheduling",
			summary: "Read a proposal of times", params: proposalParams{},
			answers: []answer{{status: http.StatusOK, description: "The proposal.", body: exampleProposal()}},
			codes:   []Code{CodeNotFound},
			serve:   (*Server).getProposal,
		},
		{
			method: http.MethodPost, path: "/v1/proposals/{proposal}/accept", id: "acceptProposal", tag: "scheduling",
			summary:     "Choose one of the times",
			description: "Makes the interview, or moves the one that the proposal is about. Choosing the same time again changes nothing and answers with it.",
			params:      proposalParams{}, body: AcceptBody{By: "freelancer", Slot: exampleSlot},
			answers: []answer{{status: http.StatusOK, description: "The proposal and its interview.", body: exampleBooking()}},
			codes:   []Code{CodeProposalClosed, CodeOverlap, CodeInvalidTime, CodeInterviewOver, CodeAlreadyLive, CodeNotAParticipant, CodeNotAllowed, CodeNotFound, CodeGoingAway},
			serve:   (*Server).acceptProposal,
		},
		{
			method: http.MethodPost, path: "/v1/proposals/{proposal}/decline", id: "declineProposal", tag: "scheduling",
			summary: "Say that none of the times will do", params: proposalParams{},
			body: DeclineBody{By: "freelancer", Reason: "I travel that week. The one after?"}, bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The proposal, declined.", body: exampleClosed("declined")}},
			codes:   []Code{CodeProposalClosed, CodeInvalidReason, CodeContactDetails, CodeNotAParticipant, CodeNotAllowed, CodeNotFound},
			serve:   (*Server).declineProposal,
		},
		{
			method: http.MethodPost, path: "/v1/proposals/{proposal}/withdraw", id: "withdrawProposal", tag: "scheduling",
			summary: "Take a proposal back", params: proposalParams{}, body: exampleEndBody(), bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The proposal, withdrawn.", body: exampleClosed("withdrawn")}},
			codes:   []Code{CodeProposalClosed, CodeNotAParticipant, CodeNotAllowed, CodeNotFound},
			serve:   (*Server).withdrawProposal,
		},
		{
			method: http.MethodGet, path: "/v1/interviews/{interview}/calendar.ics", id: "getCalendar", tag: "scheduling",
			summary: "Read a scheduled interview as a calendar file",
			description: "RFC 5545, for a calendar to import, or for the host app to attach to a mail. The UID stays, and SEQUENCE grows when the interview is moved or called off, so that importing it again replaces the entry. " +
				"It names no person and no address, and leads to the thread's `url` and not to anybody's own way in.",
			params:  interviewParams{},
			answers: []answer{{status: http.StatusOK, description: "The calendar file.", media: calendarType, text: exampleCalendar()}},
			codes:   []Code{CodeNotFound},
			serve:   (*Server).getCalendar,
		},
		{
			method: http.MethodGet, path: "/v1/calendar.ics", id: "getOwnCalendar", tag: "scheduling", open: true,
			summary:     "Read one's own scheduled interview as a calendar file",
			description: "For the room page, with the person's join token as `Authorization: Bearer …`. The same file as the host app gets.",
			answers:     []answer{{status: http.StatusOK, description: "The calendar file.", media: calendarType, text: exampleCalendar()}},
			codes:       []Code{CodeUnauthorized, CodeNotFound},
			serve:       (*Server).getOwnCalendar,
		},
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/reschedule", id: "rescheduleInterview", tag: "scheduling",
			summary:     "Move a scheduled interview",
			description: "For when both people have agreed; otherwise propose times. The interview keeps its id, people keep their ways in, and calendars that have it move it.",
			params:      interviewParams{}, body: RescheduleBody{By: "client", StartsAt: exampleSlot.Add(48 * time.Hour), Zone: "Europe/Prague"},
			answers: []answer{{status: http.StatusOK, description: "The interview at its new time.", body: exampleScheduled()}},
			codes:   []Code{CodeInvalidTime, CodeOverlap, CodeInterviewOver, CodeAlreadyLive, CodeNotAParticipant, CodeNotFound, CodeGoingAway},
			serve:   (*Server).rescheduleInterview,
		},
	}
}

var exampleSlot = exampleAt.Add(50 * time.Hour)

const exampleProposalID = "ps_01KJPVJ3G0XW2M8QF5T7R9B4CE"

func exampleProposalBody() ProposalBody {
	return ProposalBody{
		By: "client", Mode: "video", Slots: []time.Time{exampleSlot, exampleSlot.Add(24 * time.Hour)}, Minutes: 45,
		Zone: "Europe/Prague", Note: "Either suits me. It will take three quarters of an hour.",
	}
}

func exampleProposal() Proposal {
	b := exampleProposalBody()
	return Proposal{
		ID: exampleProposalID, Thread: "th_4711", By: b.By, Mode: b.Mode, Slots: b.Slots, Minutes: b.Minutes, Zone: b.Zone, Note: b.Note,
		State: "open", CreatedAt: exampleAt,
	}
}

func exampleClosed(state string) Proposal {
	p := exampleProposal()
	p.State, p.ClosedAt = state, exampleAt.Add(time.Hour)
	return p
}

func exampleScheduled() Interview {
	iv := exampleRinging()
	iv.State, iv.RingsUntil = "scheduled", time.Time{}
	iv.StartsAt, iv.Minutes, iv.Zone = exampleSlot, 45, "Europe/Prague"
	return iv
}

func exampleBooking() Booking {
	p := exampleClosed("accepted")
	p.Chosen, p.Interview = exampleSlot, exampleID
	return Booking{Proposal: p, Interview: exampleScheduled()}
}
