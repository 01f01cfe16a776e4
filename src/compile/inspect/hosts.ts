import { compareText } from '../../base/index.ts';
import type { Json } from '../../schema/index.ts';
import { canonicalRange } from './ip.ts';
import { enumOf, fieldOf, isObject, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule } from './notes.ts';

/** Envoy refuses a table in which two hosts claim one domain, or have one name. */
const table: InspectionRule = (visit, notes) => {
  const domains = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [index, host] of listOf(visit.get('virtual_hosts')).entries()) {
    const base = pointerTo(visit.at('virtual_hosts'), index);
    const name = textOf(fieldOf(host, 'name'));
    claim(names, name, base, `two virtual hosts are named "${name}"`);
    for (const [at, domain] of listOf(fieldOf(host, 'domains')).entries()) {
      const text = textOf(domain).toLowerCase();
      const pointer = `${base}/domains/${at}`;
      claim(domains, text, pointer, `two virtual hosts claim the domain "${text}"`);
    }
  }
  function claim(taken: Map<string, string>, key: string, pointer: string, what: string): void {
    const other = taken.get(key);
    if (other === undefined) taken.set(key, pointer);
    else {
      const message = `${notes.subject}: ${what}; keep one`;
      notes.notes.push({ code: 'DOMAIN_CONFLICT', pointer, message, other });
    }
  }
};

/** The second of two equal matches never sees a request. */
const host: InspectionRule = (visit, notes) => {
  const taken = new Map<string, string>();
  for (const [index, route] of listOf(visit.get('routes')).entries()) {
    const match = fieldOf(route, 'match');
    if (match === undefined) continue;
    const key = canonicalText(match);
    const pointer = pointerTo(visit.at('routes'), index);
    const other = taken.get(key);
    if (other === undefined) taken.set(key, pointer);
    else {
      notes.notes.push({
        code: 'ROUTE_CONFLICT',
        // Envoy takes the first and serves on, so a working configuration is not refused for it.
        severity: 'warning',
        pointer: `${pointer}/match`,
        message:
          `${notes.subject}: two routes match exactly alike, and the ` +
          `second never runs; remove it`,
        other,
      });
    }
  }
};

/** JSON with sorted keys. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort(compareText);
  return `{${keys.map((k) => `${JSON.stringify(k)}:${canonicalText(value[k] ?? null)}`).join()}}`;
}

const CHAIN_KEYS_MAX = 10_000;

/** Envoy refuses a listener in which one connection could match two chains alike. */
const listener: InspectionRule = (visit, notes) => {
  const taken = new Map<string, string>();
  for (const [index, chain] of listOf(visit.get('filter_chains')).entries()) {
    const pointer = pointerTo(visit.at('filter_chains'), index);
    for (const key of matchKeys(fieldOf(chain, 'filter_chain_match'))) {
      const other = taken.get(key);
      if (other !== undefined && other !== pointer) {
        const message = `${notes.subject}: two filter chains match alike; make them differ`;
        notes.notes.push({ code: 'FILTER_CHAIN_CONFLICT', pointer, message, other });
        break;
      }
      if (taken.size < CHAIN_KEYS_MAX) taken.set(key, pointer);
    }
  }
};

/** One text for what Envoy takes for one value. */
type Spelling = (value: Json) => string;

const range: Spelling = (value) =>
  canonicalRange(textOf(fieldOf(value, 'address_prefix')), numberOf(fieldOf(value, 'prefix_len')));
const port: Spelling = (value) => String(numberOf(value));

const LISTS: readonly (readonly [field: string, spelling: Spelling])[] = [
  ['prefix_ranges', range],
  ['server_names', (value) => textOf(value).toLowerCase()],
  ['application_protocols', textOf],
  ['direct_source_prefix_ranges', range],
  ['source_prefix_ranges', range],
  ['source_ports', port],
];
const SOURCES = ['ANY', 'SAME_IP_OR_LOOPBACK', 'EXTERNAL'];

/** Every combination that the match stands for. */
function matchKeys(match: Json | undefined): readonly string[] {
  const fixed = [
    numberOf(fieldOf(match, 'destination_port')),
    textOf(fieldOf(match, 'transport_protocol')),
    enumOf(fieldOf(match, 'source_type'), SOURCES),
  ].join();
  let keys: readonly string[] = [fixed];
  for (const [field, spelling] of LISTS) {
    const values = listOf(fieldOf(match, field));
    const texts = values.length === 0 ? ['-'] : [...new Set(values.map(spelling))];
    keys = keys.flatMap((key) => texts.map((text) => `${key}|${text}`)).slice(0, CHAIN_KEYS_MAX);
  }
  return keys;
}

/** Envoy refuses an update as a whole in which two scopes have one key. */
const scopes: InspectionRule = (visit, notes) => {
  const taken = new Map<string, string>();
  for (const [index, scope] of listOf(visit.get('scoped_route_configurations')).entries()) {
    const pointer = pointerTo(visit.at('scoped_route_configurations'), index);
    const key = scopeKey(fieldOf(scope, 'key'));
    const other = taken.get(key);
    if (other === undefined) taken.set(key, pointer);
    else {
      const message = `${notes.subject}: two scopes have one key; change one`;
      notes.notes.push({ code: 'ROUTE_CONFLICT', pointer, message, other });
    }
  }
};

const scope: InspectionRule = (visit, notes) => {
  if (visit.pointer === '') notes.scopeKey = scopeKey(visit.get('key'));
};

const scopeKey = (key: Json | undefined): string =>
  JSON.stringify(
    listOf(fieldOf(key, 'fragments')).map((one) => textOf(fieldOf(one, 'string_key'))),
  );

/** Claims that exclude each other within one resource. */
export const CLAIMS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.route.v3.ScopedRouteConfiguration': scope,
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList':
    scopes,
  'envoy.config.route.v3.RouteConfiguration': table,
  'envoy.config.route.v3.VirtualHost': host,
  'envoy.config.listener.v3.Listener': listener,
};
