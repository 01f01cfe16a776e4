/**
 * Names of resources: opaque text, or `xdstp://authority/type/id?parameters` (NAME-01). Two of the
 * latter are equal where authority, type, id and the set of parameters are (NAME-02); the canonical
 * form spells them as Envoy does when it asks, so that equal names are equal text.
 */
export interface ResourceName {
  readonly authority: string;
  /** The full name of the message: `envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  readonly id: string;
  /** Sorted as they are spelled. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = 'xdstp:';

export const isStructured = (name: string): boolean => name.startsWith(SCHEME);

/**
 * The parts of a name; null where it is opaque, or has no type. Characters outside ASCII are as
 * their bytes in UTF-8, one by one.
 */
export function parseResourceName(name: string): ResourceName | null {
  const found = /^xdstp:\/\/([^/?]*)\/([^?]*)(?:\?(.*))?$/s.exec(bytesOf(name));
  if (found === null) return null;
  const [, authority = '', path = '', query = ''] = found;
  const at = path.indexOf('/');
  const type = at === -1 ? path : path.slice(0, at);
  if (type === '') return null;
  return {
    authority: decode(authority),
    type: decode(type),
    id: at === -1 ? '' : decode(path.slice(at + 1)),
    parameters: parametersOf(query),
  };
}

/** The spelling of a name: parameters sorted, and nothing encoded that need not be. */
export function formatResourceName({ authority, type, id, parameters }: ResourceName): string {
  const path = [type, ...(id === '' ? [] : id.split('/'))].map((part) => encode(part, PATH));
  const pairs = [...parameters].map(
    ([key, value]) => `${encode(key, PARAMETER)}=${encode(value, PARAMETER)}`,
  );
  const query = pairs.length === 0 ? '' : `?${pairs.sort().join('&')}`;
  return `xdstp://${encode(authority, PATH)}/${path.join('/')}${query}`;
}

/** The one spelling of equal names; an opaque or malformed one is itself. */
export function canonicalName(name: string): string {
  if (!isStructured(name)) return name;
  const parsed = parseResourceName(name);
  return parsed === null ? name : formatResourceName(parsed);
}

/** Whether a canonical name is of a collection: all one level below it (NAME-03). */
export const isGlob = (name: string): boolean => pathOf(name)?.endsWith('/*') === true;

/**
 * The collection that has this canonical name as a member: one level up, with the same parameters.
 * Null for an opaque name, and for a collection.
 */
export function globOf(name: string): string | null {
  const path = pathOf(name);
  if (path === null || path.endsWith('/*')) return null;
  return `${path.slice(0, path.lastIndexOf('/'))}/*${name.slice(path.length)}`;
}

/** All before the parameters; null where a name has no id. */
const pathOf = (name: string): string | null =>
  isStructured(name) ? (PATH_FORM.exec(name)?.[0] ?? null) : null;

const PATH_FORM = /^xdstp:\/\/[^/?]*\/[^/?]+\/[^?]*/;

/** Of a parameter that is there twice, the first one counts. */
function parametersOf(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = decode(at === -1 ? pair : pair.slice(0, at));
    if (!found.has(key)) found.set(key, at === -1 ? '' : decode(pair.slice(at + 1)));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is encoded beside `%`, control characters and all from `~` on. */
const PATH = '?#[]';
const PARAMETER = '#[]&=';

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const decode = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

function encode(text: string, reserved: string): string {
  let encoded = '';
  for (const char of text) {
    const isPlain = char >= ' ' && char < '~' && char !== '%' && !reserved.includes(char);
    encoded += isPlain
      ? char
      : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
