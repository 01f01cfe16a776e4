import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  openLookoutRig,
  takeTime,
  textsOf,
  writeFiles,
  type Files,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';

const cluster = (name: string, port = 8000): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["127.0.0.1:${port}"]\n`;

const BEFORE: Files = { 'a.yaml': cluster('a'), 'b.yaml': cluster('b'), 'c/d.yaml': cluster('d') };
const A2 = cluster('a', 8001);
const B2 = cluster('b', 8001);

interface Case {
  readonly name: string;
  readonly before?: Files;
  readonly change: (rig: LookoutRig) => void | Promise<void>;
  readonly want: Files;
}

const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Writes beside and renames over, as most editors, Git and rsync do. */
function replace(path: string, text: string, beside: string): void {
  fs.writeFileSync(beside, text);
  fs.renameSync(beside, path);
}

const numbered = (count: number, port: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`many/${i % 10}/c${i}.yaml`, cluster(`c${i}`, port)]),
  );

const LARGE = Array.from({ length: 2_000 }, (_, i) => cluster(`l${i}`)).join('---\n');

const CASES: readonly Case[] = [
  {
    name: 'writes in place',
    change: (rig) => fs.writeFileSync(rig.path('a.yaml'), A2),
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'truncates, then writes in pieces',
    change: async (rig) => {
      fs.truncateSync(rig.path('a.yaml'));
      for (const line of A2.split(/(?<=\n)/)) {
        await takeTime(30);
        fs.appendFileSync(rig.path('a.yaml'), line);
      }
    },
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'truncates, and writes after 300 ms',
    change: async (rig) => {
      fs.truncateSync(rig.path('a.yaml'));
      await takeTime(300);
      fs.appendFileSync(rig.path('a.yaml'), A2);
    },
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'writes a large new file in blocks',
    change: async (rig) => {
      for (let at = 0; at < LARGE.length; at += 16_384) {
        fs.appendFileSync(rig.path('large.yaml'), LARGE.slice(at, at + 16_384));
        await takeTime(8);
      }
    },
    want: { ...BEFORE, 'large.yaml': LARGE },
  },
  {
    name: 'renames over, as sed -i and most editors do',
    change: (rig) => replace(rig.path('a.yaml'), A2, rig.path('sedX1.tmp')),
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'edits with vim: swap file, backup, rename',
    change: async (rig) => {
      fs.writeFileSync(rig.path('.a.yaml.swp'), 'swap');
      fs.writeFileSync(rig.path('4913'), '');
      fs.unlinkSync(rig.path('4913'));
      fs.renameSync(rig.path('a.yaml'), rig.path('a.yaml~'));
      await takeTime(20);
      fs.writeFileSync(rig.path('a.yaml'), A2);
      fs.unlinkSync(rig.path('a.yaml~'));
      fs.unlinkSync(rig.path('.a.yaml.swp'));
    },
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'edits with emacs: lock link, auto-save, backup',
    change: (rig) => {
      fs.symlinkSync('user@host.1:2', rig.path('.#a.yaml'));
      fs.writeFileSync(rig.path('#a.yaml#'), 'half');
      fs.copyFileSync(rig.path('a.yaml'), rig.path('a.yaml~'));
      fs.writeFileSync(rig.path('a.yaml'), A2);
      fs.unlinkSync(rig.path('#a.yaml#'));
      fs.unlinkSync(rig.path('.#a.yaml'));
    },
    want: { ...BEFORE, 'a.yaml': A2 },
  },
  {
    name: 'copies a folder in, file by file',
    change: async (rig) => {
      for (const [name, text] of Object.entries(numbered(40, 9000))) {
        writeFiles(rig.path(''), { [name]: text });
        await takeTime(5);
      }
    },
    want: { ...BEFORE, ...numbered(40, 9000) },
  },
  {
    name: 'rsyncs: hidden temporary files renamed over, then deletions',
    // One existing file that was replaced is rightly taken at once: no pause may follow it here.
    change: (rig) => {
      replace(rig.path('a.yaml'), A2, rig.path('.a.yaml.Xy12'));
      replace(rig.path('b.yaml'), B2, rig.path('.b.yaml.Xy13'));
      fs.rmSync(rig.path('c/d.yaml'));
    },
    want: { 'a.yaml': A2, 'b.yaml': B2 },
  },
  {
    name: 'moves a folder in',
    change: (rig) => {
      writeFiles(join(rig.top, 'beside'), numbered(20, 9000));
      fs.renameSync(join(rig.top, 'beside', 'many'), rig.path('many'));
    },
    want: { ...BEFORE, ...numbered(20, 9000) },
  },
  {
    name: 'deletes a file',
    change: (rig) => fs.rmSync(rig.path('a.yaml')),
    want: { 'b.yaml': cluster('b'), 'c/d.yaml': cluster('d') },
  },
  {
    name: 'empties a file for good',
    change: (rig) => fs.truncateSync(rig.path('a.yaml')),
    want: { ...BEFORE, 'a.yaml': '' },
  },
  {
    name: 'checks many files out of Git',
    before: { ...BEFORE, ...numbered(process.env['HELVE_FULL'] === '1' ? 5_000 : 500, 9000) },
    change: (rig) => {
      git(rig.source, 'checkout', '-q', 'other');
    },
    want: { ...BEFORE, ...numbered(process.env['HELVE_FULL'] === '1' ? 5_000 : 500, 9001) },
  },
];

const EVENTS = [true, false] as const;

async function prepare(rig: LookoutRig, { name, want }: Case): Promise<void> {
  if (!name.includes('Git')) return;
  git(rig.source, 'init', '-q', '-b', 'main');
  git(rig.source, 'add', '.');
  git(rig.source, 'commit', '-qm', 'one');
  git(rig.source, 'checkout', '-qb', 'other');
  writeFiles(rig.source, want);
  git(rig.source, 'commit', '-qam', 'two');
  git(rig.source, 'checkout', '-q', 'main');
  await rig.flush();
}

/** The last generation is `want`, and no other was told than those of before and after. */
async function check(rig: LookoutRig, told: number, want: Files): Promise<void> {
  await rig.until((one) => isSame(textsOf(one), want));
  await rig.flush();
  const seen = rig.settled.slice(told).map(textsOf);
  expect(seen.map((texts) => Object.keys(texts).length)).toEqual(
    seen.map(() => Object.keys(want).length),
  );
  for (const texts of seen) expect(texts).toEqual(sorted(want));
  // Told once, and once more because it was asked for.
  expect(seen).toHaveLength(2);
}

const isSame = (a: Files, b: Files): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (files: Files): Files => Object.fromEntries(Object.entries(files).sort());

describe.each(EVENTS)('with events: %s', (hasEvents) => {
  it.each(CASES)('one clean generation when somebody $name', async (one) => {
    const rig = await openLookoutRig({ files: one.before ?? BEFORE, hasEvents });
    try {
      await prepare(rig, one);
      const told = rig.settled.length;
      await one.change(rig);
      await check(rig, told, one.want);
    } finally {
      await rig.close();
    }
  });

  it('tells nothing when a folder is moved away and back', async () => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents });
    fs.renameSync(rig.source, `${rig.source}.away`);
    await takeTime(150);
    fs.renameSync(`${rig.source}.away`, rig.source);
    await rig.flush();
    expect(rig.settled.map(textsOf).map(sorted)).toEqual([sorted(BEFORE), sorted(BEFORE)]);
    await rig.close();
  });

  it('says that the source is gone, and takes it again', async () => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents });
    fs.renameSync(rig.source, `${rig.source}.away`);
    const gone = await rig.until(({ generation }) => generation.problem !== null);
    expect(gone.generation.problem?.code).toBe('SOURCE_MISSING');
    fs.renameSync(`${rig.source}.away`, rig.source);
    await rig.until((found) => found !== rig.settled[0] && isSame(textsOf(found), BEFORE));
    expect(rig.settled).toHaveLength(3);
    await rig.close();
  });

  it('takes a generation of a ..data swap as one', async () => {
    const rig = await openLookoutRig({ files: {}, hasEvents });
    const swap = (name: string, files: Files): void => {
      writeFiles(rig.path(name), files);
      fs.symlinkSync(name, rig.path('..data_tmp'));
      fs.renameSync(rig.path('..data_tmp'), rig.path('..data'));
    };
    swap('..one', { 'a.yaml': cluster('a'), 'b.yaml': cluster('b') });
    fs.symlinkSync('..data/a.yaml', rig.path('a.yaml'));
    fs.symlinkSync('..data/b.yaml', rig.path('b.yaml'));
    await rig.until((one) =>
      isSame(textsOf(one), { 'a.yaml': cluster('a'), 'b.yaml': cluster('b') }),
    );
    const told = rig.settled.length;
    swap('..two', { 'a.yaml': A2, 'b.yaml': B2 });
    fs.rmSync(rig.path('..one'), { recursive: true });
    await check(rig, told, { 'a.yaml': A2, 'b.yaml': B2 });
    await rig.close();
  });

  it('follows one file as the source through a rename', async () => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents, source: 'source/a.yaml' });
    replace(rig.path('a.yaml'), A2, rig.path('.tmp'));
    await check(rig, 1, { 'a.yaml': A2 });
    await rig.close();
  });

  it('follows a source that is a link, replaced by a rename', async () => {
    const link = await openLinked(hasEvents);
    replaceLink(link.source, 'source/two');
    await check(link, 1, { 'a.yaml': A2, 'b.yaml': B2 });
    await link.close();
  });

  it('delivers within 2 s while edits keep coming', async () => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents, scanIntervalMs: 1_000 });
    let port = 10_000;
    const written = new Map<string, number>();
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) {
        const text = cluster('a', port);
        written.set(text, performance.now());
        fs.writeFileSync(rig.path('a.yaml'), text);
        port += 1;
        await takeTime(50);
      }
    })();
    const beganAt = performance.now();
    let lastAt = beganAt;
    let gapMax = 0;
    for (let taken = 0; performance.now() - beganAt < 5_000; taken += 1) {
      const before = rig.settled.length;
      await rig.until((one) => rig.settled.indexOf(one) >= before);
      const now = performance.now();
      gapMax = Math.max(gapMax, now - lastAt);
      lastAt = now;
    }
    over.abort();
    await writing;
    expect(gapMax).toBeLessThan(2_000);
    for (const one of rig.settled.slice(1)) {
      expect(written.has(textsOf(one)['a.yaml'] ?? '')).toBe(true);
    }
    await rig.close();
  });
});

async function openLinked(hasEvents: boolean): Promise<LookoutRig> {
  return openLookoutRig({
    files: { 'one/a.yaml': cluster('a'), 'two/a.yaml': A2, 'two/b.yaml': B2 },
    links: { link: 'source/one' },
    hasEvents,
    source: 'link',
  });
}

function replaceLink(link: string, target: string): void {
  fs.symlinkSync(target, `${link}.new`);
  fs.renameSync(`${link}.new`, link);
}

it('looks at once when told, and tells even what is known', async () => {
  const rig = await openLookoutRig({ files: BEFORE, hasEvents: false, scanIntervalMs: 600_000 });
  fs.writeFileSync(rig.path('a.yaml'), A2);
  const found = await rig.flush();
  expect(textsOf(found)).toEqual(sorted({ ...BEFORE, 'a.yaml': A2 }));
  expect(textsOf(await rig.flush())).toEqual(textsOf(found));
  await rig.close();
});

it.each([
  ['a file', 'FILE_TOO_LARGE', { fileBytesMax: 20 }],
  ['the tree by bytes', 'TREE_TOO_LARGE', { treeBytesMax: 100 }],
  ['the tree by number', 'TREE_TOO_LARGE', { treeFilesMax: 2 }],
  ['the depth', 'TREE_TOO_LARGE', { treeDepthMax: 0 }],
])('refuses %s beyond its limit with %s', async (_what, code, limits) => {
  const rig = await openLookoutRig({ files: BEFORE, limits });
  const [first] = rig.settled;
  const problems = [first?.generation.problem, ...filesProblems(rig)];
  expect(problems.map((found) => found?.code)).toContain(code);
  await rig.close();
});

const filesProblems = (rig: LookoutRig) =>
  [...(rig.settled[0]?.generation.files.values() ?? [])].map(({ problem }) => problem);

const certificate = (cert: string): string =>
  `kind: Certificate\nname: shop\ncert: ${cert}\nkey: ${cert.replace('crt', 'key')}\n`;

it.each([
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

it.each(EVENTS)('tells of a rotated pair outside the folder (events: %s)', async (hasEvents) => {
  const path = '../outside/tls.crt';
  const rig = await openLookoutRig({
    files: {
      'shop.yaml': certificate(path),
      '../outside/tls.crt': 'cert 1',
      '../outside/tls.key': 'key 1',
    },
    allowPaths: (top) => [join(top, 'outside')],
    hasEvents,
  });
  const contents = (settled = rig.settled.at(-1)): readonly string[] =>
    [...(settled?.generation.material.values() ?? [])].map(({ file }) =>
      file.kind === 'read' ? Buffer.from(file.bytes).toString() : file.problem.code,
    );
  expect(contents().toSorted()).toEqual(['cert 1', 'key 1']);
  replace(join(rig.top, 'outside/tls.key'), 'key 2', join(rig.top, 'outside/.k'));
  replace(join(rig.top, 'outside/tls.crt'), 'cert 2', join(rig.top, 'outside/.c'));
  const rotated = await rig.until((one) => contents(one).includes('cert 2'));
  expect(contents(rotated).toSorted()).toEqual(['cert 2', 'key 2']);
  await rig.close();
});

it('a file that becomes a folder, and a folder that becomes a file, are told', async () => {
  const rig = await openLookoutRig({ files: BEFORE });
  fs.rmSync(rig.path('c'), { recursive: true });
  fs.writeFileSync(rig.path('c'), 'no folder');
  await rig.until((one) => one.generation.files.size === 2);
  fs.rmSync(rig.source, { recursive: true });
  fs.writeFileSync(rig.source, cluster('x'));
  await rig.until((one) => isSame(textsOf(one), { source: cluster('x') }));
  await rig.close();
});
