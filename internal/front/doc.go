// Package front lets HTTPS, WebSocket and TURN share one TCP port, so that an
// operator opens one and the strictest network still lets calls through.
//
// A connection passes up to four steps: the PROXY protocol header of a proxy
// that is configured, the TLS handshake where there is a certificate, the first
// byte of what the client says, and the hand-over to the half that speaks it.
// TURN messages begin with 0x00 to 0x03, or name themselves by ALPN
// (RFC 7443); everything else is HTTP, which is served as if the front were not
// there: HTTP/2, deadlines, hijacking and the client's address included.
//
// The package knows neither TURN nor HTTP beyond the first byte, and no
// configuration. It is the one place that reads PROXY headers.
//
// # Goroutines
//
// Serve runs on its caller's goroutine and does nothing but accept. Each
// connection has one goroutine until it is handed over, within a deadline; Close
// ends those and waits for them. What was handed over belongs to who took it.
package front
