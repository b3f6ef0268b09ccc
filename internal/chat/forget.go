package chat

import "time"

const (
	forgetEvery  = time.Hour
	forgetAtOnce = 500 // rows of each kind in one transaction
)

// forget deletes what has been kept long enough.
func (c *Clerk) forget() {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		c.forgetOld()
		select {
		case <-tick.C:
		case <-c.life.Done():
			return
		}
	}
}

func (c *Clerk) forgetOld() {
	for c.life.Err() == nil {
		gone, err := c.cfg.Store.ForgetWritten(c.life, time.Now().Add(-c.cfg.Keep), forgetAtOnce)
		switch {
		case c.life.Err() != nil || err == nil && gone == 0:
			return
		case err != nil:
			c.cfg.Logger.Error("what was written long ago is not deleted yet", "err", err)
			return
		}
		c.cfg.Logger.Info("what was written long ago is deleted", "rows", gone)
	}
}
