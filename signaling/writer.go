package signaling

import (
	"errors"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"parley/signaling/wire"
)

// write is the socket's writer. It returns after the close frame, or when
// nobody is there to write to.
func (c *socket) write() {
	defer c.linger()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	rotation := time.NewTicker(rotateEvery)
	defer rotation.Stop()
	var servers func() []wire.ICEServer // nil: there is no relay
	for {
		select {
		case <-c.out.ready:
			if done := c.flush(); done {
				return
			}
		case <-ping.C:
			if err := c.control(websocket.PingMessage, nil); err != nil {
				c.broken(err)
				return
			}
		case servers = <-c.rotate:
			rotation.Reset(rotateEvery)
		case <-rotation.C:
			if servers != nil {
				c.out.put(item{message: wire.ICEServers{ICEServers: servers()}})
			}
		case <-c.hello.C:
			c.out.close(fatalEnding(wire.CodeHelloLate), fatalError(wire.CodeHelloLate))
		}
	}
}

// flush writes what waits and reports whether there is nothing more to come.
func (c *socket) flush() (done bool) {
	items, end := c.out.take()
	if end != nil && end.code == 0 {
		return true
	}
	for _, i := range items {
		if err := c.send(i); err != nil {
			c.broken(err)
			return true
		}
	}
	if end == nil {
		return false
	}
	c.closeFrame(*end)
	return true
}

func (c *socket) send(i item) error {
	if i.message == nil {
		return c.control(websocket.PongMessage, i.pong)
	}
	data, err := wire.Encode(i.message)
	if err != nil {
		c.server.log.Error("message not encoded", "type", i.message.Type(), "err", err)
		return nil
	}
	c.server.stats.sent.add(i.message.Type())
	if e, ok := i.message.(wire.Error); ok {
		c.server.stats.refused.add(string(e.Code))
	}
	c.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	return c.ws.WriteMessage(websocket.TextMessage, data)
}

func (c *socket) control(kind int, payload []byte) error {
	return c.ws.WriteControl(kind, payload, time.Now().Add(writeTimeout))
}

// closeFrame writes the close frame. A client that closed without a code gets
// none back, and a client's own code comes back without a reason.
func (c *socket) closeFrame(e ending) {
	reason := e.reason
	if reason == reasonClient || reason == reasonTabClosed {
		reason = ""
	}
	// An error means that the client is gone, which is what was to be reached.
	_ = c.control(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, reason))
}

// broken settles that writing has failed, and makes the reader fail as well.
func (c *socket) broken(err error) {
	e := ending{reason: reasonLost}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		e.reason = string(wire.CodeSlow)
	}
	c.out.close(e)
	c.ws.Close()
}

// linger gives the client some time to answer the close frame.
func (c *socket) linger() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lingering = true
	c.ws.SetReadDeadline(time.Now().Add(lingerFor))
}
