// Package webhook tells host applications what happened, as Standard Webhooks
// 1.0.0 has it, from the outbox in the database.
//
// Messages are written by the store in the transaction that makes them true;
// this package only sends them. A [Deliverer] keeps no state that matters: what
// is due, what was tried and what waits behind what are in the store, so that
// a killed process goes on where it was. A message whose answer was lost with
// the process is sent again under the same webhook-id.
//
// Messages of one subject reach an endpoint in order, each after the one before
// it was delivered or given up. Subjects do not wait for each other, and
// endpoints do not either: every endpoint has requests of its own.
//
// Requests leave for public addresses only, unless the operator names networks
// that may be reached as well. The check is made on the address that is dialled,
// after the name was resolved, and redirects are never followed.
//
// A Deliverer has one goroutine that looks for what is due and one per request
// under way; Close waits for all of them.
package webhook
