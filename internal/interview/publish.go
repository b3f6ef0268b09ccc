package interview

// A Source is what a participant publishes.
type Source string

// The sources.
const (
	SourceMic         Source = "mic"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen-audio"
)

// Sources returns all sources, in the order in which people think of them.
func Sources() []Source {
	return []Source{SourceMic, SourceCamera, SourceScreen, SourceScreenAudio}
}

// MayPublish says whether a participant with role r may publish s in an
// interview of mode m: nothing for an observer, only the microphone in an audio
// interview, everything otherwise. Unknown modes, roles and sources may not.
// The error is an *Error with CodeNotAllowed.
func MayPublish(m Mode, r Role, s Source) error {
	switch s {
	case SourceMic, SourceCamera, SourceScreen, SourceScreenAudio:
	default:
		return errorf(CodeNotAllowed, "There is no such source as %.32q.", string(s))
	}
	switch {
	case !m.Valid() || !r.Valid():
		return errorf(CodeNotAllowed, "Nothing can be published here.")
	case r == RoleObserver:
		return errorf(CodeNotAllowed, "An observer can see and hear, but not be seen or heard.")
	case m == ModeAudio && s != SourceMic:
		return errorf(CodeNotAllowed, "This is an audio interview: only the microphone can be used.")
	}
	return nil
}
