// What stands at the gateway of some networks: `node gate.mjs proxy PORT` is an HTTP proxy that allows CONNECT to port
// 443 and nothing else; `node gate.mjs tls PORT HOST` passes connections on to a host's port 443, if they are TLS;
// `node gate.mjs names NAME ADDRESS` is the name service of those behind it, and knows one name.
import { createSocket } from 'node:dgram';
import { createServer as httpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const [kind, ...rest] = process.argv.slice(2);

if (kind === 'names') names(...rest);
else filter(...rest);

/** Joins two sockets, for as long as both live. */
function join(one, other) {
  for (const [a, b] of [[one, other], [other, one]]) {
    a.setNoDelay(true);
    a.on('error', () => b.destroy());
    a.on('close', () => b.destroy());
    a.pipe(b);
  }
}

/** Says no to every name but one (RFC 1035 §4). */
function names(name, address) {
  const question = Buffer.from(name.split('.').map((label) => String.fromCharCode(label.length) + label).join('') + '\0', 'latin1');
  const socket = createSocket('udp4');
  socket.on('message', (asked, from) => {
    const end = asked.indexOf(0, 12) + 1; // of the name
    if (end === 0 || asked.length < end + 4) return;
    const known = asked.subarray(12, end).equals(question);
    const answers = known && asked.readUInt16BE(end) === 1; // A; there is nothing else
    const head = Buffer.from(asked.subarray(0, 12));
    head.writeUInt16BE(known ? 0x8180 : 0x8183, 2); // no such name
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
    socket.send(Buffer.concat([head, asked.subarray(12, end + 4), ...(answers ? [record] : [])]), from.port, from.address);
  });
  socket.bind(53, '10.0.1.1', () => console.log('ready'));
}

function filter(port, host) {
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
}
