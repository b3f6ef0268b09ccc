package token

// The codes an Error carries. The set is closed.
const (
	// CodeMalformed: not a JWT, or a claim that every token must have is
	// missing, unusable or contradicts another.
	CodeMalformed = "token_malformed"
	// CodeSignature: not signed by a key of the ring with that key's algorithm.
	CodeSignature = "token_signature"
	// CodeExpired: its time is over.
	CodeExpired = "token_expired"
	// CodeNotYetValid: its time has not come.
	CodeNotYetValid = "token_not_yet_valid"
	// CodeAudience: made for, or by, something that is not Parley.
	CodeAudience = "token_audience"
	// CodeNoRoom: it names neither a thread nor an interview.
	CodeNoRoom = "token_no_room"
)

// An Error says why a token was refused: Code for machines, Message for people.
type Error struct {
	// Code is one of the Code constants.
	Code string
	// Message is one plain sentence that holds nothing of the token.
	Message string

	cause error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what the JWT library said, if it said anything. It is for
// logs at Debug; it never holds the token or a key.
func (e *Error) Unwrap() error { return e.cause }
