package conference

import (
	"sync"

	"parley/internal/interview"
)

// roster is who may use the media relay: everybody a room knows, as the rooms
// keep it up to date. Reading it waits for no room.
type roster struct {
	mu   sync.RWMutex
	know map[seatedIn]struct{}
}

type seatedIn struct {
	interview interview.ID
	user      interview.UserID
}

func newRoster() *roster { return &roster{know: make(map[seatedIn]struct{})} }

func (l *roster) add(id interview.ID, user interview.UserID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.know[seatedIn{id, user}] = struct{}{}
}

func (l *roster) remove(id interview.ID, user interview.UserID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.know, seatedIn{id, user})
}

func (l *roster) has(id interview.ID, user interview.UserID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.know[seatedIn{id, user}]
	return ok
}

// MayRelay reports whether a participant's media may be relayed: they are
// attached to an open room, in its lobby or inside, or within their grace
// period. It does not wait.
func (r *Rooms) MayRelay(id interview.ID, user interview.UserID) bool {
	return r.roster.has(id, user)
}

// strike takes somebody off the roster and tells who carries their media.
func (r *room) strike(user interview.UserID) {
	r.rooms.roster.remove(r.id, user)
	if gone := r.rooms.cfg.Gone; gone != nil {
		gone(r.id, user)
	}
}
