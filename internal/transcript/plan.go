package transcript

import (
	"fmt"

	"parley/recorder"
)

// Names of what is made of a recording, beside its own files.
const (
	Merged = "transcript.vtt"   // everybody's
	Index  = "transcripts.json" // who wrote what, of whom, by whose leave
)

// A Part is one person of whom something may be written.
type Part struct {
	Participant string
	Speaker     string // their name
	File        string // what is made
	Sounds      []Sound
	Consent     recorder.Receipt
}

// Sound is one file of what a person said.
type Sound struct {
	Name    string
	StartMS int64 // position of the file's zero
	FromMS  int64 // position from which on it may be heard
}

// FileName is the name of a person's transcript: that of the nth of a manifest's
// people, counted from 0.
func FileName(n int) string { return fmt.Sprintf("transcript-%03d.vtt", n+1) }

// Plan says of whom something may be written, and from when on: of those whose last
// answers to being recorded and to transcription are both a yes. What they said before
// the latter is not heard. Screens are not heard either: others speak there.
func Plan(m recorder.Manifest) []Part {
	var parts []Part
	for n, who := range m.People {
		last := map[recorder.Kind]recorder.Receipt{}
		for _, r := range who.Consents {
			if r.Kind != recorder.KindTranscription || r.Answer != recorder.Granted || last[r.Kind].Answer != recorder.Granted {
				last[r.Kind] = r // of a yes said twice the first counts
			}
		}
		agreed := last[recorder.KindTranscription]
		if agreed.Answer != recorder.Granted || last[recorder.KindRecording].Answer != recorder.Granted {
			continue
		}
		p := Part{Participant: who.ID, Speaker: who.Name, File: FileName(n), Consent: agreed}
		if plain(p.Speaker, maxName) == "" {
			p.Speaker = who.ID
		}
		from := m.Position(agreed.At)
		for _, f := range m.Files {
			if f.Participant == who.ID && f.Source == recorder.Mic && f.StartMS+f.DurationMS > from {
				p.Sounds = append(p.Sounds, Sound{Name: f.Name, StartMS: f.StartMS, FromMS: max(from, f.StartMS)})
			}
		}
		if len(p.Sounds) > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}
