import type { Json } from '../../src/schema/index.ts';
import type { Asked } from './ordered-routes.ts';

/**
 * A plain reading of what Envoy does with a table: the text of the direct response, or the document
 * and the rule by the name of the route.
 */
export function servedBy(table: Json, { host, ...request }: Asked): string {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  const hosts = list(table, 'virtual_hosts');
  const domain = hosts
    .flatMap((one) => list(one, 'domains'))
    .map(String)
    .filter((one) => one === name || (one.startsWith('*') && name.endsWith(one.slice(1))))
    .sort((a, b) => Number(b === name) - Number(a === name) || b.length - a.length)[0];
  const own = hosts.find((one) => list(one, 'domains').includes(domain ?? ''));
  const route = list(own, 'routes').find((one) => matches(at(one, 'match'), request));
  const answer = text(at(at(at(route, 'direct_response'), 'body'), 'inline_string'));
  return answer ?? text(at(route, 'name'))?.replace('#', ' ') ?? 'none';
}

type Request = Omit<Asked, 'host'>;

function matches(match: Json | undefined, request: Request): boolean {
  const isSensitive = at(match, 'case_sensitive') !== false;
  return (
    takesPath(match, request.path, isSensitive) &&
    list(match, 'headers').every((one) => takesHeader(one, request)) &&
    list(match, 'query_parameters').every((one) => {
      const value = request.query[text(at(one, 'name')) ?? ''];
      return value !== undefined && takesText(at(one, 'string_match'), value);
    })
  );
}

function takesPath(match: Json | undefined, path: string, isSensitive: boolean): boolean {
  const fold = (one: string): string => (isSensitive ? one : one.toLowerCase());
  const regex = text(at(at(match, 'safe_regex'), 'regex'));
  if (regex !== null) return isWhole(regex, path);
  const exact = text(at(match, 'path'));
  if (exact !== null) return fold(exact) === fold(path);
  const segments = text(at(match, 'path_separated_prefix'));
  if (segments !== null) {
    return fold(path) === fold(segments) || fold(path).startsWith(`${fold(segments)}/`);
  }
  return fold(path).startsWith(fold(text(at(match, 'prefix')) ?? 'no form of a path is known'));
}

function takesHeader(matcher: Json, request: Request): boolean {
  const name = text(at(matcher, 'name')) ?? '';
  const cookies = Object.entries(request.cookies).map(([key, value]) => `${key}=${value}`);
  const all: Readonly<Record<string, string>> = {
    ...request.headers,
    ...(cookies.length === 0 ? {} : { cookie: cookies.join('; ') }),
    ':method': request.method,
  };
  const isInverted = at(matcher, 'invert_match') === true;
  if (at(matcher, 'present_match') === true) return name in all !== isInverted;
  const value = all[name] ?? (at(matcher, 'treat_missing_header_as_empty') === true ? '' : null);
  return value !== null && takesText(at(matcher, 'string_match'), value) !== isInverted;
}

function takesText(matcher: Json | undefined, value: string): boolean {
  if (matcher === undefined) return true;
  const [exact, prefix] = [text(at(matcher, 'exact')), text(at(matcher, 'prefix'))];
  if (exact !== null) return value === exact;
  if (prefix !== null) return value.startsWith(prefix);
  const [suffix, part] = [text(at(matcher, 'suffix')), text(at(matcher, 'contains'))];
  if (suffix !== null) return value.endsWith(suffix);
  if (part !== null) return value.includes(part);
  return isWhole(text(at(at(matcher, 'safe_regex'), 'regex')) ?? '(?!)', value);
}

/** RE2's flag for any case, as a flag of ours. */
function isWhole(regex: string, value: string): boolean {
  const inner = /^\(\?i:(.*)\)$/s.exec(regex)?.[1];
  return new RegExp(`^(?:${inner ?? regex})$`, inner === undefined ? '' : 'i').test(value);
}

function at(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function list(value: Json | undefined, key: string): readonly Json[] {
  const found: Json | readonly Json[] | undefined = at(value, key);
  return isList(found) ? found : [];
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
