package signaling

import (
	"context"
	"errors"

	"parley/internal/conference"
	"parley/internal/token"
	"parley/signaling/wire"
)

// sentences are what people are told about refusals that are decided here or
// come from packages that do not speak to them.
var sentences = map[wire.Code]string{
	wire.CodeTokenMalformed:   "This link is not valid. Open the interview again from your messages.",
	wire.CodeTokenSignature:   "This link does not belong to this server. Open the interview again from your messages.",
	wire.CodeTokenExpired:     "This link has expired. Open the interview again from your messages.",
	wire.CodeTokenNotYetValid: "This link is not valid yet. Try again in a minute.",
	wire.CodeTokenAudience:    "This link was made for something else. Open the interview again from your messages.",
	wire.CodeTokenNoRoom:      "This link does not lead to an interview. Open the interview again from your messages.",
	wire.CodeReplaced:         "You opened this interview in another page, which goes on in place of this one.",
	wire.CodeHelloFirst:       "The first message must be hello.",
	wire.CodeHelloTwice:       "This connection has said hello before.",
	wire.CodeHelloLate:        "The page did not say who you are in time. Reload it.",
	wire.CodeNotText:          "Messages must be text.",
	wire.CodeFlood:            "The page sent too many messages.",
	wire.CodeSlow:             "The connection is too slow to keep up.",
	wire.CodeInternal:         "Something went wrong on the server. Try again.",
}

// fatalError returns the error for a code that has a sentence here.
func fatalError(code wire.Code) wire.Error {
	return wire.Error{Code: code, Message: sentences[code], Fatal: true}
}

// fatalEnding returns how a socket ends after a fatal error.
func fatalEnding(code wire.Code) ending {
	return ending{code: wire.CloseCode(code), reason: string(code)}
}

// refusal turns an error into what the client is told. Anything that is not
// a refusal in somebody's own words is internal, and the caller logs it.
func refusal(err error) wire.Error {
	var decode *wire.DecodeError
	var bad *token.Error
	var room *conference.Error
	switch {
	case errors.As(err, &decode):
		return wire.Error{Code: decode.Code, Message: decode.Message, Fatal: decode.Fatal(), Re: decode.Type, ID: decode.ID}
	case errors.As(err, &bad):
		code := wire.Code(bad.Code)
		if _, ok := sentences[code]; !ok {
			code = wire.CodeTokenMalformed
		}
		return fatalError(code)
	case errors.As(err, &room):
		return wire.Error{Code: wire.Code(room.Code), Message: room.Message, Fatal: room.Fatal}
	}
	return wire.Error{Code: wire.CodeInternal, Message: sentences[wire.CodeInternal]}
}

// cancelled reports whether a call failed only because its socket went away.
func cancelled(err error) bool { return errors.Is(err, context.Canceled) }
