package zoom

// ClientStats are counters since the client was made.
type ClientStats struct {
	Requests map[string]uint64 // by operation
	Failures map[Kind]uint64
}

// Stats returns the counters.
func (c *Client) Stats() ClientStats {
	s := ClientStats{Requests: map[string]uint64{}, Failures: map[Kind]uint64{}}
	for i, name := range operations {
		s.Requests[name] = c.counts.requests[i].Load()
	}
	for i, kind := range Kinds() {
		s.Failures[kind] = c.counts.failures[i].Load()
	}
	return s
}
