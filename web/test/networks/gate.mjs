// What stands at the gateway of some networks: `node gate.mjs proxy PORT` is an HTTP proxy that allows CONNECT to port
// 443 and nothing else; `node gate.mjs tls PORT HOST` passes connections on to a host's port 443, if they are TLS.
import { createServer as httpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const [kind, port, host] = process.argv.slice(2);

/** Joins two sockets, for as long as both live. */
function join(one, other) {
  for (const [a, b] of [[one, other], [other, one]]) {
    a.setNoDelay(true);
    a.on('error', () => b.destroy());
    a.on('close', () => b.destroy());
    a.pipe(b);
  }
}

const server =
  kind === 'proxy'
    ? httpServer((_, response) => response.writeHead(403).end()).on('connect', (request, client, head) => {
        const [name, to] = request.url.split(':');
        if (to !== '443') return client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        const onward = connect(443, name, () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          onward.write(head);
          join(client, onward);
        });
        onward.on('error', () => client.destroy());
      })
    : createServer((client) => {
        client.on('error', () => client.destroy());
        client.once('data', (first) => {
          if (first[0] !== 0x16) return client.destroy(); // no TLS handshake
          client.pause();
          const onward = connect(443, host, () => {
            onward.write(first);
            join(client, onward);
          });
          onward.on('error', () => client.destroy());
        });
      });
server.listen(Number(port), '0.0.0.0', () => console.log('ready'));
