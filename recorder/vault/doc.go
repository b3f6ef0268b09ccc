// Package vault keeps recordings at rest so that nobody reads them without the
// operator's key, and so that a deleted recording is gone from every copy.
//
// A finished recording is a directory of files. Seal replaces each file by an
// age file (https://age-encryption.org/v1) with the same name and .age behind
// it. Each file has a key of its own, made for it and used for nothing else.
// The keys of one recording stand in one key record, together with the files'
// names, sizes and SHA-256. The record is an age file too, sealed to the
// operator's key, and lies in a directory of its own that is never archived:
// whoever destroys the record destroys the recording in every backup.
//
// age cuts a file into chunks of 64 KiB and seals each with ChaCha20-Poly1305
// and its number, so that Open reads anywhere without reading what comes
// before, and notices what was changed, cut off, or put in another order. A
// file of another name or of another recording has another key and does not
// open. `age --decrypt` opens a sealed file with the key that Identity returns.
//
// The package starts no goroutines. A Vault may be used by many at a time.
package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoKey says that the vault has no key for a recording or a file: it was
	// destroyed, or never made here.
	ErrNoKey = errors.New("there is no key for it: it was deleted, or was not recorded here")
	// ErrAltered says that a sealed file is not what was sealed.
	ErrAltered = errors.New("it is not what was sealed: it was changed or cut off, or is another file")
)

// Sealed is what stands behind the name of a sealed file.
const Sealed = ".age"

// part is what stands behind the name of a file that is still being written.
const part = ".part"

// Sum is the SHA-256 of a file's content, written as hexadecimal digits.
type Sum [sha256.Size]byte

// String returns the sum as sha256sum prints it.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// MarshalJSON writes the sum as a string.
func (s Sum) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Sum) UnmarshalJSON(text []byte) error {
	var digits string
	if err := json.Unmarshal(text, &digits); err != nil {
		return err
	}
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != len(s) {
		return fmt.Errorf("%q is no SHA-256", digits)
	}
	copy(s[:], b)
	return nil
}

// checkID refuses what could name anything but an entry of a directory.
func checkID(id string) error {
	if !plain(id, 64) {
		return fmt.Errorf("%q is no recording's id", id)
	}
	return nil
}

// checkName refuses file names that could lead elsewhere, or that the vault
// gives a meaning of its own.
func checkName(name string) error {
	if !plain(name, 128) || strings.HasSuffix(name, Sealed) || strings.HasSuffix(name, part) {
		return fmt.Errorf("%q is no name that can be sealed", name)
	}
	return nil
}

func plain(s string, limit int) bool {
	if s == "" || len(s) > limit || s[0] == '.' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}) < 0
}
