import { createHash } from 'node:crypto';
import {
  compareText,
  hashBytes,
  redactPem,
  type MaterialValue,
  type Origin,
} from '../../base/index.ts';
import type { JwtKeys, JwtProvider, JwtSource } from '../../model/index.ts';
import type { envoy, JsonObject } from '../../schema/index.ts';
import { lowerAddresses } from '../lower/address-cluster.ts';
import { CLAIMS } from '../lower/claim-matcher.ts';
import { finding, type Finding } from '../lower/finding.ts';
import { writtenByJwt } from '../lower/jwt-changes.ts';
import { typeUrl } from '../lower/type-url.ts';
import type { Lowered } from '../lowered.ts';
import { fileProblem } from '../material/file-problem.ts';
import { readKeySet } from '../material/key-set.ts';
import type { SharedEntry } from '../slots.ts';
import { DENY_ALL } from './carriers.ts';
import type { PolicySpelling, SpellingPlace } from './policy.ts';

const SLOT = 'jwt';
const JWT = 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
const PER_ROUTE = 'envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig';

/** A route names its requirement; one that the config lacks is answered 403. */
export const jwt: PolicySpelling<'jwt'> = {
  isAfterClaims: false,
  filters: [{ slot: SLOT, profile: 2, base: DENY_ALL, shared: { type: typeUrl(JWT), compose } }],
  spell: (providers, place) => {
    const told = new Set(writtenByJwt(providers).keys());
    const all = providers.map((provider) => spelledOf(provider, place, told));
    const said = {
      clusters: all.flatMap(({ clusters }) => clusters),
      materials: all.flatMap(({ materials }) => materials),
      findings: all.flatMap(({ findings }) => findings),
    };
    const entries = all.flatMap(({ entry }) => entry ?? []);
    if (entries.length < all.length) return { ...said, isClosed: true };
    const requirement = requirementOf(entries.map(({ key }) => key));
    return {
      ...said,
      filters: { [SLOT]: { '@type': typeUrl(PER_ROUTE), requirement_name: requirement.key } },
      entries: { [SLOT]: [...entries, requirement] },
    };
  },
};

function compose(entries: readonly SharedEntry[]): JsonObject {
  const parts = entries.map(({ value }): envoy.JwtAuthentication => value);
  const providers = parts.flatMap((part) => Object.entries(part.providers ?? {}));
  const requirements = parts.flatMap((part) => Object.entries(part.requirement_map ?? {}));
  return {
    ...(providers.length === 0 ? {} : { providers: Object.fromEntries(providers) }),
    ...(requirements.length === 0 ? {} : { requirement_map: Object.fromEntries(requirements) }),
  };
}

const keyOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

function requirementOf(providers: readonly string[]): SharedEntry {
  const names = [...new Set(providers)].sort(compareText);
  const key = `any.${keyOf(names)}`;
  const [only, another] = names;
  const requirement: envoy.JwtRequirement =
    only !== undefined && another === undefined
      ? { provider_name: only }
      : { requires_any: { requirements: names.map((name) => ({ provider_name: name })) } };
  const value: envoy.JwtAuthentication = { requirement_map: { [key]: requirement } };
  return { key, value };
}

interface Keys {
  readonly fields: Pick<envoy.JwtProvider, 'local_jwks' | 'remote_jwks'> | null;
  readonly clusters: readonly Lowered[];
  readonly materials: readonly MaterialValue[];
  readonly findings: readonly Finding[];
}

interface SpelledProvider extends Omit<Keys, 'fields'> {
  /** Null without keys. */
  readonly entry: SharedEntry | null;
}

/** No token has such a claim. */
const NO_CLAIM = '#helve#none';

/**
 * In a group the claims choose the rule anew. `told`: the headers that any of the providers writes.
 * Envoys before 1.40 drop what clients say in those of the provider alone that knows the token.
 */
function spelledOf(
  provider: JwtProvider,
  place: SpellingPlace,
  told: ReadonlySet<string>,
): SpelledProvider {
  const { fields, ...rest } = keysOf(provider, place);
  if (fields === null) return { ...rest, entry: null };
  const { issuer, audiences, claimToHeaders, from, isForwarded } = provider;
  const own = Object.entries(claimToHeaders).sort(([a], [b]) => compareText(a, b));
  const written = new Set(Object.values(claimToHeaders));
  const others = [...told].filter((name) => !written.has(name)).sort(compareText);
  const headers = [...own, ...others.map((name) => [NO_CLAIM, name] as const)];
  const message: envoy.JwtProvider = {
    issuer,
    ...(audiences.length === 0 ? {} : { audiences }),
    ...fields,
    ...sourcesOf(from),
    forward: isForwarded,
    payload_in_metadata: CLAIMS,
    ...(place.isGrouped ? { clear_route_cache: true } : {}),
    ...(headers.length === 0
      ? {}
      : {
          claim_to_headers: headers.map(([claim_name, header_name]) => ({
            header_name,
            claim_name,
          })),
        }),
  };
  const key = keyOf(message);
  const value: envoy.JwtAuthentication = { providers: { [key]: message } };
  return { ...rest, entry: { key, value } };
}

function sourcesOf(from: readonly JwtSource[]): envoy.JwtProvider {
  const headers = from.filter((source) => source.kind === 'header');
  const named = (kind: 'query' | 'cookie'): readonly string[] =>
    from.flatMap((source) => (source.kind === kind ? [source.name] : []));
  const [params, cookies] = [named('query'), named('cookie')];
  return {
    ...(headers.length === 0
      ? {}
      : {
          from_headers: headers.map(({ name, prefix }) => ({
            name,
            ...(prefix === '' ? {} : { value_prefix: prefix }),
          })),
        }),
    ...(params.length === 0 ? {} : { from_params: params }),
    ...(cookies.length === 0 ? {} : { from_cookies: cookies }),
  };
}

function keysOf({ jwks, pointer }: JwtProvider, place: SpellingPlace): Keys {
  const { doc, pointer: base } = place.origin;
  const origin = { doc, pointer: `${base}${pointer}/${jwks.kind}` };
  return jwks.kind === 'url' ? remoteKeys(jwks, origin) : localKeys(jwks, origin, place);
}

function remoteKeys(
  { url, address, sni }: Extract<JwtKeys, { readonly kind: 'url' }>,
  origin: Origin,
): Keys {
  const tls = sni === null ? null : { sni };
  const target = { kind: 'addresses', addresses: [address], tls, pointer: origin.pointer } as const;
  const cluster = lowerAddresses(target, origin);
  const remote_jwks: envoy.RemoteJwks = {
    http_uri: { uri: url, cluster: cluster.name, timeout: '5s' },
    cache_duration: '600s',
    // An issuer that is away must not hold up a listener: requests wait for the keys instead.
    async_fetch: { fast_listener: true, failed_refetch_duration: '1s' },
  };
  return { fields: { remote_jwks }, clusters: [cluster], materials: [], findings: [] };
}

/** What the file says, or else what it last said when it was good. */
function localKeys(
  { path }: Extract<JwtKeys, { readonly kind: 'file' }>,
  origin: Origin,
  place: SpellingPlace,
): Keys {
  const name = `Jwks/${path}`;
  const found = place.file(path);
  const read = found?.kind === 'read' ? readKeySet(found.bytes) : null;
  if (read?.ok === true) {
    const bytes = new TextEncoder().encode(read.text);
    return localOf(read.text, { name, hash: hashBytes(bytes), bytes }, []);
  }
  const problem =
    read === null
      ? fileProblem(found, path, origin)
      : finding('JWKS_INVALID', origin, `${place.subject}: ${path}: ${read.message}`);
  const held = { ...problem, message: redactPem(problem.message), isMaterial: true };
  const last = place.lastGood(name);
  if (last !== null) return localOf(new TextDecoder().decode(last.bytes), last, [held]);
  return { fields: null, clusters: [], materials: [], findings: [held] };
}

const localOf = (text: string, value: MaterialValue, findings: readonly Finding[]): Keys => ({
  fields: { local_jwks: { inline_string: text } },
  clusters: [],
  materials: [value],
  findings,
});
