import {
  formatResourceName,
  isGlob,
  isStructured,
  parseResourceName,
  typeRow,
  type TypeId,
} from '../../snapshot/index.ts';
import type { InspectionRule } from './notes.ts';
import { fieldOf, listOf, textOf } from './json.ts';

/**
 * What is wrong with how a name is written; null: nothing. Envoy asks for `xdstp://` names in one
 * spelling and compares some of them as text, so helve has no other (NAME-02).
 */
export function spellingProblem(type: TypeId, name: string): string | null {
  if (!isStructured(name)) return null;
  const message = messageOf(type);
  const parsed = parseResourceName(name);
  if (parsed === null || parsed.id === '' || parsed.id.endsWith('/')) {
    return `"${name}" has no authority, type or id; write "xdstp://authority/${message}/id"`;
  }
  if (parsed.type !== message) {
    const right = formatResourceName({ ...parsed, type: message });
    return `"${name}" is of the type ${parsed.type}; write "${right}"`;
  }
  const canonical = formatResourceName(parsed);
  return canonical === name ? null : `"${name}" is asked for as "${canonical}"; write that`;
}

/** What is wrong with the name of a resource itself; null: nothing. */
export function nameProblem(type: TypeId, name: string): string | null {
  const problem = spellingProblem(type, name);
  if (problem !== null) return problem;
  if (isGlob(name)) return `"${name}" is all of a collection; name one resource of it`;
  if (type !== 'LbEndpoint' || isStructured(name)) return null;
  const form = `xdstp://authority/${messageOf(type)}/collection/${name}`;
  return `"${name}" is in no collection; write "${form}"`;
}

const messageOf = (type: TypeId): string => {
  const { url } = typeRow(type);
  return url.slice(url.indexOf('/') + 1);
};

/** A locality has endpoints, or the collection that they come by (LEDS-01). */
const oneSource: InspectionRule = (visit, notes) => {
  const collection = fieldOf(visit.get('leds_cluster_locality_config'), 'leds_collection_name');
  if (collection === undefined || listOf(visit.get('lb_endpoints')).length === 0) return;
  notes.notes.push({
    code: 'PROTO_INVALID',
    pointer: visit.at('leds_cluster_locality_config'),
    message: `a locality has endpoints and the collection "${textOf(collection)}"; remove one`,
    other: visit.at('lb_endpoints'),
  });
};

/** Where the endpoints of a locality come from. */
export const LOCALITIES: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.endpoint.v3.LocalityLbEndpoints': oneSource,
};
