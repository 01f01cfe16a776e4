import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  cluster,
  openLookoutRig,
  replace,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';

// Files that documents name: certificates, keys, bodies.

const EVENTS = [true, false] as const;
/** Later than any test: only an event leads to a look before. */
const NEVER_MS = 600_000;
const certificate = (cert: string): string =>
  `kind: Certificate\nname: shop\ncert: ${cert}\nkey: ${cert.replace('crt', 'key')}\n`;

const contents = (rig: LookoutRig, settled = rig.settled.at(-1)): readonly string[] =>
  [...(settled?.generation.material.values() ?? [])]
    .map(({ file }) =>
      file.kind === 'read' ? Buffer.from(file.bytes).toString() : file.problem.code,
    )
    .sort();

it.concurrent.each([
  ['inside the folder', 'tls.crt', false, {}, 'read'],
  ['outside without leave', '../outside/tls.crt', false, {}, 'PATH_ESCAPE'],
  ['outside with leave', '../outside/tls.crt', true, {}, 'read'],
  ['that is missing', 'gone.crt', false, {}, 'FILE_UNREADABLE'],
  ['that is a folder', 'folder.crt', false, {}, 'FILE_NOT_REGULAR'],
  ['that is too large', 'tls.crt', false, { materialBytesMax: 2 }, 'FILE_TOO_LARGE'],
])('reads material %s', async (_what, path, isAllowed, limits, want) => {
  const rig = await openLookoutRig({
    files: {
      'shop.yaml': certificate(path),
      'tls.crt': 'cert',
      'tls.key': 'key!',
      'folder.crt/x': '',
      '../outside/tls.crt': 'cert',
      '../outside/tls.key': 'key!',
    },
    allowPaths: (top) => (isAllowed ? [join(top, 'outside')] : []),
    limits,
  });
  const named = rig.settled[0]?.generation.material.get(path)?.file;
  expect(named?.kind === 'refused' ? named.problem.code : named?.kind).toBe(want);
  await rig.close();
});

it.concurrent('tells when a key is no longer open to everybody', async () => {
  const key = '-----BEGIN PRIVATE KEY-----';
  const files = { 'shop.yaml': certificate('tls.crt'), 'tls.crt': 'cert', 'tls.key': key };
  const rig = await openLookoutRig({ files, hasEvents: false });
  const isExposed = ({ generation }: (typeof rig.settled)[number]): boolean =>
    generation.material.get('tls.key')?.isExposedKey === true;
  chmodSync(rig.path('tls.key'), 0o644);
  await rig.until(isExposed);
  chmodSync(rig.path('tls.key'), 0o600);
  const settled = rig.settled.length;
  const closed = await rig.until((one) => rig.settled.indexOf(one) >= settled && !isExposed(one));
  expect(contents(rig, closed)).toEqual([key, 'cert']);
  await rig.close();
});

it.concurrent.each(EVENTS)(
  'tells of a rotated pair outside the folder (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({
      files: {
        'shop.yaml': certificate('../outside/tls.crt'),
        '../outside/tls.crt': 'cert 1',
        '../outside/tls.key': 'key 1',
      },
      allowPaths: (top) => [join(top, 'outside')],
      hasEvents,
      scanIntervalMs: hasEvents ? NEVER_MS : 200,
    });
    expect(contents(rig)).toEqual(['cert 1', 'key 1']);
    replace(join(rig.top, 'outside/tls.key'), 'key 2');
    replace(join(rig.top, 'outside/tls.crt'), 'cert 2');
    const rotated = await rig.until((one) => contents(rig, one).includes('cert 2'));
    expect(contents(rig, rotated)).toEqual(['cert 2', 'key 2']);
    await rig.close();
  },
);

it.concurrent.each([
  ['events', true, NEVER_MS],
  ['polling', false, 200],
])(
  'reads and watches what lies beside a source that is one file (%s)',
  async (_how, hasEvents, scanIntervalMs) => {
    const rig = await openLookoutRig({
      files: {
        'shop.yaml': certificate('tls/a.crt'),
        'tls/a.crt': 'cert 1',
        'tls/a.key': 'key 1',
      },
      source: 'source/shop.yaml',
      hasEvents,
      scanIntervalMs,
    });
    expect(contents(rig)).toEqual(['cert 1', 'key 1']);
    replace(rig.path('tls/a.key'), 'key 2');
    await rig.until((one) => contents(rig, one).includes('key 2'));
    await rig.close();
  },
);

it.concurrent('lets a source that is one file name nothing outside its folder', async () => {
  const rig = await openLookoutRig({
    files: {
      'in/shop.yaml': certificate('../tls.crt'),
      'tls.crt': 'cert',
      'tls.key': 'key!',
    },
    source: 'source/in/shop.yaml',
  });
  expect(contents(rig)).toEqual(['PATH_ESCAPE', 'PATH_ESCAPE']);
  await rig.close();
});

it.concurrent.each(EVENTS)(
  'watches what only the accepted documents name (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({
      // The document that names the pair is being edited: what is on disk names nothing.
      files: { 'shop.yaml': 'kind: Certificat\n', 'a.yaml': cluster('a'), 'tls/a.key': 'key 1' },
      acceptedFiles: () => [{ path: 'tls/a.key', where: () => null }],
      hasEvents,
      scanIntervalMs: hasEvents ? NEVER_MS : 200,
    });
    expect(contents(rig)).toEqual(['key 1']);
    replace(rig.path('tls/a.key'), 'key 2');
    const rotated = await rig.until((one) => contents(rig, one).includes('key 2'));
    expect([...rotated.generation.material.keys()]).toEqual(['tls/a.key']);
    await rig.close();
  },
);
