import type { Json } from '../../schema/index.ts';
import { fieldOf, listOf, textOf } from '../inspect/json.ts';
import { authorityOf, type Asked } from './asked.ts';

/** The virtual host that Envoy takes, and the domain of it that decided. */
export interface TakenHost {
  readonly index: number;
  readonly name: string;
  readonly domain: string;
  readonly json: Json;
}

/** Exact names first, then the longest suffix, then the longest prefix, then `*`. */
export function hostFor(table: Json, request: Asked): TakenHost | null {
  const isPortIgnored = fieldOf(table, 'ignore_port_in_host_matching') === true;
  const host = (isPortIgnored ? request.host : authorityOf(request)).toLowerCase();
  let best: { readonly rank: number; readonly taken: TakenHost } | null = null;
  for (const [index, json] of listOf(fieldOf(table, 'virtual_hosts')).entries()) {
    for (const one of listOf(fieldOf(json, 'domains'))) {
      const domain = textOf(one);
      const rank = rankOf(domain.toLowerCase(), host);
      if (rank === null || (best !== null && best.rank >= rank)) continue;
      best = { rank, taken: { index, name: textOf(fieldOf(json, 'name')), domain, json } };
    }
  }
  return best?.taken ?? null;
}

const [EXACT, SUFFIX, PREFIX] = [4000, 2000, 1000];

function rankOf(domain: string, host: string): number | null {
  if (domain === '*') return 0;
  if (domain === host) return EXACT;
  const { length } = domain;
  if (domain.startsWith('*')) {
    return host.length >= length && host.endsWith(domain.slice(1)) ? SUFFIX + length : null;
  }
  if (!domain.endsWith('*')) return null;
  return host.length >= length && host.startsWith(domain.slice(0, -1)) ? PREFIX + length : null;
}
