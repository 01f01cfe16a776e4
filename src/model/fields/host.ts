import { z } from 'zod';
import type { DiagnosticCode } from '../../base/index.ts';
import { ipProblem, looksLikeIpv4 } from './ip.ts';
import { ownIssue, shorten } from './issue.ts';

export type ParsedHost =
  | { readonly ok: true; readonly host: string }
  | { readonly ok: false; readonly code: DiagnosticCode; readonly message: string };

const HOST_CHARS_MAX = 253;

/** What editors check; the rest is told by `validate`. */
const NAME_FORM = '^(?:\\[[0-9a-fA-F:.]+\\]|[^\\s:/?#@*]+)$';
const PATTERN_FORM = '^(?:\\*|\\[[0-9a-fA-F:.]+\\]|(?:\\*\\.)?[^\\s:/?#@*]+)$';
const LABEL_CHARS_MAX = 63;

/** A host name in lower case (IDNA applied), an IPv4 address, or an IPv6 address in brackets. */
export function parseHostName(text: string): ParsedHost {
  const shown = shorten(text);
  if (text === '') return refused('a host is empty; write a name, e.g. shop.example.com');
  if (text.startsWith('[')) return parseBracketed(text);
  const formProblem = foreignPart(text);
  if (formProblem !== null) return refused(formProblem);
  if (text.includes('*')) {
    const rule = '"*" stands alone or as the whole first label, as in *.example.com';
    return refused(`"${shown}" is not a host; ${rule}`);
  }
  if (looksLikeIpv4(text)) {
    const problem = ipProblem(text);
    return problem === null ? { ok: true, host: text } : refused(problem, 'SCHEMA_IP');
  }
  const host = toAscii(text);
  if (host === null) return refused(`"${shown}" is not a host name; check its characters`);
  const labelProblem = labelsProblem(host, shown);
  return labelProblem === null ? { ok: true, host } : refused(labelProblem);
}

/** What Envoy matches the Host header with: a host name, `*.suffix` of any depth, or `*`. */
export function parseHostPattern(text: string): ParsedHost {
  if (text === '*') return { ok: true, host: '*' };
  if (!text.startsWith('*.')) return parseHostName(text);
  const suffix = text.slice(2);
  const parsed = parseHostName(suffix);
  if (!parsed.ok) return parsed;
  if (looksLikeIpv4(suffix) || suffix.startsWith('[')) {
    return refused(`"${shorten(text)}" is not a host; "*." goes before a name only`);
  }
  if (parsed.host.length + 2 > HOST_CHARS_MAX) {
    return refused(`"${shorten(text)}" is longer than ${HOST_CHARS_MAX} characters; shorten it`);
  }
  return { ok: true, host: `*.${parsed.host}` };
}

/** A host that requests are matched with. */
export const hostPattern = z
  .string()
  .meta({
    description: 'A host name, *.suffix or *; no port.',
    pattern: PATTERN_FORM,
    examples: ['shop.example.com'],
  })
  .transform((text, context) => hostOrIssue(parseHostPattern(text), text, context));

/** A host name without wildcard or port. */
export const hostName = z
  .string()
  .meta({
    description: 'A host name or an IP address; no port.',
    pattern: NAME_FORM,
    examples: ['shop.example.com'],
  })
  .transform((text, context) => hostOrIssue(parseHostName(text), text, context));

export function hostOrIssue(parsed: ParsedHost, text: string, context: z.RefinementCtx): string {
  if (parsed.ok) return parsed.host;
  context.issues.push(ownIssue(parsed.code, parsed.message, text));
  return z.NEVER;
}

function refused(message: string, code: DiagnosticCode = 'SCHEMA_HOST'): ParsedHost {
  return { ok: false, code, message };
}

function parseBracketed(text: string): ParsedHost {
  const inner = /^\[([^\]]*)\]$/.exec(text)?.[1];
  if (inner === undefined) {
    return refused(`"${shorten(text)}" is not a host; write an IPv6 address as [::1], no port`);
  }
  const problem = inner.includes(':') ? ipProblem(inner) : `"${inner}" is not an IPv6 address`;
  return problem === null ? { ok: true, host: text } : refused(problem, 'SCHEMA_IP');
}

/** Parts of a URL that are not the host's. */
function foreignPart(text: string): string | null {
  const shown = shorten(text);
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    const rest = text.slice(scheme.length).replace(/[/:].*$/, '');
    return `"${shown}" has a scheme; write only the host, "${shorten(rest)}"`;
  }
  if (/[/?#]/.test(text)) return `"${shown}" has a path; write only the host`;
  if (text.includes('@')) return `"${shown}" has a user; write only the host`;
  const port = /^([^:]*):[0-9]*$/.exec(text);
  if (port !== null) return `"${shown}" has a port; write only the host, "${port[1] ?? ''}"`;
  if (text.includes(':')) return `"${shown}" is not a host; write an IPv6 address as [::1]`;
  if (/\s/.test(text)) return `"${shown}" has a space; remove it`;
  return null;
}

/** Lower case; labels beyond ASCII, and those that claim to be, by IDNA. Null where none can be. */
function toAscii(text: string): string | null {
  const isPlain = /^[\u0021-\u007e]+$/.test(text);
  if (isPlain && !/(?:^|\.)xn--/i.test(text)) return text.toLowerCase();
  const url = `http://${text}/`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}

function labelsProblem(host: string, shown: string): string | null {
  if (host.length > HOST_CHARS_MAX) {
    return `"${shown}" is longer than ${HOST_CHARS_MAX} characters; shorten it`;
  }
  if (host.endsWith('.')) return `"${shown}" ends with a dot; remove it`;
  const labels = host.split('.');
  for (const label of labels) {
    if (label === '') return `"${shown}" has an empty label; remove the extra dot`;
    if (label.length > LABEL_CHARS_MAX) {
      return `a label of "${shown}" is longer than ${LABEL_CHARS_MAX} characters; shorten it`;
    }
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label) || !/[a-z0-9]/.test(label)) {
      const rule = 'use a-z, 0-9, _ and - in labels, with no - at either end';
      return `"${shown}" is not a host name; ${rule}`;
    }
  }
  return /^[0-9]+$/.test(labels.at(-1) ?? '')
    ? `"${shown}" ends like an IP address but is none; correct it`
    : null;
}
