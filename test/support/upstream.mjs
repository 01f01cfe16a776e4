// HTTP upstreams that say who they are.
import { createServer } from 'node:http';

/**
 * Starts an HTTP/1.1 server on a free loopback port. Every answer names it in the header
 * `x-upstream` and in the body. `?ms=N` delays the answer, `?chunks=N` streams N lines.
 *
 * @param {{ name: string, port?: number }} options
 * @returns {Promise<import('./upstream.mjs').Upstream>}
 */
export async function startUpstream({ name, port = 0 }) {
  let served = 0;
  const sockets = new Set();
  const server = createServer((request, response) => {
    served += 1;
    const query = new URL(request.url ?? '/', 'http://upstream').searchParams;
    request.resume();
    const answer = () => {
      response.writeHead(200, { 'content-type': 'text/plain', 'x-upstream': name });
      const chunks = Number(query.get('chunks') ?? 0);
      if (chunks === 0) response.end(`${name} ${request.url}\n`);
      else stream(response, chunks);
    };
    const delay = Number(query.get('ms') ?? 0);
    if (delay === 0) answer();
    else setTimeout(answer, delay);
  });
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
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        for (const socket of sockets) socket.destroy();
      }),
  };
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
