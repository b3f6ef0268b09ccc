package turn

import "time"

// Limits is how much of the relay anybody may have. What is zero is the default.
type Limits struct {
	Allocations    int // in all; 4096
	PerParticipant int // allocations of one participant; 12. A silent one makes way for a new one
	PerAddress     int // allocations of one source address, or IPv6 /64; 128
	Channels       int // of one allocation; 32
	Permissions    int // addresses that one request may name; 16

	BytesPerSecond int // of one allocation, each way; 1,500,000, which is 12 Mbit/s

	Connections        int // TCP and TLS, in all; 4096
	ConnectionsPerAddr int // of one source address, or IPv6 /64; 128

	// Messages of sources without an allocation, each of which may be answered: of
	// one address or /64, and of all. What is beyond is dropped unread.
	MessagesPerSecond    int // 10, and three times as many at once
	AllMessagesPerSecond int // 1000

	// PreAuth is how long a connection lives without an allocation, and Frame how
	// long a message may take to arrive, or to leave. Both 10 s.
	PreAuth, Frame time.Duration
}

func (l Limits) orDefaults() Limits {
	for _, d := range []struct {
		n      *int
		normal int
	}{
		{&l.Allocations, 4096}, {&l.PerParticipant, 12}, {&l.PerAddress, 128},
		{&l.Channels, 32}, {&l.Permissions, 16}, {&l.BytesPerSecond, 1_500_000},
		{&l.Connections, 4096}, {&l.ConnectionsPerAddr, 128},
		{&l.MessagesPerSecond, 10}, {&l.AllMessagesPerSecond, 1000},
	} {
		if *d.n <= 0 {
			*d.n = d.normal
		}
	}
	if l.PreAuth <= 0 {
		l.PreAuth = 10 * time.Second
	}
	if l.Frame <= 0 {
		l.Frame = 10 * time.Second
	}
	return l
}
