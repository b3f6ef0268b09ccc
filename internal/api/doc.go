// Package api is Parley's REST API for host applications: threads, interviews,
// personal ways in, the event stream, and the OpenAPI document that describes
// them all.
//
// It owns the JSON of the public API, its problems (application/problem+json
// with a closed set of codes), authentication by API key, idempotency keys and
// rate limits. It owns no rule about interviews: those are in
// internal/interview, and carried out by internal/conference. It never
// touches media.
//
// Every handler runs on its request's goroutine. The only goroutines that
// outlive a short request are those of open event streams; Close ends them and
// waits.
package api
