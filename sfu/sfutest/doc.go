// Package sfutest is for tests of the media plane: a network with chosen
// faults, and browsers that speak, show and watch by a script.
//
// A Network is a set of hosts in one process. Each browser's way to the rest
// of the world has delay, jitter, reordering, loss in runs and a rate with a
// queue of its own in either direction, seeded, and changeable in the middle of a
// call; a Router is shared by several. A browser may meet a blackout, a firewall,
// a NAT that forgets and another network. Nothing in it needs a real
// socket or a real clock, so that a test in a testing/synctest bubble plays an
// hour of call in a minute.
//
// A Browser is a Pion client with Pion's own interceptors, which answer for
// retransmission, congestion feedback and reports: none of the code under
// test. Its requests for packets, its send budget and its layers are this
// package's own, modelled on browsers where Pion is unlike them. What it publishes is shaped like VP8 and Opus, and each packet says
// who made it, as which frame, and when. What it receives it puts in order and
// checks as a decoder would: nothing missing, nothing twice, picture ids and
// timestamps that go on, pictures that need only pictures received, sound and
// picture in step. Freezes and concealment are those of WebRTC's statistics, at
// an adaptive jitter buffer. Received tells what came of it.
//
//	network := sfutest.NewNetwork(t)
//	alice := network.Browser("alice", sfutest.Up(sfutest.Path{Delay: 25 * time.Millisecond, Loss: 0.05}))
//	answer := … alice.Offer(2) …
//	alice.Accept(answer)
//	alice.Send(sfu.Camera)
//	…
//	alice.Seat(0).Video().Frames
package sfutest
