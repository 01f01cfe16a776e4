import { expect, test } from 'vitest';
import type { Entry, Revision, RevisionDelta } from '../snapshot/index.ts';
import { createLastGoodSaver } from './last-good-saver.ts';

// The saver passes these on and never looks inside.
const revision = (id: string) => ({ id }) as unknown as Revision;
const ENTRY = {} as unknown as Entry;

test('the newest is written, once; a failure is told and does not last', async () => {
  const written: unknown[] = [];
  const troubles: unknown[] = [];
  let fails = false;
  const saver = createLastGoodSaver({
    encode: ({ id }) => ({ id }) as unknown as RevisionDelta,
    write: ({ id }) => {
      if (fails) return Promise.resolve('no space');
      written.push(id);
      return Promise.resolve(null);
    },
    onTrouble: (why) => troubles.push(why),
  });
  saver.save(revision('1'), ENTRY);
  saver.save(revision('2'), ENTRY);
  await saver.flush();
  await saver.flush();
  expect(written).toEqual(['2']);
  fails = true;
  saver.save(revision('3'), ENTRY);
  await saver.flush();
  fails = false;
  saver.save(revision('4'), ENTRY);
  await saver.flush();
  expect(written).toEqual(['2', '4']);
  expect(troubles).toEqual(['no space']);
});
