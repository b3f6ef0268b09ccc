package interview

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessageLength is how many characters a message has at most.
const MaxMessageLength = 4000

// CheckMessage checks the text of a message: something to read, of at most
// MaxMessageLength characters, with line breaks and tabs but nothing else that
// controls a terminal or reorders the text around it. The error is an *Error
// with CodeInvalidMessage.
func CheckMessage(text string) error {
	switch {
	case !utf8.ValidString(text):
		return errorf(CodeInvalidMessage, "A message must be valid UTF-8.")
	case strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }) == "":
		return errorf(CodeInvalidMessage, "The message is empty.")
	case utf8.RuneCountInString(text) > MaxMessageLength:
		return errorf(CodeInvalidMessage, "A message has at most %d characters.", MaxMessageLength)
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || bidiControl(r)) {
			return errorf(CodeInvalidMessage, "A message must be plain text, without control characters.")
		}
	}
	return nil
}
