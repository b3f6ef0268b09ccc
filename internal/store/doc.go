// Package store keeps threads, interviews, keys and the outbox of webhooks in a SQLite database in the
// data directory.
//
// What a method has returned nil for survives a crash of the process and of the
// machine: the database is in WAL mode with synchronous=FULL. One process at a
// time owns a data directory. The package has no goroutines of its own, and a
// Store may be used from several at once: writes wait for each other, reads
// wait for nobody.
//
// It decides nothing. What an interview may do is internal/interview's; the
// store only guarantees what has to hold across processes and crashes, above
// all that a thread has at most one interview that rings or is live.
//
// The SQL is what SQLite and PostgreSQL both understand; what is SQLite's own
// is in sqlite.go. Times are whole microseconds since 1970, and NULL when zero.
package store
