// Package zoom makes, ends and deletes meetings in Zoom, and hears from Zoom
// what became of them.
//
// A Client speaks Zoom's REST API with a server-to-server OAuth app of the
// operator. A Desk carries out what interviews ask for: it makes their
// meetings, tells them what Zoom's webhooks say, and deletes the meetings of
// interviews that are over, however often the process is restarted in between.
// Verify and Parse read those webhooks, and ParseLink judges links that people
// paste.
//
// What lets somebody host a meeting, the start_url, is never read from an
// answer, and neither are mail addresses. Links are rebuilt from the parts that
// are needed, so that nothing else a sender put into them gets through.
//
// A Desk has one goroutine, and one for each request under way; Close waits for
// them.
package zoom
