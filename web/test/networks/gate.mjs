// What stands at the gateway of some networks, one kind for each way to call it:
//   proxy PORT [USER:PASSWORD]    an HTTP proxy that allows CONNECT to port 443 and nothing else
//   tls PORT HOST                 passes connections on to a host's port 443, if they are TLS
//   inspect PORT HOST CERT KEY    opens TLS with a certificate that people trust, and passes HTTP on to a host's port 443
//   names NAME ADDRESS            the name service of those behind it, which knows one name
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer as httpServer } from 'node:http';
import { createServer as httpsServer, request as httpsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

const kinds = { proxy, tls, inspect, names };
const [kind, ...rest] = process.argv.slice(2);
kinds[kind](...rest);

/** Joins two sockets, for as long as both live. */
function join(one, other) {
  for (const [a, b] of [[one, other], [other, one]]) {
    a.setNoDelay?.(true);
    a.on('error', () => b.destroy());
    a.on('close', () => b.destroy());
    a.pipe(b);
  }
}

function listen(server, port) {
  server.listen(Number(port), '0.0.0.0', () => console.log('ready'));
}

function proxy(port, login) {
  const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
  const server = httpServer((_, response) => response.writeHead(403).end());
  server.on('connect', (request, client, head) => {
    client.on('error', () => client.destroy());
    if (wanted && request.headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const [name, to] = request.url.split(':');
    if (to !== '443') return client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = connect(443, name, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      join(client, onward);
    });
    onward.on('error', () => client.destroy());
  });
  listen(server, port);
}

function tls(port, host) {
  const server = createServer((client) => {
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
  listen(server, port);
}

function inspect(port, host, cert, key) {
  const onward = (request) => ({ host, port: 443, servername: request.headers.host, rejectUnauthorized: false, method: request.method, path: request.url, headers: request.headers });
  const server = httpsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const passed = httpsRequest(onward(request), (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  server.on('upgrade', (request, client, head) => {
    client.on('error', () => client.destroy());
    const far = tlsConnect({ host, port: 443, servername: request.headers.host, rejectUnauthorized: false }, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      join(client, far);
    });
    far.on('error', () => client.destroy());
  });
  listen(server, port);
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
