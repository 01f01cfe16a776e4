// HTTP upstreams that say who they are.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/**
 * Starts an HTTP/1.1 server on a free loopback port. Every answer names it in the header
 * `x-upstream` and in the body. `?ms=N` delays the answer, `?chunks=N` streams N lines.
 * With `tls` it speaks TLS; with `tls.ca` it demands a certificate of the client, whose serial all
 * answers then name in the header `x-client`.
 *
 * @param {{ name: string, port?: number, tls?: import('./upstream.mjs').UpstreamTls }} options
 * @returns {Promise<import('./upstream.mjs').Upstream>}
 */
export async function startUpstream({ name, port = 0, tls }) {
  let served = 0;
  const sockets = new Set();
  const listener = (request, response) => {
    served += 1;
    const query = new URL(request.url ?? '/', 'http://upstream').searchParams;
    request.resume();
    const answer = () => {
      response.writeHead(200, {
        'content-type': 'text/plain',
        'x-upstream': name,
        ...clientOf(request),
      });
      const chunks = Number(query.get('chunks') ?? 0);
      if (chunks === 0) response.end(`${name} ${request.url}\n`);
      else stream(response, chunks);
    };
    const delay = Number(query.get('ms') ?? 0);
    if (delay === 0) answer();
    else setTimeout(answer, delay);
  };
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, listener);
  // Envoy keeps idle connections for long; an upstream that closes first would race with it.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    name,
    port: address.port,
    address: `127.0.0.1:${address.port}`,
    served: () => served,
    renew: (next) => {
      server.setSecureContext(next);
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function clientOf({ socket }) {
  const serial = socket.getPeerCertificate?.().serialNumber;
  return serial === undefined ? {} : { 'x-client': serial.toLowerCase() };
}

function stream(response, chunks) {
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(`chunk ${sent}\n`);
    if (sent >= chunks) {
      clearInterval(timer);
      response.end();
    }
  }, 20);
  response.on('close', () => clearInterval(timer));
}
