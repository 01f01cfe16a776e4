import { ExpectedError } from '../base/index.ts';
import { isPortInUse } from './port-in-use.ts';

/** An address that something of ours is about to listen on. */
export interface PortClaim {
  readonly host: string;
  readonly port: number;
  /** Who wants it, e.g. `the admin address`; empty for a listener, which its cure names. */
  readonly what: string;
  /** What to change: `name another --admin`. */
  readonly cure: string;
}

/** Throws one error with every port that somebody has already, or that two of ours want. */
export async function requirePorts(claims: readonly PortClaim[]): Promise<void> {
  const inUse = await Promise.all(claims.map(({ host, port }) => isPortInUse(host, port)));
  const taken = claims.filter((_, at) => inUse[at] === true).map(takenText);
  const shared = claims.flatMap((claim, at) =>
    claims
      .slice(at + 1)
      .flatMap((other) => (overlaps(claim, other) ? sharedText(claim, other) : [])),
  );
  const told = [...taken, ...shared];
  if (told.length > 0) throw new ExpectedError(told.join('\n'));
}

function takenText({ host, port, what, cure }: PortClaim): string {
  const who = what === '' ? '' : `, ${what},`;
  return `${addressText(host, port)}${who} is in use; ${cure}`;
}

const sharedText = (one: PortClaim, other: PortClaim): string =>
  `${addressText(one.host, one.port)} is wanted twice; ${one.cure}, or ${other.cure}`;

const addressText = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Port 0 is another each time. */
function overlaps(one: PortClaim, other: PortClaim): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  const hosts = [one.host, other.host].map((host) => (host === 'localhost' ? '127.0.0.1' : host));
  return hosts[0] === hosts[1] || hosts.some((host) => host === '0.0.0.0' || host === '::');
}
