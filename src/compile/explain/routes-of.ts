import type { Origin } from '../../base/index.ts';
import type { NativeDocument } from '../../model/index.ts';
import type { Json } from '../../schema/index.ts';
import type { Part } from '../../snapshot/index.ts';
import { fieldOf, listOf, pointerTo } from '../inspect/json.ts';
import { catchAllRule } from '../lower/route.ts';
import type { Shown } from './entry.ts';
import type { Ranked } from './order-words.ts';
import type { TakenHost } from './virtual-host.ts';

/** One route of a virtual host, with the rule that it was made of. */
export interface RouteView {
  readonly json: Json;
  /** Null for raw tables. */
  readonly ranked: Ranked | null;
  /** For clients that come back by a cookie: which of the targets. */
  readonly side: number | null;
  readonly origin: Origin | null;
}

interface Documents {
  readonly documents: readonly NativeDocument[];
}

/** The routes of a host in their order. Native tables have a part for each. */
export function routesOf(
  { documents }: Documents,
  table: Shown,
  host: TakenHost,
): readonly RouteView[] {
  const routes = listOf(fieldOf(host.json, 'routes'));
  const parts = table.parts.filter(({ key }) => key.startsWith(`${host.name}/`));
  if (parts.length !== routes.length)
    return routes.map((json, at) => rawRoute(json, at, table, host));
  return routes.map((json, at) => nativeRoute(json, parts[at], host, documents));
}

function rawRoute(json: Json, at: number, { parts }: Shown, { index }: TakenHost): RouteView {
  const [whole] = parts[0]?.origins ?? [];
  const origin =
    whole === undefined
      ? null
      : { ...whole, pointer: pointerTo(whole.pointer, 'virtual_hosts', index, 'routes', at) };
  return { json, ranked: null, side: null, origin };
}

function nativeRoute(
  json: Json,
  part: Part | undefined,
  host: TakenHost,
  documents: readonly NativeDocument[],
): RouteView {
  const [origin = null] = part?.origins ?? [];
  const named = part === undefined ? null : namesIn(part.key.slice(host.name.length + 1));
  if (named === null) return { json, ranked: null, side: null, origin };
  return { json, ranked: rankedOf(named, host, documents), side: named.side, origin };
}

interface Named {
  readonly document: string;
  readonly rule: string;
  readonly index: number;
  readonly side: number | null;
}

/** The names in the key of a part: see `matchKey` and `lowerRule`. */
function namesIn(key: string): Named | null {
  const found = /^([^#]+)(?:##(\d+)(?:\.(\d+))?)?#([^]*)$/.exec(key);
  if (found === null) return null;
  const [, document = '', index = '0', side, rule = ''] = found;
  return { document, rule, index: Number(index), side: side === undefined ? null : Number(side) };
}

/** How the rules of a listener itself are called. */
const CATCH_ALLS: readonly string[] = ['#to', '#https'];

function rankedOf(
  { document, rule: name, index }: Named,
  host: TakenHost,
  documents: readonly NativeDocument[],
): Ranked | null {
  if (CATCH_ALLS.includes(name)) {
    const listener = documents.find((one) => one.kind === 'Listener' && one.name === document);
    const last = listener?.kind === 'Listener' ? catchAllRule(listener) : null;
    return last;
  }
  const route = documents.find((one) => one.kind === 'Route' && one.name === document);
  if (route?.kind !== 'Route') return null;
  const rule = route.value.rules.find((one) => one.name === name);
  const match = rule?.matches[index];
  if (rule === undefined || match === undefined) return null;
  const level = widthOf(route.value.hosts, host.domain);
  return { document, rule, match, index, level, isCatchAll: false };
}

const HOST_CHARS_MAX = 253;

/** 0: it is the host's own; else the more, the wider the narrowest of its hosts that takes it. */
function widthOf(hosts: readonly string[], domain: string): number {
  if (hosts.includes(domain)) return 0;
  const wider = hosts.filter((host) => host.startsWith('*') && domain.endsWith(host.slice(1)));
  return 1 + HOST_CHARS_MAX - Math.max(1, ...wider.map(({ length }) => length));
}
