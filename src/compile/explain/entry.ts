import type { Json } from '../../schema/index.ts';
import type { Part, TypeId } from '../../snapshot/index.ts';
import { fieldOf, listOf, messageOf, numberOf, textOf, typeUrlOf } from '../inspect/json.ts';
import type { Asked } from './asked.ts';

/** A resource of a view, decoded. */
export interface Shown {
  readonly type: TypeId;
  readonly name: string;
  readonly json: Json;
  readonly parts: readonly Part[];
}

/** Where a request enters. */
export interface Entered {
  readonly listener: Shown;
  readonly why: string;
  /** Null where the listener has one chain without conditions. */
  readonly chain: { readonly name: string; readonly why: string } | null;
  readonly filter: EntryFilter;
}

export type EntryFilter =
  | { readonly kind: 'http'; readonly manager: Json }
  | { readonly kind: 'tcp'; readonly proxy: Json }
  | { readonly kind: 'other'; readonly names: readonly string[] };

export type Entry =
  { readonly ok: true; readonly entered: Entered } | { readonly ok: false; readonly why: string };

/** The listener that takes a request: the one that is named, or by the port of the URL. */
export function enter(listeners: readonly Shown[], asked: Asked, wanted: string | null): Entry {
  const chosen = listenerFor(listeners, asked, wanted);
  if (!chosen.ok) return chosen;
  const { listener, why } = chosen;
  const chain = chainFor(listener.json, asked);
  if (chain === null) {
    const how = asked.scheme === 'https' ? `the SNI ${JSON.stringify(asked.sni)}` : 'plain HTTP';
    return { ok: false, why: `no filter chain of the listener "${listener.name}" takes ${how}` };
  }
  if (isTls(chain.json) !== (asked.scheme === 'https')) {
    const [speaks, ask] = isTls(chain.json) ? ['TLS', 'https'] : ['plain HTTP', 'http'];
    const why = `the listener "${listener.name}" speaks ${speaks} there: ask ${ask}://`;
    return { ok: false, why };
  }
  const { name } = chain;
  const shown = isLone(listener.json) ? null : { name, why: chain.why };
  return { ok: true, entered: { listener, why, chain: shown, filter: filterOf(chain.json) } };
}

type Chosen =
  | { readonly ok: true; readonly listener: Shown; readonly why: string }
  | { readonly ok: false; readonly why: string };

function listenerFor(listeners: readonly Shown[], asked: Asked, wanted: string | null): Chosen {
  const names = listeners.map(({ name }) => `"${name}"`).join(', ');
  const known = names === '' ? 'there is none' : `there are ${names}`;
  if (wanted !== null) {
    const listener = listeners.find(({ name }) => name === wanted);
    if (listener === undefined)
      return { ok: false, why: `there is no listener "${wanted}"; ${known}` };
    return { ok: true, listener, why: 'as asked' };
  }
  const port = asked.port ?? (asked.scheme === 'https' ? 443 : 80);
  const onPort = listeners.filter(({ json }) => portOf(json) === port);
  const [first, second] = onPort;
  if (first !== undefined && second === undefined) {
    return { ok: true, listener: first, why: `it has port ${port}` };
  }
  if (second !== undefined) {
    const both = onPort.map(({ name }) => `"${name}"`).join(' and ');
    return { ok: false, why: `${both} have port ${port}; name one with --listener` };
  }
  const [only, another] = asked.port === null ? listeners.filter((one) => isFor(one, asked)) : [];
  if (only !== undefined && another === undefined) {
    return { ok: true, listener: only, why: `it is the only one for ${asked.scheme}` };
  }
  return { ok: false, why: `no listener has port ${port}; ${known}; name one with --listener` };
}

/** TCP, and TLS where the scheme is https. */
const isFor = ({ json }: Shown, { scheme }: Asked): boolean =>
  chainsOf(json).some((chain) => isTls(chain) === (scheme === 'https'));

const isTls = (chain: Json): boolean => fieldOf(chain, 'transport_socket') !== undefined;

const portOf = (listener: Json): number =>
  numberOf(fieldOf(fieldOf(fieldOf(listener, 'address'), 'socket_address'), 'port_value'));

export function addressOf(listener: Json): string {
  const address = fieldOf(listener, 'address');
  const socket = fieldOf(address, 'socket_address');
  if (socket === undefined) return textOf(fieldOf(fieldOf(address, 'pipe'), 'path'));
  const host = textOf(fieldOf(socket, 'address'));
  return `${host.includes(':') ? `[${host}]` : host}:${portOf(listener)}`;
}

const chainsOf = (listener: Json): readonly Json[] => {
  const rest = fieldOf(listener, 'default_filter_chain');
  return [...listOf(fieldOf(listener, 'filter_chains')), ...(rest === undefined ? [] : [rest])];
};

const isLone = (listener: Json): boolean => {
  const [only, another] = chainsOf(listener);
  return another === undefined && fieldOf(only, 'filter_chain_match') === undefined;
};

interface Chain {
  readonly name: string;
  readonly why: string;
  readonly json: Json;
}

/** By server name, exact before the longest wildcard before none; then by TLS or not. */
function chainFor(listener: Json, asked: Asked): Chain | null {
  const rest = fieldOf(listener, 'default_filter_chain');
  let best: { readonly rank: number; readonly chain: Chain } | null = null;
  for (const json of listOf(fieldOf(listener, 'filter_chains'))) {
    const found = chainRank(fieldOf(json, 'filter_chain_match'), asked);
    if (found === null || (best !== null && best.rank >= found.rank)) continue;
    best = {
      rank: found.rank,
      chain: { name: textOf(fieldOf(json, 'name')), why: found.why, json },
    };
  }
  if (best !== null) return best.chain;
  if (rest === undefined) return null;
  return { name: textOf(fieldOf(rest, 'name')), why: 'no other chain takes it', json: rest };
}

function chainRank(
  match: Json | undefined,
  { sni, scheme }: Asked,
): { readonly rank: number; readonly why: string } | null {
  const transport = textOf(fieldOf(match, 'transport_protocol'));
  if (transport !== '' && (transport === 'tls') !== (scheme === 'https')) return null;
  const bonus = transport === '' ? 0 : 1;
  const names = listOf(fieldOf(match, 'server_names')).map((name) => textOf(name).toLowerCase());
  if (names.length === 0) return { rank: bonus, why: 'it takes every other name' };
  if (scheme !== 'https') return null;
  const own = names
    .filter((name) => name === sni || (name.startsWith('*.') && sni.endsWith(name.slice(1))))
    .sort((a, b) => nameRank(b) - nameRank(a))[0];
  return own === undefined ? null : { rank: nameRank(own) + bonus, why: `SNI ${sni} is of ${own}` };
}

const nameRank = (name: string): number => 2 * (name.startsWith('*.') ? name.length : 1000);

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

function filterOf(chain: Json): EntryFilter {
  const filters = listOf(fieldOf(chain, 'filters'));
  const configs = filters.map((filter) => fieldOf(filter, 'typed_config'));
  const manager = configs.find((config) => messageOf(typeUrlOf(config)) === MANAGER);
  if (manager !== undefined) return { kind: 'http', manager };
  const proxy = configs.find((config) => messageOf(typeUrlOf(config)) === TCP);
  if (proxy !== undefined) return { kind: 'tcp', proxy };
  return { kind: 'other', names: filters.map((filter) => textOf(fieldOf(filter, 'name'))) };
}
