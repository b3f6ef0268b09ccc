package conference

import (
	"strings"
	"testing"

	"parley/internal/interview"
	"parley/sfu"
)

// A page that offers a camera all the same, and sends what it can, is refused by
// the answer, and nothing of it reaches anybody.
func TestAnAudioInterviewTakesNoPicture(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeAudio)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		wantCode(t, f.Publish(t.Context(), interview.SourceCamera, true), CodeNotAllowed)
		f.browser.Send(sfu.Camera)
		f.browser.Send(sfu.Screen)

		if frames, sounds := c.flow(0); frames > 0 || sounds < 80 {
			t.Errorf("clara gets %d frames and %d sound packets in 2 s, want sound only", frames, sounds)
		}
		answer := f.browser.PC().RemoteDescription().SDP
		for i, line := range strings.Split(answer, "\r\nm=")[1:] {
			taken := strings.Contains(line, "a=recvonly") || strings.Contains(line, "a=sendrecv")
			if taken && !strings.HasPrefix(line, "audio ") {
				t.Errorf("line %d of the answer takes pictures:\n%s", i, line)
			}
		}
		if !strings.Contains(answer, "a=recvonly") {
			t.Errorf("the answer takes nothing at all:\n%s", answer)
		}
	})
}
