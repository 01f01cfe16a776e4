import { createServer } from 'node:net';

/**
 * Whether somebody listens on an address already. Asked before an Envoy is told to: it shares
 * ports with other Envoys (SO_REUSEPORT), so that two would silently split the connections. What
 * else is wrong with an address is left to it to say.
 */
export function isPortInUse(host: string, port: number): Promise<boolean> {
  if (port === 0) return Promise.resolve(false);
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      resolve(cause.code === 'EADDRINUSE');
    });
    // Exclusive: neither shared with a parent process, nor with dual-stack neighbours.
    probe.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      probe.close(() => {
        resolve(false);
      });
    });
  });
}
