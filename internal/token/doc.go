// Package token makes and checks the two secrets Parley hands out: the tokens
// people join interviews with, and the API keys host apps call the REST API
// with.
//
// A join token is a JWT (RFC 7519) signed with HS256 or EdDSA. Its header names
// the key that signed it (kid); its claims say who (sub, name, role), where
// (thread, interview, or both), and until when (exp, at most MaxLifetime after
// iat). A token that lacks any of these is refused: without exp it would be
// valid for ever, without a room it would be valid for every room, and without
// jti it could not be told from its copies.
//
// The package keeps nothing and reads no clock. Everything in it may be used
// from several goroutines at once.
package token
