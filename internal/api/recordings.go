package api

import (
	"time"

	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
	"parley/recorder/vault"
)

// Recording is where an interview's recording stands. The signaling protocol
// shows it in the same form.
type Recording struct {
	Mode      string    `json:"mode" required:"true" enum:"all,per_track" description:"Recorded while everybody present agrees, or only those who agree."`
	State     string    `json:"state" required:"true" enum:"none,asking,starting,recording,waiting,paused" description:"Only in recording anything is kept. waiting: somebody present has not agreed."`
	ID        string    `json:"id,omitempty" description:"The one under way, or the last one."`
	AskedBy   string    `json:"asked_by,omitempty"`
	StartsAt  time.Time `json:"starts_at,omitzero" description:"The end of the countdown, while it is starting."`
	StartedAt time.Time `json:"started_at,omitzero"`
	Consents  []Consent `json:"consents" required:"true" nullable:"false" description:"The latest answer of each person."`
	Awaited   []string  `json:"awaited" required:"true" nullable:"false" description:"Those present who have not agreed."`

	Transcripts   bool      `json:"transcripts,omitempty" description:"Whoever is recorded is asked as well whether what they say may be put into writing."`
	Transcription []Consent `json:"transcription,omitempty" description:"The latest answer of each person to that."`
}

// Consent is one person's answer to being recorded, or to what they say being put
// into writing.
type Consent struct {
	Participant string    `json:"participant" required:"true"`
	Kind        string    `json:"kind,omitempty" enum:"recording,transcription" description:"Absent where it goes without saying."`
	State       string    `json:"state" required:"true" enum:"granted,declined,withdrawn"`
	Text        string    `json:"text" required:"true" description:"The version of the text they were shown."`
	Language    string    `json:"language" required:"true" description:"The language they were shown it in, as a BCP 47 tag."`
	At          time.Time `json:"at" required:"true"`
}

// recordingJSON is nil where there can be no recording.
func recordingJSON(iv interview.Interview) *Recording {
	r := iv.Recording
	if r.Mode == "" || r.Mode == interview.RecordingOff {
		return nil
	}
	out := &Recording{
		Mode: string(r.Mode), State: string(r.State), ID: string(r.ID), AskedBy: string(r.AskedBy),
		StartsAt: utc(r.StartsAt), StartedAt: utc(r.StartedAt),
		Consents: each(r.Consents, consentJSON), Awaited: each(iv.Awaited(), func(id interview.UserID) string { return string(id) }),
	}
	out.Transcripts = r.Transcripts
	if len(r.Transcription) > 0 {
		out.Transcription = each(r.Transcription, consentJSON)
	}
	if out.State == "" {
		out.State = "none"
	}
	return out
}

func consentJSON(c interview.Consent) Consent {
	return Consent{Participant: string(c.Participant), State: string(c.State), Text: c.Text, Language: c.Language, At: utc(c.At)}
}

// answerJSON is an answer with its kind.
func answerJSON(c interview.Consent) Consent {
	out := consentJSON(c)
	out.Kind = string(c.Kind)
	return out
}

// Recorded is what is on file of a recording.
type Recorded struct {
	ID         string        `json:"id" required:"true"`
	Interview  string        `json:"interview" required:"true"`
	Thread     string        `json:"thread" required:"true"`
	Status     string        `json:"status" required:"true" enum:"open,kept,broken,deleted" description:"open: being written. broken: ended by a failure; what there is can be played."`
	Reason     string        `json:"reason,omitempty" description:"Why it ended."`
	AskedBy    string        `json:"asked_by" required:"true"`
	StartedAt  time.Time     `json:"started_at" required:"true"`
	EndedAt    time.Time     `json:"ended_at,omitzero"`
	Size       int64         `json:"size" required:"true" description:"Bytes of all files; 0 while it is open."`
	Film       string        `json:"film" required:"true" enum:"none,queued,running,ready" description:"What has become of the one picture of it all, interview.mp4."`
	Progress   float64       `json:"film_progress" required:"true" description:"Of a film that is being made: a part of 1."`
	Transcript string        `json:"transcript" required:"true" enum:"none,queued,running,ready,failed" description:"What has become of what people said, put into writing of those who agreed to that."`
	Problem    string        `json:"transcript_problem,omitempty" description:"Of one that failed, in words."`
	Written    []WrittenFile `json:"transcripts" required:"true" nullable:"false" description:"One for each person, and transcript.vtt for all; transcripts.json says whose each is and by whose leave."`
	Held       bool          `json:"held" required:"true" description:"Nobody and no retention deletes it."`
	DeletedAt  time.Time     `json:"deleted_at,omitzero"`
	DeletedBy  string        `json:"deleted_by,omitempty" description:"A participant, or retention or host."`

	JournalSHA256 string `json:"journal_sha256,omitempty" description:"Of the last line of its journal. Kept by the host app as well, it proves the recording even against whoever has this server."`
}

// WrittenFile is what somebody said, as WebVTT.
type WrittenFile struct {
	Name   string `json:"name" required:"true"`
	Size   int64  `json:"size" required:"true"`
	SHA256 string `json:"sha256" required:"true"`
}

// Verification is what checking a recording has found.
type Verification struct {
	Whole         bool     `json:"whole" required:"true" description:"It is as it was recorded."`
	Problems      []string `json:"problems" required:"true" nullable:"false" description:"What is wrong, in sentences."`
	Files         int      `json:"files" required:"true"`
	People        int      `json:"people" required:"true"`
	JournalSHA256 string   `json:"journal_sha256" required:"true" description:"Of the last line of the journal as it is now."`
}

// RecordedList is everything that was recorded of an interview.
type RecordedList struct {
	Recordings []Recorded `json:"recordings" required:"true" nullable:"false"`
}

// Receipt is one answer to one recording.
type Receipt struct {
	Recording string `json:"recording" required:"true"`
	Consent
}

// ConsentList is every answer that was given in an interview.
type ConsentList struct {
	Consents []Receipt `json:"consents" required:"true" nullable:"false"`
}

// RecordingChange says whether a recording is held.
type RecordingChange struct {
	Held bool `json:"held" required:"true"`
}

// Destroyed is the receipt of a destroyed recording. Ids, no names: it is kept.
type Destroyed struct {
	Version     int             `json:"version" required:"true"`
	Recording   string          `json:"recording" required:"true"`
	DestroyedAt time.Time       `json:"destroyed_at" required:"true"`
	By          string          `json:"by" required:"true" description:"The participant for whom it was; empty: nobody."`
	Reason      string          `json:"reason" required:"true" enum:"host,retention,erasure,consent_withdrawn"`
	Files       []DestroyedFile `json:"files" required:"true" nullable:"false"`
	KeySHA256   string          `json:"key_sha256" required:"true" description:"Of the key that opened it, and is gone."`
	Signer      []byte          `json:"signer" required:"true" description:"The public key (Ed25519) of the operator's key."`
	Signature   []byte          `json:"signature" required:"true"`
}

// DestroyedFile is a file that is gone.
type DestroyedFile struct {
	Name   string `json:"name" required:"true"`
	Size   int64  `json:"size" required:"true"`
	SHA256 string `json:"sha256" required:"true"`
}

// LinkBody asks for a link to a recording.
type LinkBody struct {
	User User  `json:"user" required:"true"`
	All  *bool `json:"all,omitempty" description:"Whether the link shows everything, or only what is of the person. Absent: interviewers see everything."`
}

// Link is one person's way to a recording.
type Link struct {
	URL       string    `json:"url" required:"true" description:"It holds the token: send it to nobody else."`
	ExpiresAt time.Time `json:"expires_at" required:"true"`
}

// View is one look at a recording.
type View struct {
	At   time.Time `json:"at" required:"true"`
	User string    `json:"user,omitempty" description:"The person whose link it was; absent: the host app."`
	Key  string    `json:"key,omitempty" description:"The id of the host app's API key."`
	File string    `json:"file" required:"true"`
}

// ViewList is who looked at a recording.
type ViewList struct {
	Views []View `json:"views" required:"true" nullable:"false"`
}

// Opened is what a recording shows one person.
type Opened struct {
	ID         string          `json:"id" required:"true"`
	StartedAt  time.Time       `json:"started_at" required:"true"`
	DurationMS int64           `json:"duration_ms" required:"true"`
	You        string          `json:"you" required:"true"`
	People     []OpenedPerson  `json:"people" required:"true" nullable:"false"`
	Files      []OpenedFile    `json:"files" required:"true" nullable:"false"`
	Chapters   []OpenedChapter `json:"chapters" required:"true" nullable:"false"`
	Whole      *OpenedFilm     `json:"whole,omitempty" description:"One picture of it all, once it is made, for who may see everything."`

	Transcripts []OpenedTranscript `json:"transcripts" required:"true" nullable:"false" description:"What was put into writing, as WebVTT whose times are those of the recording."`
}

// OpenedFilm is one picture of a whole recording.
type OpenedFilm struct {
	URL  string `json:"url" required:"true"`
	Size int64  `json:"size" required:"true"`
}

// OpenedTranscript is what somebody said.
type OpenedTranscript struct {
	URL         string `json:"url" required:"true"`
	Participant string `json:"participant,omitempty" description:"Absent: everybody's."`
	Size        int64  `json:"size" required:"true"`
}

// OpenedPerson is somebody who was recorded.
type OpenedPerson struct {
	ID   string `json:"id" required:"true"`
	Name string `json:"name" required:"true"`
}

// OpenedFile is one source of one person.
type OpenedFile struct {
	Name        string `json:"name" required:"true"`
	URL         string `json:"url" required:"true"`
	Participant string `json:"participant" required:"true"`
	Source      string `json:"source" required:"true" enum:"mic,camera,screen,screen-audio"`
	StartMS     int64  `json:"start_ms" required:"true" description:"Where it begins in the recording."`
	DurationMS  int64  `json:"duration_ms" required:"true"`
	Size        int64  `json:"size" required:"true"`
}

// OpenedChapter is a moment that was marked.
type OpenedChapter struct {
	AtMS  int64  `json:"at_ms" required:"true"`
	Label string `json:"label,omitempty"`
}

func destroyedJSON(r vault.Receipt) Destroyed {
	out := Destroyed{
		Version: r.Version, Recording: r.Recording, DestroyedAt: utc(r.DestroyedAt), By: r.By, Reason: r.Reason,
		Files: []DestroyedFile{}, KeySHA256: r.Key.String(), Signer: r.Signer, Signature: r.Signature,
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, DestroyedFile{Name: f.Name, Size: f.Size, SHA256: f.Sum.String()})
	}
	return out
}

func recordedJSON(r store.Recording, library *recording.Library) Recorded {
	film := library.Film(r.ID)
	return Recorded{
		Transcript: library.TranscriptState(r), Problem: r.TranscriptProblem,
		Written: each(library.Transcripts(r.ID, nil), func(t recording.Transcript) WrittenFile { return WrittenFile{t.Name, t.Size, t.SHA256} }),
		Film:    film.State, Progress: film.Progress,
		ID: string(r.ID), Interview: string(r.Interview), Thread: string(r.Thread), Status: string(r.Status), Reason: r.Reason,
		AskedBy: string(r.AskedBy), StartedAt: utc(r.StartedAt), EndedAt: utc(r.EndedAt), Size: r.Size, Held: r.Held,
		DeletedAt: utc(r.DeletedAt), DeletedBy: r.DeletedBy, JournalSHA256: r.JournalHead,
	}
}
