/* eslint-disable max-lines-per-function -- one closure holds the state of one model */
import type { Resource } from '../../src/snapshot/index.ts';
import { resource } from '../protocol/support/world.ts';
import type { Random } from './random.ts';

interface Cluster {
  content: number;
  endpoints: number;
  isSlow: boolean;
}

interface Table {
  content: number;
  clusters: readonly string[];
}

interface Listener {
  content: number;
  /** Bumped by edits that drain: the filter chain changes. */
  chain: number;
}

/** What the operator edits: every reference resolves at any moment. */
export interface Documents {
  edit(random: Random, maySpoil: boolean): void;
  /** Mends everything that is spoilt. */
  mend(): void;
  isSpoilt(): boolean;
  resources(): readonly Resource[];
}

type Spoiling = 'badp' | 'badb';

export function createDocuments(): Documents {
  const clusters = new Map<string, Cluster>();
  const tables = new Map<string, Table>();
  const listeners = new Map<string, Listener>();
  const secrets = new Map<string, number>([
    ['s0', 1],
    ['s1', 1],
  ]);
  /** `cds/c1` → how it is wrong: against a rule of Envoy's, or when it is built. */
  const spoilt = new Map<string, Spoiling>();
  let count = 0;

  const bump = (): number => {
    count += 1;
    return count;
  };
  const addCluster = (random: Random): string => {
    const name = `c${random.int(12)}`;
    if (!clusters.has(name)) {
      clusters.set(name, { content: bump(), endpoints: bump(), isSlow: random.chance(0.25) });
    }
    return name;
  };
  const sweep = (): void => {
    const used = new Set([...tables.values()].flatMap((table) => table.clusters));
    for (const name of clusters.keys()) if (!used.has(name)) clusters.delete(name);
    for (const key of spoilt.keys()) if (!has(key)) spoilt.delete(key);
  };
  const has = (key: string): boolean => {
    const [short = '', name = ''] = key.split('/');
    if (short === 'cds' || short === 'eds') return clusters.has(name);
    if (short === 'rds') return tables.has(name);
    return short === 'lds' ? listeners.has(name) : secrets.has(name);
  };
  const addListener = (random: Random): void => {
    const name = `l${random.int(3)}`;
    if (listeners.has(name)) return;
    listeners.set(name, { content: bump(), chain: bump() });
    tables.set(name, { content: bump(), clusters: [addCluster(random)] });
  };
  const edits: readonly ((random: Random) => void)[] = [
    (random) => {
      // A cluster renamed together with the routes that lead to it.
      const [name, table] = random.pick([...tables]);
      const keep = random.chance(0.3) ? table.clusters.slice(0, 2) : [];
      const next = [...new Set([...keep, addCluster(random)])];
      tables.set(name, { content: bump(), clusters: next });
    },
    (random) => {
      const cluster = random.pick([...clusters.values()]);
      cluster.content = bump();
    },
    (random) => {
      random.pick([...clusters.values()]).endpoints = bump();
    },
    (random) => {
      random.pick([...tables.values()]).content = bump();
    },
    (random) => {
      const listener = random.pick([...listeners.values()]);
      listener.content = bump();
      if (random.chance(0.5)) listener.chain = bump();
    },
    (random) => {
      secrets.set(random.pick([...secrets.keys()]), bump());
    },
    addListener,
    (random) => {
      if (listeners.size < 2) return;
      const name = random.pick([...listeners.keys()]);
      listeners.delete(name);
      tables.delete(name);
    },
  ];
  const spoil = (random: Random): void => {
    const kinds: readonly (readonly [string, Iterable<string>])[] = [
      ['cds', clusters.keys()],
      ['eds', clusters.keys()],
      ['rds', tables.keys()],
      ['lds', listeners.keys()],
      ['sds', secrets.keys()],
    ];
    const [short, names] = random.pick(kinds);
    const how = random.pick(['badp', 'badb'] as const);
    spoilt.set(`${short}/${random.pick([...names])}`, how);
  };
  const content = (short: string, name: string, value: number): string =>
    `${spoilt.get(`${short}/${name}`) ?? ''}${value}`;

  addListener({ int: () => 0, chance: () => false, pick: ([first]) => first as never });

  return {
    edit: (random, maySpoil) => {
      const times = 1 + random.int(3);
      for (let i = 0; i < times; i += 1) random.pick(edits)(random);
      if (maySpoil && random.chance(0.15)) spoil(random);
      if (spoilt.size > 0 && random.chance(0.3)) spoilt.delete(random.pick([...spoilt.keys()]));
      sweep();
    },
    mend: () => {
      for (const key of spoilt.keys()) spoilt.delete(key);
    },
    isSpoilt: () => spoilt.size > 0,
    resources: () => [
      ...[...clusters].flatMap(([name, { content: value, endpoints, isSlow }]) => [
        resource('cds', name, `${content('cds', name, value)}${isSlow ? 's' : 'q'}`, {
          refs: [{ type: 'ClusterLoadAssignment', name }],
          traits: { warmsSlowly: isSlow },
        }),
        resource('eds', name, content('eds', name, endpoints)),
      ]),
      ...[...tables].map(([name, table]) =>
        resource(
          'rds',
          name,
          `${content('rds', name, table.content)}:${table.clusters.join('+')}`,
          {
            refs: table.clusters.map((cluster) => ({ type: 'Cluster', name: cluster }) as const),
          },
        ),
      ),
      ...[...listeners].map(([name, listener]) =>
        resource('lds', name, `${content('lds', name, listener.content)}-${listener.chain}`, {
          refs: [
            { type: 'RouteConfiguration', name },
            { type: 'Secret', name: 's0' },
          ],
          traits: { drain: { shell: '' as never, chains: [`${listener.chain}` as never] } },
        }),
      ),
      ...[...secrets].map(([name, value]) => resource('sds', name, content('sds', name, value))),
    ],
  };
}
