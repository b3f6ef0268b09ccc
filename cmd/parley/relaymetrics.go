package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"parley/turn"
)

// frontMetrics are the families of the shared port and its certificate.
func frontMetrics() []metric {
	return []metric{
		gauge("parley_front_connections", "Connections that are open on the HTTP port.",
			func(s stats) int { return s.front.Open }),
		gauge("parley_front_waiting_connections", "Of those, the ones that have not shown yet what they speak.",
			func(s stats) int { return s.front.Waiting }),
		counterBy("parley_front_told_connections_total", "Connections that were told apart, by what they speak.", "protocol",
			func(s stats) map[string]uint64 { return s.front.Told }),
		counterBy("parley_front_failed_connections_total", "Connections that were closed before that, by reason.", "reason",
			func(s stats) map[string]uint64 { return s.front.Failed }),
		counter("parley_front_accept_errors_total", "Times that no connection could be accepted.",
			func(s stats) uint64 { return s.front.AcceptErrors }),
		{name: "parley_certificate_expiry_timestamp_seconds", help: "When the certificate that is served expires, in Unix time.",
			kind: prometheus.GaugeValue, read: func(s stats) []sample {
				if s.expiry.IsZero() {
					return nil
				}
				return []sample{{value: float64(s.expiry.Unix())}}
			}},
	}
}

// relayMetrics are the families of the relay.
func relayMetrics() []metric {
	return []metric{
		byTransport("parley_turn_allocations", "Relayed connections that are open.", prometheus.GaugeValue,
			func(t turn.TransportStats) float64 { return float64(t.Allocations) }),
		byTransport("parley_turn_allocated_total", "Relayed connections that were opened.", prometheus.CounterValue,
			func(t turn.TransportStats) float64 { return float64(t.Allocated) }),
		byTransport("parley_turn_connections", "TCP and TLS connections to the relay.", prometheus.GaugeValue,
			func(t turn.TransportStats) float64 { return float64(t.Connections) }),
		byTransport("parley_turn_received_packets_total", "Packets relayed from browsers.", prometheus.CounterValue,
			func(t turn.TransportStats) float64 { return float64(t.FromClients.Packets) }),
		byTransport("parley_turn_received_bytes_total", "Bytes of those packets.", prometheus.CounterValue,
			func(t turn.TransportStats) float64 { return float64(t.FromClients.Bytes) }),
		byTransport("parley_turn_sent_packets_total", "Packets relayed to browsers.", prometheus.CounterValue,
			func(t turn.TransportStats) float64 { return float64(t.ToClients.Packets) }),
		byTransport("parley_turn_sent_bytes_total", "Bytes of those packets.", prometheus.CounterValue,
			func(t turn.TransportStats) float64 { return float64(t.ToClients.Bytes) }),
		counterBy("parley_turn_denied_total", "What the relay refused, by reason.", "reason",
			func(s stats) map[turn.DenyReason]uint64 { return s.turn.Denied }),
		counter("parley_turn_auth_failures_total", "Requests to the relay with a wrong, expired or foreign credential.",
			func(s stats) uint64 { return s.turn.AuthFailures }),
		counter("parley_turn_junk_total", "Messages to the relay that are none.",
			func(s stats) uint64 { return s.turn.Junk }),
	}
}

// byTransport is a family of the relay, split by how clients reach it.
func byTransport(name, help string, kind prometheus.ValueType, read func(turn.TransportStats) float64) metric {
	return metric{name: name, help: help, kind: kind, label: "transport", read: func(s stats) []sample {
		return []sample{{"udp", read(s.turn.UDP)}, {"tcp", read(s.turn.TCP)}, {"tls", read(s.turn.TLS)}}
	}}
}
