package main

import (
	"slices"

	"parley/internal/conference"
	"parley/sfu"
)

// metrics is every family parley exposes of its own parts.
func metrics() []metric {
	return slices.Concat(mediaMetrics(), conferenceMetrics(), signalingMetrics(), webhookMetrics(), chatMetrics(), frontMetrics(), relayMetrics(), recordingMetrics(), zoomMetrics())
}

func mediaMetrics() []metric {
	return []metric{
		gauge("parley_sfu_rooms", "Rooms that media is forwarded in.",
			func(s stats) int { return s.sfu.Rooms }),
		gauge("parley_sfu_peers", "Server ends of participants' connections.",
			func(s stats) int { return s.sfu.Peers }),
		both("parley_sfu_packets_total", "RTP packets from publishers (in) and to viewers (out), retransmissions included.",
			func(s stats) (in, out uint64) { return s.sfu.PacketsIn, s.sfu.PacketsOut }),
		both("parley_sfu_bytes_total", "Bytes of those packets.",
			func(s stats) (in, out uint64) { return s.sfu.BytesIn, s.sfu.BytesOut }),
		counterBy("parley_sfu_packets_dropped_total", "Datagrams and packets that went no further, by reason.", "reason",
			func(s stats) map[sfu.DropReason]uint64 { return s.sfu.Dropped }),
		counter("parley_sfu_retransmitted_packets_total", "Packets sent again to a viewer that asked for them.",
			func(s stats) uint64 { return s.sfu.Retransmitted }),
		counter("parley_sfu_recovered_packets_total", "Lost packets that a publisher sent again in time.",
			func(s stats) uint64 { return s.sfu.Recovered }),
		both("parley_sfu_nacks_total", "Packets asked for again, by viewers (in) and of publishers (out).",
			func(s stats) (in, out uint64) { return s.sfu.NacksIn, s.sfu.NacksOut }),
		both("parley_sfu_keyframe_requests_total", "Keyframe requests, by viewers (in) and to publishers (out).",
			func(s stats) (in, out uint64) { return s.sfu.KeyframeRequestsIn, s.sfu.KeyframeRequestsOut }),
		counter("parley_sfu_seat_switches_total", "Times another publisher's stream was put on a seat.",
			func(s stats) uint64 { return s.sfu.SeatSwitches }),
		counterBy("parley_sfu_failures_total", "Connections that were lost for good, by reason.", "reason",
			func(s stats) map[sfu.FailureReason]uint64 { return s.sfu.Failures }),
	}
}

func conferenceMetrics() []metric {
	return []metric{
		gauge("parley_conference_rooms", "Interviews that are open: scheduled, ringing or live.",
			func(s stats) int { return s.conference.Rooms }),
		gauge("parley_conference_participants", "People in interviews, those reconnecting included.",
			func(s stats) int { return s.conference.Participants }),
		gauge("parley_conference_sessions", "Sessions that are connected, in the lobby or in a room.",
			func(s stats) int { return s.conference.Sessions }),
		counter("parley_conference_entered_total", "Participants who entered a room.",
			func(s stats) uint64 { return s.conference.Entered }),
		counter("parley_conference_resumed_total", "Sessions that came back with seat and media kept.",
			func(s stats) uint64 { return s.conference.Resumed }),
		counter("parley_conference_replaced_total", "Sessions that another one of the same person replaced.",
			func(s stats) uint64 { return s.conference.Replaced }),
		counter("parley_conference_lost_total", "Participants who did not come back within the grace period.",
			func(s stats) uint64 { return s.conference.Lost }),
		counter("parley_conference_store_failures_total", "Writes to the database that failed.",
			func(s stats) uint64 { return s.conference.StoreFailures }),
		histogram("parley_conference_loss_ratio", "Share of packets lost before repair, of each connection every two seconds.", "direction",
			func(s stats) map[string]conference.Histogram { return s.conference.Loss }),
		histogram("parley_conference_round_trip_seconds", "Time to a browser and back, of each connection every two seconds.", "",
			func(s stats) map[string]conference.Histogram {
				return map[string]conference.Histogram{"": s.conference.RTT}
			}),
		histogram("parley_conference_score", "Estimated mean opinion of the sound, 1 to 4.5, of each connection every two seconds.", "direction",
			func(s stats) map[string]conference.Histogram { return s.conference.Score }),
	}
}

func signalingMetrics() []metric {
	return []metric{
		gauge("parley_signaling_sessions", "WebSockets that have been let in.",
			func(s stats) int { return s.signaling.Sessions }),
		gauge("parley_signaling_waiting_sockets", "WebSockets that have not said hello yet.",
			func(s stats) int { return s.signaling.Waiting }),
		counterBy("parley_signaling_upgrades_total", "Requests for a WebSocket, by what became of them.", "result",
			func(s stats) map[string]uint64 { return s.signaling.Upgrades }),
		counterBy("parley_signaling_received_messages_total", "Messages from browsers, by type.", "type",
			func(s stats) map[string]uint64 { return s.signaling.Received }),
		counterBy("parley_signaling_sent_messages_total", "Messages to browsers, by type.", "type",
			func(s stats) map[string]uint64 { return s.signaling.Sent }),
		counterBy("parley_signaling_errors_total", "Errors sent to browsers, by code.", "code",
			func(s stats) map[string]uint64 { return s.signaling.Refused }),
		counterBy("parley_signaling_closed_sockets_total", "WebSockets that ended, by reason.", "reason",
			func(s stats) map[string]uint64 { return s.signaling.Closed }),
	}
}
