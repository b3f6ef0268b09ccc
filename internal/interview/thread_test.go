package interview

import (
	"strconv"
	"strings"
	"testing"
)

func TestWhatAThreadMustBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Thread)
		want   string // part of the message; empty: valid
	}{
		"as it should be":         {func(*Thread) {}, ""},
		"no title":                {func(t *Thread) { t.Title = "" }, ""},
		"a long title":            {func(t *Thread) { t.Title = strings.Repeat("ü", MaxTitleLength) }, ""},
		"too long a title":        {func(t *Thread) { t.Title = strings.Repeat("x", MaxTitleLength+1) }, "title"},
		"a title of two lines":    {func(t *Thread) { t.Title = "a\r\nb" }, "title"},
		"a title that is no text": {func(t *Thread) { t.Title = "\xc3\x28" }, "title"},
		"no id":                   {func(t *Thread) { t.ID = "" }, "thread's id"},
		"a path for an id":        {func(t *Thread) { t.ID = "../etc" }, "thread's id"},
		"a long id":               {func(t *Thread) { t.ID = ThreadID(strings.Repeat("x", MaxIDLength)) }, ""},
		"too long an id":          {func(t *Thread) { t.ID = ThreadID(strings.Repeat("x", MaxIDLength+1)) }, "thread's id"},
		"nobody":                  {func(t *Thread) { t.Participants = nil }, "at least one"},
		"as many as can be":       {func(t *Thread) { t.Participants = people(MaxThreadParticipants) }, ""},
		"one too many":            {func(t *Thread) { t.Participants = people(MaxThreadParticipants + 1) }, "at most 32"},
		"one person twice":        {func(t *Thread) { t.Participants = append(t.Participants, clara) }, "twice"},
		"somebody without an id":  {func(t *Thread) { t.Participants[0].ID = "" }, "participant's id"},
		"an address for an id":    {func(t *Thread) { t.Participants[0].ID = "clara@example.com" }, "participant's id"},
		"somebody without a name": {func(t *Thread) { t.Participants[0].Name = "" }, ""},
		"a name with a joiner":    {func(t *Thread) { t.Participants[0].Name = "👩\u200d💻 نام" }, ""},
		"a long name":             {func(t *Thread) { t.Participants[0].Name = strings.Repeat("日", MaxNameLength) }, ""},
		"too long a name":         {func(t *Thread) { t.Participants[0].Name = strings.Repeat("x", MaxNameLength+1) }, "name"},
		"a name turned around":    {func(t *Thread) { t.Participants[0].Name = "\u202earalC" }, "name"},
		"a name with a bell":      {func(t *Thread) { t.Participants[0].Name = "Clara\a" }, "name"},
		"no role":                 {func(t *Thread) { t.Participants[0].Role = "" }, "role"},
		"a candidate":             {func(t *Thread) { t.Participants[0].Role = "candidate" }, "role"},
		"an interpreter":          {func(t *Thread) { t.Participants[0].Role = RoleInterpreter }, ""},
		"an active contract":      {func(t *Thread) { t.Contract = Contract{State: ContractActive, EffectiveAt: noon} }, ""},
		"a contract of none":      {func(t *Thread) { t.Contract.State = ContractNone }, ""},
		"a contract of sorts":     {func(t *Thread) { t.Contract.State = "signed" }, "contract"},
	} {
		t.Run(name, func(t *testing.T) {
			th := thread()
			c.change(&th)
			err := th.Validate()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantCode(t, err, CodeInvalidThread)
			if err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q says nothing of %q", err, c.want)
			}
		})
	}
}

func people(n int) []Participant {
	var out []Participant
	for k := range n {
		out = append(out, Participant{ID: UserID("p" + strconv.Itoa(k)), Role: RoleInterviewee})
	}
	return out
}

func TestAThreadKnowsItsParticipants(t *testing.T) {
	if p, ok := thread().Participant(femi.ID); !ok || p != femi {
		t.Errorf("got %v, %v", p, ok)
	}
	if p, ok := thread().Participant("stranger"); ok {
		t.Errorf("got %v", p)
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "A-z_0.9:x": true, "01J9ZC3": true, "...": true,
		"": false, ".": false, "..": false, "a b": false, "a/b": false, "ä": false, "a\x00": false, "a%20": false,
	} {
		if ValidID(id) != want {
			t.Errorf("ValidID(%q) = %v", id, !want)
		}
	}
}

func TestWhoMayPublishWhat(t *testing.T) {
	all, mic, none := "mic camera screen screen-audio", "mic", ""
	for _, c := range []struct {
		mode Mode
		role Role
		want string
	}{
		{ModeVideo, RoleInterviewer, all}, {ModeVideo, RoleInterviewee, all}, {ModeVideo, RoleInterpreter, all}, {ModeVideo, RoleObserver, none},
		{ModeAudio, RoleInterviewer, mic}, {ModeAudio, RoleInterviewee, mic}, {ModeAudio, RoleInterpreter, mic}, {ModeAudio, RoleObserver, none},
		{ModeVideo, "", none}, {ModeVideo, "candidate", none}, {"", RoleInterviewer, none}, {"instant", RoleInterviewer, none},
	} {
		var got []string
		for _, s := range append(Sources(), "", "Mic", "camera2") {
			err := MayPublish(c.mode, c.role, s)
			if err == nil {
				got = append(got, string(s))
				continue
			}
			wantCode(t, err, CodeNotAllowed)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s: got %q, want %q", c.mode, c.role, got, c.want)
		}
	}
}
