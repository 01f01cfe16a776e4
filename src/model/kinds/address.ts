import { z } from 'zod';
import type { DiagnosticCode } from '../../base/index.ts';
import { parseHostName } from '../fields/host.ts';
import { looksLikeIpv4 } from '../fields/ip.ts';
import { ownIssue, shorten } from '../fields/issue.ts';

/** Where an upstream is. Host names are in lower case, IPs canonical and without brackets. */
export type Address =
  | { readonly kind: 'ip'; readonly ip: string; readonly port: number }
  | { readonly kind: 'host'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly code: DiagnosticCode; readonly message: string };

/** `host:port`, `10.0.0.1:80`, `[::1]:80` or `unix:/path`. */
export function parseAddress(text: string): ParsedAddress {
  if (text.startsWith('unix:')) return parseUnix(text.slice('unix:'.length));
  const problem = formProblem(text);
  if (problem !== null) return refused(problem);
  const at = text.lastIndexOf(':');
  const port = parsePort(text.slice(at + 1));
  if (port === null) {
    return refused(`the port of "${shorten(text)}" is not a number; write one of 1 to 65535`);
  }
  const parsed = parseHostName(text.slice(0, at));
  if (!parsed.ok) return parsed.code === 'SCHEMA_HOST' ? refused(parsed.message) : parsed;
  const { host } = parsed;
  if (host.startsWith('['))
    return { ok: true, address: { kind: 'ip', ip: host.slice(1, -1), port } };
  if (looksLikeIpv4(host)) return { ok: true, address: { kind: 'ip', ip: host, port } };
  return { ok: true, address: { kind: 'host', host, port } };
}

/** The canonical text of an address: equal addresses, equal texts. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case 'ip': {
      const host = address.ip.includes(':') ? `[${address.ip}]` : address.ip;
      return `${host}:${address.port}`;
    }
    case 'host':
      return `${address.host}:${address.port}`;
    case 'unix':
      return `unix:${address.path}`;
  }
}

/** 1 to 65535, for editors. */
const PORT =
  '(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** The address of an upstream. */
export const addressField = z
  .string()
  .meta({
    description: 'host:port, [::1]:80 or unix:/path.',
    examples: ['cart.internal:8080'],
    pattern: String.raw`^(?:unix:/.+|[^\s/]+:${PORT})$`,
  })
  .transform((text, context): Address => {
    const parsed = parseAddress(text);
    if (parsed.ok) return parsed.address;
    context.issues.push(ownIssue(parsed.code, parsed.message, text));
    return z.NEVER;
  });

/** `sun_path` holds 108 bytes, the last of which is 0. */
const UNIX_BYTES_MAX = 107;

function parseUnix(path: string): ParsedAddress {
  if (!path.startsWith('/') || path.endsWith('/')) {
    return refused('the path of a Unix socket is absolute; write e.g. unix:/run/app.sock');
  }
  if (Buffer.byteLength(path) > UNIX_BYTES_MAX) {
    return refused(`the path of a Unix socket has at most ${UNIX_BYTES_MAX} bytes; shorten it`);
  }
  return { ok: true, address: { kind: 'unix', path } };
}

function formProblem(text: string): string | null {
  const shown = shorten(text);
  const example = 'write host:port, [::1]:80 or unix:/path';
  if (text === '') return `an address is empty; ${example}`;
  if (/\s/.test(text)) return `"${shown}" has a space; remove it, or separate with a comma`;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/]*)/.exec(text);
  if (scheme !== null) {
    const rest = scheme[2] ?? '';
    const port = /:[0-9]+$/.test(rest) ? '' : scheme[1] === 'https' ? ':443' : ':80';
    return `"${shown}" has a scheme; write "${shorten(rest + port)}"`;
  }
  if (/^[^[]*:[^:]*:/.test(text)) return `"${shown}" is not an address; write IPv6 as [::1]:80`;
  if (!/:[^\]:]*$/.test(text)) return `"${shown}" has no port; ${example}`;
  return null;
}

function parsePort(text: string): number | null {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}

function refused(message: string, code: DiagnosticCode = 'SCHEMA_ADDRESS'): ParsedAddress {
  return { ok: false, code, message };
}
