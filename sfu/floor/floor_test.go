package floor

import (
	"testing"
	"time"
)

// talk is a microphone played in packets of 20 ms.
type talk struct {
	voices map[string]*Voice
	floor  Floor[string]
	now    time.Time
	holder string
	moves  int
}

func newTalk(names ...string) *talk {
	tk := &talk{voices: map[string]*Voice{}, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, n := range names {
		tk.voices[n] = &Voice{}
	}
	return tk
}

// say lets time pass with each person at a level; who is not named is silent.
func (tk *talk) say(d time.Duration, levels map[string]uint8) {
	for end := tk.now.Add(d); tk.now.Before(end); tk.now = tk.now.Add(20 * time.Millisecond) {
		for name, v := range tk.voices {
			level, ok := levels[name]
			if !ok {
				level = 127
			}
			v.Hear(level, tk.now)
			v.Speaking(tk.now)
		}
		if h, changed := tk.floor.Update(tk.voices, tk.now); changed {
			tk.holder = h
			tk.moves++
		}
	}
}

func TestSomebodySpeaksWithin300Milliseconds(t *testing.T) {
	tk := newTalk("ana", "ben")
	tk.say(2*time.Second, nil)
	tk.say(300*time.Millisecond, map[string]uint8{"ana": 25})
	if !tk.voices["ana"].speaking || tk.holder != "ana" {
		t.Errorf("speaking %v, floor %q", tk.voices["ana"].speaking, tk.holder)
	}
	tk.say(time.Second, map[string]uint8{"ben": 25})
	if tk.holder != "ben" {
		t.Errorf("floor %q, want ben", tk.holder)
	}
}

func TestAClickOfTheTongueIsNotSpeech(t *testing.T) {
	tk := newTalk("ana")
	for range 10 {
		tk.say(40*time.Millisecond, map[string]uint8{"ana": 20})
		tk.say(time.Second, nil)
	}
	if tk.moves != 0 {
		t.Errorf("the floor moved %d times", tk.moves)
	}
}

func TestPausesBetweenWordsAreStillSpeech(t *testing.T) {
	tk := newTalk("ana")
	stops := 0
	for range 20 {
		tk.say(300*time.Millisecond, map[string]uint8{"ana": 25})
		tk.say(400*time.Millisecond, nil)
		if !tk.voices["ana"].speaking {
			stops++
		}
	}
	if stops != 0 {
		t.Errorf("stopped %d times", stops)
	}
	tk.say(time.Second, nil)
	if tk.voices["ana"].speaking {
		t.Error("still speaking after a second of silence")
	}
}

func TestTheFloorDoesNotFlapBetweenTwoWhoTalkAtOnce(t *testing.T) {
	tk := newTalk("ana", "ben")
	for i := range 100 {
		a, b := uint8(25), uint8(27)
		if i%2 == 1 {
			a, b = b, a
		}
		tk.say(100*time.Millisecond, map[string]uint8{"ana": a, "ben": b})
	}
	if tk.moves > 10 {
		t.Errorf("the floor moved %d times in 10 s", tk.moves)
	}
}

func TestMutingEndsSpeechAtOnce(t *testing.T) {
	tk := newTalk("ana")
	tk.say(time.Second, map[string]uint8{"ana": 20})
	if !tk.voices["ana"].Silence() {
		t.Error("muting changed nothing")
	}
	if on, _ := tk.voices["ana"].Speaking(tk.now); on {
		t.Error("speaking while muted")
	}
}
