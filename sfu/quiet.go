package sfu

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// quiet lets Pion log at Debug only. Most of what it calls errors are things
// that a stranger's datagram can bring about.
type quiet struct{ log *slog.Logger }

// NewLogger makes the logger of one of Pion's parts.
func (q quiet) NewLogger(scope string) logging.LeveledLogger {
	return pionLogger{q.log.With("pion", scope)}
}

type pionLogger struct{ log *slog.Logger }

func (l pionLogger) Trace(string)              {}
func (l pionLogger) Tracef(string, ...any)     {}
func (l pionLogger) Debug(string)              {}
func (l pionLogger) Debugf(string, ...any)     {}
func (l pionLogger) Info(string)               {}
func (l pionLogger) Infof(string, ...any)      {}
func (l pionLogger) Warn(m string)             { l.log.Debug("pion warns", "text", m) }
func (l pionLogger) Warnf(f string, a ...any)  { l.format("pion warns", f, a) }
func (l pionLogger) Error(m string)            { l.log.Debug("pion reports an error", "text", m) }
func (l pionLogger) Errorf(f string, a ...any) { l.format("pion reports an error", f, a) }

func (l pionLogger) format(message, f string, a []any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug(message, "text", fmt.Sprintf(f, a...))
	}
}
