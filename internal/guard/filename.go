package guard

import (
	"strings"
	"unicode"
)

// longestExtension is that of the longest there are, such as .blend and .pages.
const longestExtension = 5

// cutExtension splits the name of a file before the dot of its extension: it
// says what kind of file it is, belongs to no contact detail, and hides where
// one ends. A name without one has an empty kind.
func cutExtension(name string) (stem, kind string) {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || dot == len(name)-1 || len(name)-dot-1 > longestExtension {
		return name, ""
	}
	if strings.ContainsFunc(name[dot+1:], func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return name, ""
	}
	return name[:dot], name[dot:]
}
