import * as fs from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import {
  cluster,
  openLookoutRig,
  replace,
  takeTime,
  toldAlone,
  writeFiles,
  type Files,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';

// Every way in which people and tools write files gives one clean generation, with events and
// without. Most of the time is quiet that is waited for: so all of them are at it at once.

const BEFORE: Files = { 'a.yaml': cluster('a'), 'b.yaml': cluster('b'), 'c/d.yaml': cluster('d') };
const A2 = cluster('a', 8001);
const B2 = cluster('b', 8001);

interface Case {
  readonly name: string;
  readonly change: (rig: LookoutRig) => void | Promise<void>;
  readonly want: Files;
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
      for (const [name, text] of Object.entries(numbered(12, 9000))) {
        writeFiles(rig.path(''), { [name]: text });
        await takeTime(25);
      }
    },
    want: { ...BEFORE, ...numbered(12, 9000) },
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
];

const ROWS = CASES.flatMap((one) => [
  { ...one, hasEvents: true },
  { ...one, hasEvents: false },
]);

it.concurrent.each(ROWS)(
  'one clean generation when somebody $name (events: $hasEvents)',
  async ({ hasEvents, ...one }) => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents });
    try {
      const told = rig.settled.length;
      await one.change(rig);
      await toldAlone(rig, told, one.want);
    } finally {
      await rig.close();
    }
  },
);
