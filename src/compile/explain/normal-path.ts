import type { Json } from '../../schema/index.ts';
import { fieldOf, textOf } from '../inspect/json.ts';
import type { Asked, Seen } from './asked.ts';

/** What the HTTP connection manager makes of a request before it looks for a route. */
export type Arrival =
  | { readonly kind: 'seen'; readonly request: Seen; readonly notes: readonly string[] }
  /** It answers itself. */
  | { readonly kind: 'answered'; readonly status: number; readonly why: string };

export function arrive(manager: Json, asked: Asked): Arrival {
  const [whole = '', ...rest] = asked.target.split('?');
  const query = rest.join('?');
  const options = fieldOf(manager, 'common_http_protocol_options');
  const underscores = textOf(fieldOf(options, 'headers_with_underscores_action'));
  const odd = [...asked.headers.keys()].find((name) => name.includes('_'));
  if (underscores === 'REJECT_REQUEST' && odd !== undefined) {
    return { kind: 'answered', status: 400, why: `the header ${odd} has an underscore` };
  }
  const slashes = textOf(fieldOf(manager, 'path_with_escaped_slashes_action'));
  const plain = whole.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
  if (plain !== whole && slashes === 'REJECT_REQUEST') {
    return { kind: 'answered', status: 400, why: `${whole} has an escaped slash` };
  }
  const isUnescaped = slashes.startsWith('UNESCAPE');
  const normal = normalPath(isUnescaped ? plain : whole, manager);
  if (plain !== whole && slashes === 'UNESCAPE_AND_REDIRECT') {
    const why = `${whole} has an escaped slash; it redirects to ${normal}`;
    return { kind: 'answered', status: 307, why };
  }
  const headers = new Map(asked.headers);
  if (underscores === 'DROP_HEADER')
    for (const name of headers.keys()) if (name.includes('_')) headers.delete(name);
  const notes = normal === whole ? [] : [`the path ${whole} is seen as ${normal}`];
  return { kind: 'seen', request: { ...asked, headers, path: normal, query }, notes };
}

function normalPath(path: string, manager: Json): string {
  const normal = fieldOf(manager, 'normalize_path') === true ? canonicalPath(path) : path;
  return fieldOf(manager, 'merge_slashes') === true ? normal.replaceAll(/\/{2,}/g, '/') : normal;
}

/** By the rules of URLs: no `.` and `..`, and no escapes of what need none. */
function canonicalPath(path: string): string {
  const unescaped = path.replaceAll(/%([0-9a-fA-F]{2})/g, (escape, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape;
  });
  const url = `http://a${unescaped}`;
  return URL.canParse(url) ? new URL(url).pathname : path;
}
