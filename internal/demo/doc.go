// Package demo is the backend of the reference messaging app: a job post, its
// proposals, the message threads that grow out of them, and the call cards in
// those threads. It is what a host application is to Parley and uses nothing a
// host application could not use: the public REST API, over HTTP, with an API
// key.
//
// It owns the app's own data (who wrote what, which proposal was answered, in
// which time zone a person is), kept in one JSON file with the cards it derives
// from Parley's interviews and proposals of times, and the files that people
// share, kept in memory. It does not own interviews, tokens or media: those it
// asks Parley for.
//
// # HTTP surface
//
//	GET  /                              the page
//	GET  /app/people                    PeopleBody: who one can be
//	GET  /app/state?as=ID               State, as that person sees it
//	GET  /app/events?as=ID              Server-Sent Events, see below
//	POST /app/proposals/{id}/message    OpenBody   → 200 OpenedBody
//	POST /app/threads/{id}/messages     MessageBody → 201 SentBody
//	POST /app/threads/{id}/appeal       AppealBody → 201 Item
//	POST /app/threads/{id}/call         CallBody   → 200 RoomBody
//	POST /app/threads/{id}/join         JoinBody   → 200 RoomBody
//	POST /app/threads/{id}/decline      DeclineBody → 200 Item
//	POST /app/threads/{id}/recording    RecordingBody → 200 LinkBody
//	POST /app/threads/{id}/check        CheckBody → 200 LinkBody
//	POST /app/threads/{id}/times        ProposeBody → 201 Times
//	POST /app/threads/{id}/answer       AnswerBody → 200 Times
//	POST /app/threads/{id}/cancel       AppointmentBody → 200 Interview
//	POST /app/threads/{id}/appointment  AppointmentBody → 200 RoomBody
//	GET  /app/threads/{id}/calendar?as=ID&interview=ID  a calendar file
//	POST /app/zone                      ZoneBody → 200 ZoneBody
//	PUT  /app/uploads/{id}?key=KEY      a file that was offered in a room → 204
//	GET  /app/files/{id}?key=KEY        the file
//
// A person is chosen, not authenticated: "as" is the id of one of the people.
// Every refusal is an application/problem+json object, see Problem.
//
// # Events
//
// GET /app/events sends one kind of event, "state": the whole new State of that
// person, at once on connecting and again after every change. A page needs no
// other bookkeeping than to render the last one it got. "retry: 1000" tells
// the browser when to come back after a break, and comments keep the
// connection alive.
//
//	retry: 1000
//
//	event: state
//	data: {"me":{…},"job":{…},"proposals":[…],"threads":[…]}
//
// # Goroutines
//
// App runs one goroutine that follows Parley's event stream; every connected
// page holds its own request goroutine. Close ends and waits for all of them.
package demo
