package interview

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what is said about a file.
const (
	MaxFileName   = 200  // characters
	MaxFileType   = 127  // bytes of a media type
	MaxFileReason = 256  // characters of why it is declined
	MaxFileLink   = 2048 // bytes
)

// AnswerFileWithin is how long a host app has to say where a file goes. The
// person looks at the wait, so it is as long as one bears to.
const AnswerFileWithin = 20 * time.Second

// Bounds of how long an upload may take.
const (
	UploadFor        = time.Hour // when the host app does not say
	LongestUploadFor = 24 * time.Hour
)

// A File is what is known of a file that stays with the host app.
type File struct {
	Name string
	Size int64  // bytes
	Type string // RFC 6838, without parameters; never empty once checked
}

// A FilePolicy is which files may be offered. The zero policy takes none.
type FilePolicy struct {
	MaxSize int64    // bytes
	Types   []string // such as application/pdf or image/*; none: all
}

// Check returns f in the form in which it is kept, or an *Error with
// CodeInvalidFile, CodeFileTooLarge or CodeFileType.
func (p FilePolicy) Check(f File) (File, error) {
	if err := checkFileName(f.Name); err != nil {
		return f, err
	}
	var ok bool
	if f.Type, ok = mediaType(f.Type); !ok {
		return f, errorf(CodeInvalidFile, "The file's type is none, such as application/pdf.").at("media_type")
	}
	switch {
	case f.Size <= 0:
		return f, errorf(CodeInvalidFile, "The file is empty.").at("size")
	case f.Size > p.MaxSize:
		return f, errorf(CodeFileTooLarge, "Files have at most %s.", sizeText(p.MaxSize)).at("size")
	case !p.takes(f.Type):
		return f, errorf(CodeFileType, "Files of this type are not taken here.").at("media_type")
	}
	return f, nil
}

// checkFileName takes the name of one file in any language. It refuses what
// makes a name mean another thing to a disk or to the eye: separators of
// directories, control characters, text that is turned around so that an
// .exe reads as a .pdf.
func checkFileName(name string) *Error {
	invalid := func(format string, args ...any) *Error { return errorf(CodeInvalidFile, format, args...).at("name") }
	switch {
	case !utf8.ValidString(name):
		return invalid("A file's name must be valid UTF-8.")
	case strings.TrimFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) || !unicode.IsGraphic(r) }) == "":
		return invalid("The file has no name.")
	case utf8.RuneCountInString(name) > MaxFileName:
		return invalid("A file's name has at most %d characters.", MaxFileName)
	case strings.ContainsAny(name, `/\`):
		return invalid("A file's name must not hold / or \\.")
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || bidiControl(r) || r == '\u2028' || r == '\u2029'
	}):
		return invalid("A file's name must be plain text, without control characters.")
	}
	return nil
}

// mediaType brings a media type into the form in which it is kept. A browser
// that does not know one says nothing.
func mediaType(text string) (string, bool) {
	if text == "" {
		return "application/octet-stream", true
	}
	name, _, _ := strings.Cut(text, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	kind, sub, _ := strings.Cut(name, "/")
	return name, restrictedName(kind) && restrictedName(sub) && len(name) <= MaxFileType
}

// restrictedName reports whether text is one side of a media type (RFC 6838 §4.2).
func restrictedName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$&-^_.+", r))
	})
}

func (p FilePolicy) takes(name string) bool {
	kind, _, _ := strings.Cut(name, "/")
	for _, t := range p.Types {
		if t == name || t == kind+"/*" {
			return true
		}
	}
	return len(p.Types) == 0
}

func sizeText(bytes int64) string {
	const mb = 1 << 20
	if bytes >= mb {
		return fmt.Sprintf("%d MB", bytes/mb)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// FileState says how far an offered file is.
type FileState string

// The states of a FileOffer: a closed set. All but the first two are final.
const (
	FileOffered    FileState = "offered"    // the host app has not answered
	FileGranted    FileState = "granted"    // it has said where the file goes
	FileDeclined   FileState = "declined"   // it does not want it
	FileUnanswered FileState = "unanswered" // it said nothing in time
	FileExpired    FileState = "expired"    // the upload took too long
	FileWithdrawn  FileState = "withdrawn"  // by the person
	FileUploaded   FileState = "uploaded"
)

// FileID identifies an offer.
type FileID string

// A FileOffer is a file that somebody wants to give to the thread, which the
// host app keeps when it will.
type FileOffer struct {
	ID        FileID
	Thread    ThreadID
	Interview ID     // the room it was offered in
	Ref       string // the page's own name for it
	Author    Participant
	At        time.Time
	File      File
	State     FileState
	Until     time.Time // when it fails by itself, while it is open
	Link      string    // where people open it, once it is granted
	Reason    string    // why it was declined
}

// Open reports whether anything can still become of it.
func (o FileOffer) Open() bool { return o.State == FileOffered || o.State == FileGranted }

// Grant says where people will open the file, and until when it may be
// uploaded; a zero until is UploadFor from now. The error is an *Error.
func (o *FileOffer) Grant(link string, until, now time.Time) error {
	if until.IsZero() {
		until = now.Add(UploadFor)
	}
	switch {
	case o.State != FileOffered:
		return o.closed()
	case !until.After(now) || until.After(now.Add(LongestUploadFor)):
		return errorf(CodeInvalidUpload, "The upload must end in the future, within a day.").at("expires_at")
	}
	o.State, o.Link, o.Until = FileGranted, link, until
	return nil
}

// Decline says that the host app does not want the file, and why, in words for
// the person; they may be empty. The error is an *Error.
func (o *FileOffer) Decline(reason string) error {
	switch {
	case o.State != FileOffered:
		return o.closed()
	case utf8.RuneCountInString(reason) > MaxFileReason || reason != "" && CheckMessage(reason) != nil:
		return errorf(CodeInvalidReason, "The reason must be plain text of at most %d characters.", MaxFileReason).at("reason")
	}
	o.State, o.Reason, o.Until = FileDeclined, reason, time.Time{}
	return nil
}

// Upload says that the file is where the host app wanted it. The error is an
// *Error.
func (o *FileOffer) Upload() error {
	if o.State != FileGranted {
		return o.closed()
	}
	o.State, o.Until = FileUploaded, time.Time{}
	return nil
}

// Withdraw takes the offer back. One that is closed stays as it is.
func (o *FileOffer) Withdraw() (changed bool) {
	if !o.Open() {
		return false
	}
	o.State, o.Until = FileWithdrawn, time.Time{}
	return true
}

// Tick lets an open offer fail whose time is up.
func (o *FileOffer) Tick(now time.Time) (changed bool) {
	if !o.Open() || now.Before(o.Until) {
		return false
	}
	failed := map[FileState]FileState{FileOffered: FileUnanswered, FileGranted: FileExpired}
	o.State, o.Until = failed[o.State], time.Time{}
	return true
}

func (o *FileOffer) closed() *Error {
	said := map[FileState]string{
		FileOffered: "has not been answered", FileGranted: "has been answered", FileDeclined: "was declined",
		FileUnanswered: "was not answered in time", FileExpired: "was not uploaded in time",
		FileWithdrawn: "was taken back", FileUploaded: "has been uploaded",
	}
	return errorf(CodeFileClosed, "The file %s.", said[o.State])
}
