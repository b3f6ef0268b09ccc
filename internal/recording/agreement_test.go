package recording

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/transcript"
	"parley/recorder"
)

// Who is put into writing is decided twice: by the domain, whose answers the database
// keeps, and by what the journal says.
func TestTheDomainAndTheJournalAgreeOnWhomToPutIntoWriting(t *testing.T) {
	people := []interview.Participant{clara, femi, ada}
	states := []interview.ConsentState{interview.ConsentGranted, interview.ConsentGranted, interview.ConsentDeclined, interview.ConsentWithdrawn}
	written := 0
	for seed := range uint64(3000) {
		dice := rand.New(rand.NewPCG(seed, 0))
		now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		p := interview.Policy{RingFor: time.Hour, MaxParticipants: 9}
		iv, _, err := interview.Ring("iv_1", interview.Thread{ID: "t1", Participants: people}, interview.ModeVideo, clara.ID, now, p)
		if err != nil {
			t.Fatal(err)
		}
		iv.Recording.Mode, iv.Recording.Transcripts = interview.RecordingPerTrack, true
		m := recorder.Manifest{Started: now, DurationMS: 3_600_000}
		for _, who := range people {
			if _, err := iv.Join(who, now, p); err != nil {
				t.Fatal(err)
			}
			m.People = append(m.People, recorder.Member{Person: recorder.Person{ID: string(who.ID)}})
			m.Files = append(m.Files, recorder.File{Participant: string(who.ID), Source: recorder.Mic, DurationMS: m.DurationMS})
		}
		journal := func(events []interview.Event) {
			for _, e := range events {
				if c := e.Consent; e.Kind == interview.EventConsentChanged {
					n := slices.IndexFunc(people, func(p interview.Participant) bool { return p.ID == c.Participant })
					m.People[n].Consents = append(m.People[n].Consents, recorder.Receipt{Consent: recorder.Consent{
						Participant: string(c.Participant), Kind: recorder.Kind(c.Kind), Answer: recorder.Answer(c.State), At: c.At,
					}})
				}
			}
		}
		events, err := iv.AskRecording("rec_1", interview.Consent{Participant: clara.ID, Text: "1", Language: "en"}, now)
		if journal(events); err != nil {
			t.Fatal(err)
		}
		for range dice.IntN(14) {
			now = now.Add(time.Duration(dice.IntN(3)) * time.Second)
			c := interview.Consent{Participant: people[dice.IntN(3)].ID, State: states[dice.IntN(4)], Text: "1", Language: "en"}
			if dice.IntN(2) == 0 {
				c.Kind = interview.ConsentTranscription
			}
			events, _ := iv.Answer("rec_1", c, now) // of one that is refused there are none
			journal(events)
		}
		planned := map[interview.UserID]int64{}
		for _, part := range transcript.Plan(m) {
			planned[interview.UserID(part.Participant)] = part.Sounds[0].FromMS
		}
		for _, who := range people {
			c := iv.Recording.Transcribed(who.ID)
			from, ok := planned[who.ID]
			if agreed := c.State == interview.ConsentGranted; ok != agreed || ok && from != c.At.Sub(m.Started).Milliseconds() {
				t.Fatalf("seed %d: of %s, who is %s since %v, is planned %v from %d ms on: %+v", seed, who.ID, c.State, c.At, ok, from, m.People)
			}
			if ok {
				written++
			}
		}
	}
	if written < 500 {
		t.Errorf("in all sequences %d were put into writing, which shows little", written)
	}
}
