// Package guard finds contact details in what people write before they have a
// contract, and says what to do about them.
//
// A text is normalised with a map back to its bytes (full-width letters,
// homoglyphs, invisible characters, foreign digits), cut into tokens, and
// searched for candidates: e-mail addresses, telephone numbers, handles,
// links, requests for any of these, and rewards offered for a contract. What
// stands around a candidate raises or lowers its score; the score and the
// thread's policy give the action. A keyword alone is never a finding: people
// who say that they will not share a number must not be punished for it.
//
// The package is pure: no clock, no I/O, no goroutines. Time is passed in. A
// Guard never changes after New and may be used by any number of goroutines.
// It keeps no text; Audit gives records that hold none either.
//
// The work is linear in the length of the text, which is bounded by MaxText.
package guard
