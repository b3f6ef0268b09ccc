package api

import (
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// MessageBody is a message that a person wrote in the host app.
type MessageBody struct {
	By   string `json:"by" required:"true" minLength:"1" maxLength:"128" description:"The participant who wrote it."`
	Text string `json:"text" required:"true" minLength:"1" maxLength:"4000"`
	Ref  string `json:"ref,omitempty" maxLength:"128" description:"Your own id of the message. Sent again with the same one, it is the same message."`
}

// Message is something that somebody wrote in a thread, as it was delivered.
type Message struct {
	ID        string    `json:"id" required:"true"`
	N         int64     `json:"n" required:"true" description:"Grows with every message of the thread."`
	Thread    string    `json:"thread" required:"true"`
	Interview string    `json:"interview,omitempty" description:"The interview in whose room it was written; absent: it came from the host app."`
	Ref       string    `json:"ref" required:"true" description:"The sender's own id of it."`
	From      Author    `json:"from" required:"true"`
	At        time.Time `json:"at" required:"true"`
	Text      string    `json:"text" required:"true"`
	Masked    bool      `json:"masked,omitempty" description:"Contact details were taken out of it."`
	Reward    bool      `json:"reward,omitempty" description:"Something is offered in it for winning the contract."`

	File *SharedFile `json:"file,omitempty" description:"The file that it brings; the text is the file's name."`
}

// SharedFile is the file that a message brings.
type SharedFile struct {
	ID        string `json:"id" required:"true"`
	Size      int64  `json:"size" required:"true" description:"In bytes."`
	MediaType string `json:"media_type" required:"true"`
	Link      string `json:"link" required:"true" description:"Yours, from the answer to file.offered."`
}

// Author is who wrote a message, as they were called then.
type Author struct {
	ID   string `json:"id" required:"true"`
	Name string `json:"name" required:"true"`
	Role string `json:"role" required:"true"`
}

// SentMessage is what became of a message.
type SentMessage struct {
	Message  Message   `json:"message" required:"true" description:"As it was delivered."`
	Action   string    `json:"action" required:"true" enum:"allow,nudge,mask" description:"What the contact guard did."`
	Findings []Finding `json:"findings" required:"true" nullable:"false" description:"In the text as it was sent."`
	Decision string    `json:"decision,omitempty" description:"What was found is kept under this id."`
}

// MessageList is a page of a thread's messages, oldest first.
type MessageList struct {
	Messages []Message `json:"messages" required:"true" nullable:"false"`
	Next     int64     `json:"next,omitempty" description:"Give it as before for the page of older ones. Absent on the last one."`
}

type messagesParams struct {
	Thread string `path:"thread" required:"true" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9_.:-]{1,128}$" description:"The host app's id of the message thread."`
	Before int64  `query:"before" minimum:"1" description:"Only messages whose n is smaller."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
}

func chatRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/threads/{thread}/messages", id: "postMessage", tag: "chat",
			summary:     "Show a message of the thread in the room as well",
			description: "It is guarded, kept, and shown to everybody in the thread's room, now and when they come. One that is blocked is refused with `contact_details`.",
			params:      threadParams{}, body: MessageBody{By: "client", Text: "The brief is in the second attachment.", Ref: "m_1"},
			answers: []answer{{status: http.StatusCreated, description: "The message, as it was delivered.", body: exampleSent()}},
			codes:   []Code{CodeInvalidMessage, CodeContactDetails, CodeNotAParticipant, CodeNotFound, CodeThreadFull},
			serve:   (*Server).postMessage,
		},
		{
			method: http.MethodGet, path: "/v1/threads/{thread}/messages", id: "listMessages", tag: "chat",
			summary: "Read what was written in a thread", params: messagesParams{},
			answers: []answer{{status: http.StatusOK, description: "One page, oldest first; the last messages come with the first page.", body: MessageList{Messages: []Message{exampleMessage()}, Next: 12}}},
			codes:   []Code{CodeInvalidRequest, CodeNotFound},
			serve:   (*Server).listMessages,
		},
	}
}

func exampleMessage() Message {
	return Message{
		ID: "tm_01KJPVJ3G0XW2M8QF5T7R9B4CE", N: 12, Thread: "th_4711", Interview: exampleID, Ref: "m_1",
		From: Author{ID: "client", Name: "Clara Novak", Role: "interviewer"}, At: exampleAt, Text: "The brief is in the second attachment.",
	}
}

func exampleSent() SentMessage {
	return SentMessage{Message: exampleMessage(), Action: "allow", Findings: []Finding{}}
}

func (s *Server) postMessage(w http.ResponseWriter, r *http.Request) error {
	var body MessageBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	who, err := s.invited(r.Context(), t.ID, User{ID: body.By})
	if err != nil {
		return err
	}
	sent, err := s.cfg.Chat.Send(r.Context(), chat.Draft{Thread: t.ID, Author: who, Surface: guard.Thread, Text: body.Text, Ref: body.Ref})
	if err != nil {
		return err
	}
	found := findingsJSON(body.Text, sent.Findings)
	if sent.Action == guard.Block {
		return &apiError{
			code: CodeContactDetails, field: "text", findings: found, decision: sent.Record,
			detail: `The field "text" has contact details, which stay out until there is a contract.`,
		}
	}
	s.writeJSON(w, http.StatusCreated, SentMessage{
		Message: messageJSON(sent.Message), Action: sent.Action.String(), Findings: found, Decision: sent.Record,
	})
	return nil
}

func (s *Server) listMessages(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	limit, err := pageSize(query.Get("limit"))
	if err != nil {
		return err
	}
	var before int64
	if text := query.Get("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return &fieldError{Field: "before", Reason: "must be the n of a message"}
		}
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	found, more, err := s.cfg.Chat.History(r.Context(), t.ID, before, limit, 4<<20)
	if err != nil {
		return err
	}
	list := MessageList{Messages: each(found, messageJSON)}
	if more {
		list.Next = found[0].N
	}
	s.writeJSON(w, http.StatusOK, list)
	return nil
}

func messageJSON(m store.ChatMessage) Message {
	out := Message{
		ID: m.ID, N: m.N, Thread: string(m.Thread), Interview: string(m.Interview), Ref: m.Ref, At: utc(m.At), Text: m.Text,
		From: authorJSON(m.Author), Masked: m.Masked, Reward: m.Reward,
	}
	if f := m.File; f != nil {
		out.File = &SharedFile{ID: string(f.ID), Size: f.Size, MediaType: f.Type, Link: f.Link}
	}
	return out
}

func authorJSON(p interview.Participant) Author {
	return Author{ID: string(p.ID), Name: p.Name, Role: string(p.Role)}
}

// EncodeThreadEvent makes what webhooks tell of an event in a thread.
func EncodeThreadEvent(e chat.Event) ([]byte, error) { return encodeMessage(threadEventJSON(e)) }

func threadEventJSON(e chat.Event) Event {
	out := Event{Type: e.Type, Timestamp: utc(e.At), Data: EventData{Thread: string(e.Thread)}}
	if e.Message != nil {
		m := messageJSON(*e.Message)
		out.Data.Message = &m
	}
	if e.File != nil {
		out.Data.File = new(fileJSON(*e.File))
	}
	if e.Decision != nil {
		d := decisionJSON(*e.Decision)
		out.Data.Decision = &d
	}
	if e.Report != nil {
		report, about := reportJSON(*e.Report), interviewJSON(*e.About)
		out.Data.Report, out.Data.Interview = &report, &about
	}
	if e.Guarding != nil {
		g := guardJSON(*e.Guarding)
		out.Data.Guard = &g
	}
	return out
}

// follow hands what happens in threads to the event streams.
func (s *Server) follow(e chat.Event) {
	text, err := streamText(threadEventJSON(e))
	if err != nil { // it was encoded before
		s.cfg.Logger.Error("event not streamed", "type", e.Type, "err", err)
		return
	}
	s.hub.tell(happening{text: text})
}
