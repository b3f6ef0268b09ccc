package main

import (
	"context"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/api"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/recorder/render"
)

// openLibrary opens the recordings. It comes before the rooms, and is closed after
// them: a room that ends has its recording closed.
func (s *server) openLibrary(ctx context.Context) (err error) {
	c := s.cfg.Recording
	if !c.Enabled {
		return nil
	}
	dir, key := c.Dir, c.KeyFile
	if dir == "" {
		dir = filepath.Join(s.cfg.Data, "recordings")
	}
	if key == "" {
		key = filepath.Join(s.cfg.Data, "recording.key")
	}
	config := recording.Config{
		Dir: dir, KeyFile: key, Store: s.store, Keep: c.Keep, Logger: s.log,
		Encode: api.EncodeEvent,
		Publish: func(e interview.Event) {
			if rooms := s.watched.Load(); rooms != nil {
				rooms.Announce(e)
			}
		},
	}
	storage, err := c.storage()
	if err != nil {
		return err
	}
	if storage != nil {
		config.Storage = storage
		s.started.add("storage", func(context.Context) error { return storage.Close() })
	}
	if c.Film || c.isTranscribed() {
		ffmpeg, err := render.Locate(c.FFmpeg)
		if c.Film {
			config.FFmpeg = ffmpeg
			if err != nil {
				s.log.Info("no films are made of recordings", "err", err)
			}
		}
		if err := s.useTranscripts(&config, ffmpeg, err); err != nil {
			return err
		}
	}
	if s.recordings, err = recording.Open(ctx, config); err != nil {
		return err
	}
	s.started.add("recordings", s.recordings.Close)
	if s.recordings.Made() {
		s.log.Warn("a key for recordings was made: keep a copy of it elsewhere, for without it none can be opened", "file", key)
	}
	return nil
}

// useTranscripts has recordings put into writing, where that is set up.
func (s *server) useTranscripts(config *recording.Config, ffmpeg *render.FFmpeg, missing error) (err error) {
	c := s.cfg.Recording
	if !c.isTranscribed() {
		return nil
	}
	if ffmpeg == nil {
		config.NoTranscripts = "Nothing is put into writing without ffmpeg: " + missing.Error()
		s.log.Error("nothing is put into writing", "err", missing)
		return nil
	}
	if config.Transcripts, err = c.maker(ffmpeg); err != nil {
		return err
	}
	config.AtOnce = c.Transcripts.AtOnce
	s.transcripts = true
	s.started.add("transcripts", func(context.Context) error { config.Transcripts.Service.Close(); return nil })
	return nil
}

// recorder is what rooms record with; nil without a library.
func (s *server) recorder() conference.Recorder {
	if s.recordings == nil {
		return nil
	}
	return s.recordings
}

// recordingMetrics are the families of the recorder.
func recordingMetrics() []metric {
	return []metric{
		gauge("parley_recording_live", "Recordings that are being written.",
			func(s stats) int { return s.recorder.Live }),
		counter("parley_recording_started_total", "Recordings that were begun.",
			func(s stats) uint64 { return uint64(s.recorder.Started) }),
		counter("parley_recording_failed_total", "Recordings that ended because they could not be written.",
			func(s stats) uint64 { return uint64(s.recorder.Failed) }),
		counter("parley_recording_written_bytes_total", "Bytes of sound and picture that were written.",
			func(s stats) uint64 { return uint64(s.recorder.WrittenBytes) }),
		counter("parley_recording_dropped_packets_total", "Packets that were not kept because the disk did not follow.",
			func(s stats) uint64 { return uint64(s.recorder.DroppedPackets) }),
		gauge("parley_recording_transcripts_waiting", "Recordings that are to be put into writing, or are being.",
			func(s stats) int { return s.transcripts.Waiting }),
		counterBy("parley_recording_transcripts_total", "Recordings that were put into writing, by what became of it.", "result",
			func(s stats) map[string]uint64 { return s.transcripts.Ended }),
		{name: "parley_recording_disk_free_bytes", help: "Room on the disk that recordings are written to.",
			kind: prometheus.GaugeValue, read: func(s stats) []sample {
				if s.recorder.DiskOf == 0 {
					return nil
				}
				return []sample{{value: float64(s.recorder.DiskFree)}}
			}},
	}
}
