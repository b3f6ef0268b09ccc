package conference

import (
	"parley/internal/interview"
	"parley/sfu"
)

// sources lists every source once, in the order of sfu.Source.
var sources = [...]interview.Source{
	sfu.Mic:         interview.SourceMic,
	sfu.Camera:      interview.SourceCamera,
	sfu.Screen:      interview.SourceScreen,
	sfu.ScreenAudio: interview.SourceScreenAudio,
}

// sourceOf returns the media name of a source; ok is false for one that does not exist.
func sourceOf(s interview.Source) (media sfu.Source, ok bool) {
	for i, known := range sources {
		if known == s {
			return sfu.Source(i), true
		}
	}
	return 0, false
}

// sourceSet is a set of sources.
type sourceSet uint8

func (set sourceSet) has(s sfu.Source) bool { return set&(1<<s) != 0 }

func (set sourceSet) with(s sfu.Source, on bool) sourceSet {
	if on {
		return set | 1<<s
	}
	return set &^ (1 << s)
}

// list returns the sources of the set in the domain's words.
func (set sourceSet) list() []interview.Source {
	var list []interview.Source
	for i, s := range sources {
		if set.has(sfu.Source(i)) {
			list = append(list, s)
		}
	}
	return list
}

// allowed returns what the domain lets a role publish in a mode.
func allowed(mode interview.Mode, role interview.Role) sourceSet {
	var set sourceSet
	for i, s := range sources {
		set = set.with(sfu.Source(i), interview.MayPublish(mode, role, s) == nil)
	}
	return set
}
