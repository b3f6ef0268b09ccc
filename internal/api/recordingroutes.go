package api

import (
	"net/http"
	"strings"
	"time"
)

type recordingParams struct {
	Recording string `path:"recording" required:"true" minLength:"1" maxLength:"128" description:"The recording's id."`
}

type deleteRecordingParams struct {
	Recording string `path:"recording" required:"true" minLength:"1" maxLength:"128" description:"The recording's id."`
	By        string `query:"by" maxLength:"128" description:"The participant for whom it is deleted; absent: the host app itself."`
}

type transcriptParams struct {
	Recording   string `path:"recording" required:"true" minLength:"1" maxLength:"128" description:"The recording's id."`
	Participant string `path:"participant" required:"true" minLength:"1" maxLength:"128" description:"The id of the person who said it."`
}

type fileParams struct {
	Recording string `path:"recording" required:"true" minLength:"1" maxLength:"128" description:"The recording's id."`
	File      string `path:"file" required:"true" minLength:"1" maxLength:"128" description:"A name from the recording's manifest, or manifest.json."`
}

func recordingRoutes() []route {
	gone := []Code{CodeNotFound, CodeNoRecorder, CodeRecordingOpen, CodeRecordingDeleted}
	return []route{
		{
			method: http.MethodGet, path: "/v1/interviews/{interview}/recordings", id: "listRecordings", tag: "recordings",
			summary: "List what was recorded of an interview", description: "Deleted recordings stay in the list, without their files.", params: interviewParams{},
			answers: []answer{{status: http.StatusOK, description: "All of them, in order.", body: RecordedList{Recordings: []Recorded{exampleRecorded()}}}},
			codes:   []Code{CodeNotFound, CodeNoRecorder}, serve: (*Server).listRecordings,
		},
		{
			method: http.MethodGet, path: "/v1/interviews/{interview}/consents", id: "listConsents", tag: "recordings",
			summary: "List every answer to being recorded", description: "Each with the recording it was about: what a receipt is made from.", params: interviewParams{},
			answers: []answer{{status: http.StatusOK, description: "All of them, oldest first.", body: ConsentList{Consents: []Receipt{{Recording: exampleRecordingID, Consent: exampleConsent()}}}}},
			codes:   []Code{CodeNotFound, CodeNoRecorder}, serve: (*Server).listConsents,
		},
		{
			method: http.MethodGet, path: "/v1/recordings/{recording}", id: "getRecording", tag: "recordings",
			summary: "Read a recording", params: recordingParams{},
			answers: []answer{{status: http.StatusOK, description: "What is on file of it.", body: exampleRecorded()}},
			codes:   []Code{CodeNotFound, CodeNoRecorder}, serve: (*Server).getRecording,
		},
		{
			method: http.MethodGet, path: "/v1/recordings/{recording}/verification", id: "verifyRecording", tag: "recordings",
			summary:     "Check that a recording is as it was recorded",
			description: "Reads all of it, wherever it lies: every file's hash, the chain of the journal, and that the journal ends as the database remembers.",
			params:      recordingParams{},
			answers:     []answer{{status: http.StatusOK, description: "What was found.", body: Verification{Whole: true, Problems: []string{}, Files: 4, People: 2, JournalSHA256: strings.Repeat("c2", 32)}}},
			codes:       gone, serve: (*Server).verifyRecording,
		},
		{
			method: http.MethodPatch, path: "/v1/recordings/{recording}", id: "changeRecording", tag: "recordings",
			summary: "Hold a recording, or let go of it", description: "What is held is deleted by nobody and by no retention, for a dispute.", params: recordingParams{}, body: RecordingChange{Held: true},
			answers: []answer{{status: http.StatusOK, description: "The recording as it is now.", body: exampleRecorded()}},
			codes:   gone, serve: (*Server).changeRecording,
		},
		{
			method: http.MethodDelete, path: "/v1/recordings/{recording}", id: "deleteRecording", tag: "recordings",
			summary:     "Destroy a recording",
			description: "First its keys, so that no copy opens any more, then its files. Deleting it again gives the same receipt again.",
			params:      deleteRecordingParams{},
			answers:     []answer{{status: http.StatusOK, description: "The receipt, signed with the operator's key.", body: exampleDestroyed()}},
			codes:       []Code{CodeNotFound, CodeNoRecorder, CodeRecordingOpen, CodeRecordingHeld}, serve: (*Server).deleteRecording,
		},
		{
			method: http.MethodPost, path: "/v1/recordings/{recording}/link", id: "linkRecording", tag: "recordings",
			summary:     "Make one person's link to a recording",
			description: "It is good for an hour. Interviewers see everything, others what is of themselves, unless `all` says otherwise.",
			params:      recordingParams{}, body: LinkBody{User: User{ID: "client"}},
			answers: []answer{{status: http.StatusCreated, description: "The link.", body: Link{URL: "https://calls.example.com/recordings/" + exampleRecordingID + "#token=eyJ…", ExpiresAt: exampleAt.Add(time.Hour)}}},
			codes:   append([]Code{CodeNotAParticipant}, gone...), serve: (*Server).linkRecording,
		},
		{
			method: http.MethodGet, path: "/v1/recordings/{recording}/views", id: "listViews", tag: "recordings",
			summary: "List who looked at a recording, newest first", params: recordingParams{},
			answers: []answer{{status: http.StatusOK, description: "The latest hundred.", body: ViewList{Views: []View{{At: exampleAt, User: "client", File: "manifest.json"}}}}},
			codes:   []Code{CodeNotFound, CodeNoRecorder}, serve: (*Server).listViews,
		},
		{
			method: http.MethodGet, path: "/v1/recordings/{recording}/files/{file}", id: "getRecordingFile", tag: "recordings", open: true,
			summary:     "Read a file of a recording",
			description: "With an API key, or the cookie that opening a link has set. Takes range requests. Each first look is written down.",
			params:      fileParams{},
			answers:     []answer{{status: http.StatusOK, description: "The file.", media: "application/octet-stream"}},
			codes:       append([]Code{CodeUnauthorized, CodeScopeMissing}, gone...), serve: (*Server).getRecordingFile,
		},
		{
			method: http.MethodDelete, path: "/v1/recordings/{recording}/transcripts/{participant}", id: "deleteTranscript", tag: "recordings", open: true,
			summary: "Take back an agreement to be put into writing, and destroy the transcript",
			description: "With the cookie of a link for oneself, or an API key for anybody. The answer is on file as one of the kind transcription; " +
				"what others said is put together anew. That there is nothing to take back is no error.",
			params:  transcriptParams{},
			answers: []answer{{status: http.StatusNoContent, description: "Nobody can open it any more."}},
			codes:   append([]Code{CodeUnauthorized, CodeScopeMissing, CodeRecordingHeld}, gone...), serve: (*Server).deleteTranscript,
		},
		{
			method: http.MethodDelete, path: "/v1/recordings/{recording}/tracks/{participant}", id: "deleteTracks", tag: "recordings",
			summary: "Destroy what was recorded of one person",
			description: "What is of the others stays. What shows everybody goes with it: the film, and the transcript of all. " +
				"That there is nothing of them is no error.",
			params:  transcriptParams{},
			answers: []answer{{status: http.StatusNoContent, description: "Nobody can open it any more."}},
			codes:   append([]Code{CodeRecordingHeld}, gone...), serve: (*Server).deleteTracks,
		},
		{
			method: http.MethodPost, path: "/v1/recordings/{recording}/open", id: "openRecording", tag: "recordings", open: true,
			summary:     "Open a link to a recording",
			description: "For the page of the recording: takes the link's token as Authorization: Bearer, and keeps it as a cookie for this recording alone.",
			params:      recordingParams{},
			answers:     []answer{{status: http.StatusOK, description: "What this person may see.", body: exampleOpened()}},
			codes:       append([]Code{CodeUnauthorized}, gone...), serve: (*Server).openRecording,
		},
		{
			method: http.MethodPost, path: "/v1/recordings/{recording}/deletion", id: "askForDeletion", tag: "recordings", open: true,
			summary:     "Ask for a recording to be deleted",
			description: "For the page of the recording, with its cookie. The host app hears of it as recording.deletion_requested.",
			params:      recordingParams{},
			answers:     []answer{{status: http.StatusAccepted, description: "The wish was passed on."}},
			codes:       append([]Code{CodeUnauthorized}, gone...), serve: (*Server).askForDeletion,
		},
	}
}

const exampleRecordingID = "rec_01KJPVJ3G0XW2M8QF5T7R9B4CE"

func exampleConsent() Consent {
	return Consent{Participant: "client", Kind: "recording", State: "granted", Text: "2026-11", Language: "en", At: exampleAt}
}

func exampleRecorded() Recorded {
	return Recorded{
		ID: exampleRecordingID, Interview: exampleID, Thread: "th_4711", Status: "kept", Reason: "stopped", AskedBy: "client",
		StartedAt: exampleAt, EndedAt: exampleAt.Add(time.Minute), Size: 4_711_000, Film: "running", Progress: 0.4,
		JournalSHA256: strings.Repeat("c2", 32),
		Transcript:    "ready", Written: []WrittenFile{{Name: "transcript-001.vtt", Size: 4711, SHA256: strings.Repeat("0a", 32)}},
	}
}

func exampleDestroyed() Destroyed {
	return Destroyed{
		Version: 1, Recording: exampleRecordingID, DestroyedAt: exampleAt, By: "", Reason: "host",
		Files:     []DestroyedFile{{Name: "client-camera.webm", Size: 4_711_000, SHA256: strings.Repeat("0a", 32)}},
		KeySHA256: strings.Repeat("b1", 32), Signer: []byte("public key"), Signature: []byte("signature"),
	}
}

func exampleOpened() Opened {
	return Opened{
		ID: exampleRecordingID, StartedAt: exampleAt, DurationMS: 60_000, You: "client",
		People: []OpenedPerson{{ID: "client", Name: "Clara Novak"}},
		Files: []OpenedFile{{
			Name: "client-camera.webm", URL: "/v1/recordings/" + exampleRecordingID + "/files/client-camera.webm",
			Participant: "client", Source: "camera", DurationMS: 60_000, Size: 4_711_000,
		}},
		Chapters:    []OpenedChapter{{AtMS: 12_000, Label: "Question 2"}},
		Transcripts: []OpenedTranscript{{URL: "/v1/recordings/" + exampleRecordingID + "/files/transcript-001.vtt", Participant: "client", Size: 4711}},
		Whole:       &OpenedFilm{URL: "/v1/recordings/" + exampleRecordingID + "/files/interview.mp4", Size: 5_300_000},
	}
}
