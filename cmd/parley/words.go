package main

import (
	"fmt"
	"strings"
)

// wordValue is text without spaces, kept as written; want says what to write.
type wordValue struct {
	p    *string
	want string
}

func (v *wordValue) String() string { return *v.p }

func (v *wordValue) Set(text string) error {
	if !isWord(text) {
		return fmt.Errorf("%q is not one word; write %s", text, v.want)
	}
	*v.p = text
	return nil
}

// wordsValue is a list of such words.
type wordsValue struct {
	p    *[]string
	want string
}

func (v *wordsValue) String() string { return strings.Join(*v.p, ",") }

func (v *wordsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		if !isWord(s) {
			return "", fmt.Errorf("%q is not one word; write %s", s, v.want)
		}
		return s, nil
	})
}

func isWord(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
