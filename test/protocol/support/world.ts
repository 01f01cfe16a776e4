import {
  documentId,
  hashBytes,
  revisionId,
  version,
  type RevisionId,
} from '../../../src/base/index.ts';
import type { Target } from '../../../src/delivery/index.ts';
import {
  createInterner,
  type Extensions,
  lackingOf,
  NO_TRAITS,
  type Ref,
  type Resource,
  type ResourceTraits,
  type Snapshot,
  type TypeId,
} from '../../../src/snapshot/index.ts';

/** Short names of types, as tests write them. */
export const SHORT = {
  cds: 'Cluster',
  eds: 'ClusterLoadAssignment',
  leds: 'LbEndpoint',
  sds: 'Secret',
  ecds: 'TypedExtensionConfig',
  lds: 'Listener',
  srds: 'ScopedRouteConfiguration',
  rds: 'RouteConfiguration',
  vhds: 'VirtualHost',
  rtds: 'Runtime',
} as const satisfies Record<string, TypeId>;

export type Short = keyof typeof SHORT;

export interface Content {
  readonly refs?: readonly Ref[];
  readonly traits?: Partial<ResourceTraits>;
}

const interner = createInterner();

/** A resource whose bytes are `name=content`. */
export function resource(
  short: Short,
  name: string,
  content: string,
  { refs = [], traits = {} }: Content = {},
): Resource {
  const bytes = Buffer.from(`${name}=${content}`);
  const origin = { doc: documentId(`${short}.yaml`, 0), pointer: `/${name}` };
  return {
    type: SHORT[short],
    name,
    version: version(hashBytes(`${name}=${content} ${traits.ttlMs ?? ''}`.trim())),
    bytes,
    refs,
    // Sets are interned by versions and parts: two worlds must not share what differs in refs.
    parts: [{ key: name, hash: hashBytes(JSON.stringify([refs, traits])), origins: [origin] }],
    secret: short === 'sds',
    traits: { ...NO_TRAITS, ...traits },
  };
}

/** `cluster(v)`, its endpoints, a route table and so on, by one line: `cds a=1`. */
export function parseWorld(text: string): readonly Resource[] {
  return text
    .split(/[,\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const found = /^(\w+) ([^ ]+)=([^ =]*)((?: ->[^!]*)?)((?: !.*)?)$/.exec(line);
      const [, short = '', name = '', content = '', refs = '', flags = ''] = found ?? [];
      if (!isShort(short)) throw new Error(`not a resource: ${line}`);
      return resource(short, name, content, {
        refs: refs
          .replace(' ->', '')
          .trim()
          .split(' ')
          .filter((ref) => ref !== '')
          .map(parseRef),
        traits: parseTraits(short, content, flags.replace(' !', '').trim()),
      });
    });
}

export const versionOf = (short: Short, name: string, content: string): string =>
  resource(short, name, content).version;

export function snapshotOf(resources: Iterable<Resource>): Snapshot {
  const byType = new Map<TypeId, Resource[]>();
  for (const r of resources) byType.set(r.type, [...(byType.get(r.type) ?? []), r]);
  return interner.snapshot([...byType].map(([type, list]) => interner.set(type, list)));
}

/** What is known of a client before it is sent anything. */
interface Abilities {
  readonly extensions: Extensions | null;
  readonly isSotw: boolean;
}

/** The target that a text describes; its revision is named after it. */
export function targetOf(
  text: string,
  drainTimeMs = 600_000,
  { extensions = null, isSotw = false }: Partial<Abilities> = {},
): Target {
  const snapshot = snapshotOf(parseWorld(text));
  const lacking = lackingOf(snapshot, extensions, isSotw);
  return { revision: revisionOf(text), snapshot, drainTimeMs, lacking };
}

export const revisionOf = (text: string): RevisionId => revisionId(hashBytes(text));

const isShort = (text: string): text is Short => Object.hasOwn(SHORT, text);

function parseRef(text: string): Ref {
  const at = text.indexOf('/');
  const [short, name] = [text.slice(0, at), text.slice(at + 1)];
  if (!isShort(short)) throw new Error(`not a reference: ${text}`);
  return { type: SHORT[short], name };
}

/**
 * `slow`: warms on more than its endpoints; `filters:a+b`; `demand`: on demand; `scopes`: a
 * listener has them; `ttl:9s`: a lifetime; `needs:a+b`: extensions; `delta`: works over delta
 * only; `domains:a+b`; a listener's content is its chain.
 */
function parseTraits(short: Short, content: string, flags: string): Partial<ResourceTraits> {
  const filters = /filters:(\S+)/.exec(flags)?.[1]?.split('+') ?? [];
  const ttl = /ttl:(\d+)s/.exec(flags)?.[1];
  const domains = /domains:(\S+)/.exec(flags)?.[1]?.split('+');
  const needs = /needs:(\S+)/.exec(flags)?.[1]?.split('+');
  return {
    ...(needs === undefined ? {} : { extensions: needs.map((type) => ({ type })) }),
    ...(flags.includes('delta') ? { needsDelta: { type: 'odcds' } } : {}),
    ...(flags.includes('demand') ? { isOnDemand: true } : {}),
    ...(flags.includes('scopes') ? { hasScopes: true } : {}),
    ...(ttl === undefined ? {} : { ttlMs: Number(ttl) * 1000 }),
    ...(domains === undefined ? {} : { domains }),
    warmsSlowly: flags.includes('slow'),
    filters,
    drain:
      short === 'lds' && !flags.includes('still')
        ? { shell: hashBytes('shell'), chains: [hashBytes(content)] }
        : { shell: hashBytes('shell'), chains: [] },
  };
}
