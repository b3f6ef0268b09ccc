package forward

// AV1Keyframe reports whether a payload begins a new coded video sequence: the N
// bit of the aggregation header (AV1 RTP specification §4.4). A decoder can begin
// there, and nowhere else without having had what came before.
func AV1Keyframe(payload []byte) bool {
	const continues, begins = 0x80, 0x08 // Z and N
	return len(payload) > 1 && payload[0]&begins != 0 && payload[0]&continues == 0
}
