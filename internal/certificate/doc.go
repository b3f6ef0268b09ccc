// Package certificate keeps the certificate that HTTPS and the relay are served
// with: from files, which are read again when they change, or from a certificate
// authority that speaks ACME (RFC 8555), which renews it in time. Neither needs
// a restart.
//
// It is the one place that knows ACME. It looks at no configuration and opens no
// port.
//
// # Goroutines
//
// Each keeper has one, which looks at the files, or after the authority; Close
// waits for it. GetCertificate runs on the goroutine of a handshake.
package certificate
