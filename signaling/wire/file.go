package wire

import "time"

// TypeFile is the type of the messages about files. It travels both ways.
const TypeFile = "file"

// Limits of them, in bytes.
const (
	MaxFileName = 1 << 10 // file.name
	MaxFileSize = 1 << 50 // file.size: what is larger is a mistake
	MaxFileType = 255     // file.media_type
)

// FileAction is what a client does about a file.
type FileAction string

// The actions: a closed set.
const (
	FileOffer    FileAction = "offer"    // it would give it to the thread
	FileUploaded FileAction = "uploaded" // it is where the host app wanted it
	FileWithdraw FileAction = "withdraw" // it takes the offer back
)

// FileState is how far a file is.
type FileState string

// The states: a closed set.
const (
	FileStateOffered    FileState = "offered"    // the host app is asked
	FileStateBlocked    FileState = "blocked"    // its name has contact details
	FileStateGranted    FileState = "granted"    // it may be uploaded
	FileStateDeclined   FileState = "declined"   // the host app does not want it
	FileStateUnanswered FileState = "unanswered" // the host app said nothing in time
	FileStateExpired    FileState = "expired"    // the upload took too long
	FileStateWithdrawn  FileState = "withdrawn"
	FileStateUploaded   FileState = "uploaded"
)

// Codes of refusals of files.
const (
	CodeInvalidFile  Code = "invalid_file"   // its name or type cannot be used, or it is empty
	CodeFileTooLarge Code = "file_too_large" // larger than Welcome says
	CodeFileType     Code = "file_type"      // of another type than Welcome says
	CodeFileClosed   Code = "file_closed"    // there is no such file under way
	CodeTooManyFiles Code = "too_many_files" // wait until those under way have arrived
)

// AskFile says what a client does about a file of its own. Name, Size and
// MediaType come with an offer.
type AskFile struct {
	Action FileAction `json:"action"`
	// Ref is the client's own name for the file, as of a message.
	Ref  string `json:"ref"`
	Name string `json:"name,omitempty"`
	Size int64  `json:"size,omitempty"` // bytes
	// MediaType is what the browser takes it for; empty: it does not know.
	MediaType string `json:"media_type,omitempty"`
}

// File says how far a file of the client's own is.
type File struct {
	Ref   string    `json:"ref"`
	State FileState `json:"state"`
	// Name is the file's as others will see it; absent when it is blocked.
	Name string `json:"name,omitempty"`
	// Upload is there when it is granted.
	Upload *Upload `json:"upload,omitempty"`
	// Reason is the host app's for declining it; it may have none.
	Reason string `json:"reason,omitempty"`
	// Findings are places in the name as it was offered.
	Findings []Finding `json:"findings,omitempty"`
	// Decision can be contested, with Contest.
	Decision string `json:"decision,omitempty"`
}

// Upload is the one request by which a file reaches the host app: its body is
// the file. URL may be a path on the page's own origin.
type Upload struct {
	Method    string         `json:"method"`
	URL       string         `json:"url"`
	Headers   []UploadHeader `json:"headers"`
	ExpiresAt time.Time      `json:"expires_at"`
}

// UploadHeader is a header of an upload.
type UploadHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FileLimits are which files may be offered.
type FileLimits struct {
	MaxSize int64    `json:"max_size"` // bytes
	Types   []string `json:"types"`    // such as application/pdf or image/*; none: all
}

// SharedFile is the file that a message brings. The message's text is its name.
type SharedFile struct {
	ID        string `json:"id"`
	Size      int64  `json:"size"` // bytes
	MediaType string `json:"media_type"`
	// Link is the host app's. It may be a path on the page's own origin.
	Link string `json:"link"`
}

// Type returns "file".
func (AskFile) Type() string { return TypeFile }

// Type returns "file".
func (File) Type() string { return TypeFile }

func (AskFile) fromClient() {}
func (File) fromServer()    {}

func (f *fields) file() AskFile {
	var action string
	f.read("action", &action, "a string")
	m := AskFile{Action: FileAction(action), Ref: f.text("ref", MaxRef, identifier)}
	switch m.Action {
	case FileUploaded, FileWithdraw:
	case FileOffer:
		m.Name = f.text("name", MaxFileName, notNUL)
		m.Size = f.integer("size", 0, MaxFileSize)
		if f.has("media_type") {
			m.MediaType = f.text("media_type", MaxFileType, printable)
		}
	default:
		f.refuse(CodeInvalidValue, `The field "action" must be offer, uploaded or withdraw.`)
	}
	return m
}
