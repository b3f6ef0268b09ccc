package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/front"
	"parley/internal/recording"
	"parley/internal/webhook"
	"parley/internal/zoom"
	"parley/recorder"
	"parley/sfu"
	"parley/signaling"
	"parley/turn"
)

// stats is what the parts have counted, read at one moment.
type stats struct {
	sfu         sfu.Stats
	conference  conference.Stats
	signaling   signaling.Stats
	front       front.Stats
	turn        turn.Stats
	expiry      time.Time // of the certificate; zero: none
	webhook     webhook.Stats
	zoom        zoom.Stats
	chat        chat.Stats
	recorder    recorder.Stats
	transcripts recording.TranscriptStats
}

// metric is one family of the exposition. docs/metrics.md has a row for each;
// a test compares the two.
type metric struct {
	name  string
	help  string
	kind  prometheus.ValueType
	label string // empty for a family of one
	read  func(stats) []sample

	distributions func(stats) map[string]conference.Histogram // instead of read, by label
}

// sample is one value of a metric; label is from a closed set.
type sample struct {
	label string
	value float64
}

func counter(name, help string, read func(stats) uint64) metric {
	return metric{name: name, help: help, kind: prometheus.CounterValue, read: func(s stats) []sample {
		return []sample{{value: float64(read(s))}}
	}}
}

func gauge(name, help string, read func(stats) int) metric {
	return metric{name: name, help: help, kind: prometheus.GaugeValue, read: func(s stats) []sample {
		return []sample{{value: float64(read(s))}}
	}}
}

// counterBy is a counter split by a label with the values of m's keys.
func counterBy[K ~string](name, help, label string, read func(stats) map[K]uint64) metric {
	return metric{name: name, help: help, kind: prometheus.CounterValue, label: label, read: func(s stats) []sample {
		var samples []sample
		for key, n := range read(s) {
			samples = append(samples, sample{string(key), float64(n)})
		}
		return samples
	}}
}

// both is a counter split by direction, in and out as the server sees it.
func both(name, help string, read func(stats) (in, out uint64)) metric {
	return metric{name: name, help: help, kind: prometheus.CounterValue, label: "direction", read: func(s stats) []sample {
		in, out := read(s)
		return []sample{{"in", float64(in)}, {"out", float64(out)}}
	}}
}

// histogram is a distribution, split by label when there is one.
func histogram(name, help, label string, read func(stats) map[string]conference.Histogram) metric {
	return metric{name: name, help: help, label: label, distributions: read}
}

// collector turns the parts' counters into metrics on scrape. The parts know
// nothing of Prometheus.
type collector struct {
	metrics []metric
	descs   []*prometheus.Desc
	read    func() stats
}

func newCollector(read func() stats) *collector {
	c := &collector{metrics: metrics(), read: read}
	for _, m := range c.metrics {
		var labels []string
		if m.label != "" {
			labels = []string{m.label}
		}
		c.descs = append(c.descs, prometheus.NewDesc(m.name, m.help, labels, nil))
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		descs <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	now := c.read()
	for i, m := range c.metrics {
		if m.distributions != nil {
			c.collectHistograms(c.descs[i], m, now, out)
			continue
		}
		for _, s := range m.read(now) {
			var labels []string
			if m.label != "" {
				labels = []string{s.label}
			}
			out <- prometheus.MustNewConstMetric(c.descs[i], m.kind, s.value, labels...)
		}
	}
}

func (c *collector) collectHistograms(desc *prometheus.Desc, m metric, now stats, out chan<- prometheus.Metric) {
	for label, h := range m.distributions(now) {
		buckets := make(map[float64]uint64, len(h.Bounds))
		var below uint64
		for i, bound := range h.Bounds {
			below += h.Counts[i]
			buckets[bound] = below
		}
		var labels []string
		if m.label != "" {
			labels = []string{label}
		}
		out <- prometheus.MustNewConstHistogram(desc, h.Count(), h.Sum, buckets, labels...)
	}
}

// newMetricsHandler serves the counters of s, and those of the Go runtime and
// the process.
func newMetricsHandler(s *server) http.Handler {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: buildMetric, Help: buildHelp, ConstLabels: prometheus.Labels{"version": versionName()},
	})
	build.Set(1)
	registry.MustRegister(
		build,
		newCollector(func() stats {
			now := stats{
				sfu: s.engine.Stats(), conference: s.rooms.Stats(), signaling: s.signaling.Stats(), front: s.front.Stats(),
				expiry: s.expiry(), webhook: s.webhooks.Stats(), chat: s.chat.Stats(), zoom: s.zoom.Stats(),
			}
			if s.relay.server != nil {
				now.turn = s.relay.server.Stats()
			}
			if s.recordings != nil {
				now.recorder = s.recordings.Stats()
				now.transcripts = s.recordings.TranscriptStats()
			}
			return now
		}),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
}

const (
	buildMetric = "parley_build_info"
	buildHelp   = "Always 1; its label says which version runs."
)
