import { InvalidArgumentError } from 'commander';
import { ExpectedError } from '../base/index.ts';
import type { Asked } from '../compile/index.ts';

export interface AskedFlags {
  readonly header: readonly (readonly [name: string, value: string])[];
  readonly sni?: string;
}

export interface AskedRequest {
  readonly dir: string;
  readonly asked: Asked;
}

/** `[DIR] [METHOD] URL`. A word in capitals before the URL is the method. */
export function readAsked(words: readonly string[], { header, sni }: AskedFlags): AskedRequest {
  const url = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const last = before.at(-1) ?? '';
  const isMethod = /^[A-Z][A-Z-]*$/.test(last);
  const [dir = '.', another] = isMethod ? before.slice(0, -1) : before;
  if (another !== undefined) throw new ExpectedError('write [DIR] [METHOD] URL');
  const parts = readUrl(url);
  const headers = new Map<string, readonly string[]>();
  for (const [name, value] of header) headers.set(name, [...(headers.get(name) ?? []), value]);
  const given = headers.get('host')?.[0];
  headers.delete('host');
  const { host, port } = given === undefined ? parts : { ...parts, host: hostIn(given) };
  const asked = { ...parts, host, port, method: isMethod ? last : 'GET', headers };
  const isName = /[a-z]/i.test(parts.host) && !parts.host.startsWith('[');
  return { dir, asked: { ...asked, sni: (sni ?? (isName ? parts.host : '')).toLowerCase() } };
}

/** A name and a value, the name in lower case. */
export function readHeader(text: string): readonly [name: string, value: string] {
  const found = /^\s*([^\s:]+)\s*:\s*([^]*)$/.exec(text);
  if (found === null) throw new InvalidArgumentError("Write 'name: value'.");
  const [, name = '', value = ''] = found;
  return [name.toLowerCase(), value.trimEnd()];
}

type UrlParts = Pick<Asked, 'scheme' | 'host' | 'port' | 'target'>;

/** The path stays as it is: what Envoy makes of it is a part of the answer. */
function readUrl(text: string): UrlParts {
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const [, scheme = '', authority = '', target = ''] =
    /^(https?):\/\/([^/?#\s]+)([^#\s]*)/i.exec(whole) ?? [];
  const isHttps = scheme.toLowerCase() === 'https';
  const host = hostIn(authority);
  if (host === '') {
    throw new ExpectedError(`"${text}" is no URL; write e.g. https://shop.example.com/cart`);
  }
  const port = /:(\d{1,5})$/.exec(authority)?.[1];
  return {
    scheme: isHttps ? 'https' : 'http',
    host,
    port: port === undefined ? null : Number(port),
    target: target.startsWith('/') ? target : `/${target}`,
  };
}

/** Without its port, in the case in which it is written; '' where it is none. */
function hostIn(authority: string): string {
  const written = authority.replace(/^.*@/, '');
  const url = `http://${written}/`;
  if (!URL.canParse(url)) return '';
  const { hostname } = new URL(url);
  const host = written.slice(0, hostname.length);
  return host.toLowerCase() === hostname ? host : hostname;
}
