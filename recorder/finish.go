package recorder

import (
	"errors"
	"time"
)

// broke remembers an error for the end of the round.
func (k *keeper) broke(err error) {
	k.failed = errors.Join(k.failed, err)
}

// finish closes everything.
func (k *keeper) finish() error {
	k.now = time.Now()
	for _, l := range k.lanes {
		l.forget()
		l.asm.Drain(l.frame)
		l.count()
	}
	if k.failed != nil {
		return k.failed
	}
	if err := k.sayDropped(); err != nil {
		return err
	}
	for len(k.tapes) > 0 {
		t := k.tapes[0]
		k.tapes = k.tapes[1:]
		f, err := t.close()
		if err != nil {
			return err
		}
		if f.Frames == 0 {
			if err := k.r.dir.Remove(f.Name); err != nil {
				return err
			}
		}
		if err := k.journal.append(entry{At: k.now, Type: entryFile, File: &f}, false); err != nil {
			return err
		}
	}
	if err := k.journal.append(entry{At: time.Now(), Type: entryClosed, Reason: k.stop}, true); err != nil {
		return err
	}
	m := k.journal.manifest()
	if err := writeManifest(k.r.dir, m, k.create); err != nil {
		return err
	}
	if err := errors.Join(k.journal.out.Close(), k.r.dir.Close()); err != nil {
		return err
	}
	k.r.result = m
	k.r.log.Info("recording closed", "recording", k.r.id, "files", len(m.Files), "duration_ms", m.DurationMS)
	k.r.deliver(Closed{Recording: k.r.id, Manifest: m})
	return nil
}

// fail ends the recording because of its disk. What is on it stays; it is closed as
// well as the disk lets it, or later.
func (k *keeper) fail(err error) {
	k.r.shut()
	reason := failureOf(err)
	k.r.err = err
	k.r.recorder.stats.failed.Add(1)
	k.r.log.Error("recording failed", "recording", k.r.id, "reason", string(reason), "err", err)
	k.r.deliver(Failed{Recording: k.r.id, At: time.Now(), Reason: reason, Err: err})
	for _, it := range k.r.take(nil) {
		if it.packet != nil {
			it.packet.Free()
		}
	}
	for _, l := range k.lanes {
		l.asm.Reset()
	}
	for _, t := range k.tapes {
		_ = t.out.Close()
	}
	_ = k.journal.append(entry{At: time.Now(), Type: entryFailed, Reason: string(reason)}, true)
	_ = k.journal.out.Close()
	_ = k.r.dir.Close()
	if reason != DirectoryGone {
		k.r.recorder.closeLater(k.r)
	}
}
