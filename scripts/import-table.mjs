// Which folder of src may import which: the one source for dependency-cruiser, eslint and
// ARCHITECTURE.md (a tidy test compares).

/**
 * In the order of the data's way. `io` folders may touch the world; all others are pure.
 *
 * @type {readonly {
 *   folder: string, may: readonly string[], io: boolean, does: string,
 * }[]}
 */
export const IMPORT_TABLE = [
  {
    folder: 'base',
    may: [],
    io: false,
    does: 'brands, outcomes, diagnostics and their catalogue, hashing, `Secret`, origins, limits',
  },
  {
    folder: 'schema',
    may: ['base'],
    io: false,
    does: "Envoy's own API: descriptors, ProtoJSON codec, strict walker, rules, redaction, floors",
  },
  {
    folder: 'model',
    may: ['base'],
    io: false,
    does: 'text → values with origins: the YAML reader and the kinds (what they mean)',
  },
  {
    folder: 'snapshot',
    may: ['base'],
    io: false,
    does: 'resources, interned sets, snapshots, groups, the type table, diff, culprits',
  },
  {
    folder: 'compile',
    may: ['base', 'schema', 'model', 'snapshot'],
    io: false,
    does: 'documents → resources (how they are spelled for Envoy), incrementally',
  },
  {
    folder: 'xds',
    may: ['base', 'snapshot'],
    io: false,
    does: 'the protocol: one subscription core, two encoders; knows only have and want',
  },
  {
    folder: 'delivery',
    may: ['base', 'snapshot', 'xds'],
    io: false,
    does: 'one client: stages, holds and gates over the protocol',
  },
  {
    folder: 'engine',
    may: ['base', 'snapshot', 'delivery'],
    io: false,
    does: '`step`: scan → compile → propose → committed → publish',
  },
  {
    folder: 'ingest',
    may: ['base', 'schema', 'model', 'snapshot', 'compile'],
    io: true,
    does: 'the compile process: watch, scan, read; runs model and compile',
  },
  {
    folder: 'store',
    may: ['base', 'snapshot'],
    io: true,
    does: 'the state directory: log, objects, last good',
  },
  {
    folder: 'server',
    may: ['base', 'snapshot', 'xds', 'delivery'],
    io: true,
    does: 'the gRPC transport, the one mutable map of clients, services beside xDS, admin HTTP',
  },
  {
    folder: 'envoy',
    may: ['base', 'schema'],
    io: true,
    does: 'provisioning, launch and bootstraps of Envoys',
  },
  {
    folder: 'host',
    may: [
      'base',
      'schema',
      'model',
      'snapshot',
      'compile',
      'xds',
      'delivery',
      'engine',
      'ingest',
      'store',
      'server',
      'envoy',
    ],
    io: true,
    does: 'the effect loop and the deadlines; implements the admin port',
  },
  {
    folder: 'cli',
    may: [
      'base',
      'schema',
      'model',
      'snapshot',
      'compile',
      'xds',
      'delivery',
      'engine',
      'ingest',
      'store',
      'server',
      'envoy',
      'host',
    ],
    io: true,
    does: 'the commands and how they print',
  },
];

/** Folders without I/O. */
export const CORE_FOLDERS = IMPORT_TABLE.filter((row) => !row.io).map((row) => row.folder);

/** Node core modules that pure folders may use. */
export const PURE_CORE_MODULES = ['assert', 'buffer', 'crypto', 'util'];

/** The table as ARCHITECTURE.md quotes it. */
export function importTableText() {
  const rows = IMPORT_TABLE.map(({ folder, may, io, does }) => {
    const pure = IMPORT_TABLE.length - 2;
    const list = may.length >= pure ? `everything but ${rest(may, folder)}` : may.join(', ');
    return `| \`${folder}/\`${io ? ' I/O' : ''} | ${does} | ${list === '' ? '–' : list} |`;
  });
  return ['| `src/` | what it does | may import |', '|---|---|---|', ...rows].join('\n');
}

function rest(may, folder) {
  const left = IMPORT_TABLE.map((row) => row.folder).filter(
    (name) => name !== folder && !may.includes(name),
  );
  return left.length === 0 ? 'nothing' : left.join(', ');
}
