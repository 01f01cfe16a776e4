import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, type ListenAddress } from '../address.ts';
import { AdminError } from './admin-error.ts';

/**
 * Why a request is refused before anything else is looked at, or null. The port has no passwords:
 * what protects it from a page in the operator's browser is that the page cannot name it (H4, H5).
 */
export function refusal(headers: IncomingHttpHeaders, address: ListenAddress): AdminError | null {
  // A browser cannot reach a Unix socket, and clients write anything as its host.
  if (address.kind === 'unix') return null;
  if (!isAllowedHost(headers.host ?? '', address.host)) {
    return new AdminError(421, 'HOST_NOT_ALLOWED', 'ask for this port by its loopback address');
  }
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isForeignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeignSite || (origin !== undefined && !isAllowedOrigin(origin, address.host))) {
    return new AdminError(403, 'ORIGIN_NOT_ALLOWED', 'requests from other sites are refused');
  }
  return null;
}

function isAllowedHost(text: string, own: string): boolean {
  const host = /^(?:\[(?<v6>[0-9a-f:]+)\]|(?<name>[^:[\]/@]+))(?::\d{1,5})?$/i.exec(text)?.groups;
  const name = (host?.['v6'] ?? host?.['name'] ?? '').toLowerCase();
  return name !== '' && (name === own.toLowerCase() || isLoopback(name));
}

function isAllowedOrigin(origin: string, own: string): boolean {
  const host = /^https?:\/\/(?<host>[^/]+)$/.exec(origin)?.groups?.['host'];
  return host !== undefined && isAllowedHost(host, own);
}
