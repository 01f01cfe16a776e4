import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  diagnostic,
  manifestId,
  materialId,
  mono,
  revisionId,
  seq,
  type RequestId,
  type RevisionId,
  type Scan,
} from '../base/index.ts';
import type { CompileRequest, Entry } from '../snapshot/index.ts';
import { deadline, openEngine, step } from './index.ts';
import { APPLIES_MAX } from './step.ts';
import type { EngineEffect, EngineEvent } from './types.ts';

/**
 * A small model of the host. `d1` differs from `d0` by a comment; `typo` never compiles; `shrunk`
 * compiles on command, or where it is accepted; `deadly` kills the compile process; nothing
 * compiles with the material `torn`.
 */
const DOCUMENTS = ['d0', 'd1', 'd2', 'typo', 'shrunk', 'deadly'] as const;
const MATERIAL = ['m0', 'm1', 'torn'] as const;

const revisionOf = (documents: string, material: string): RevisionId =>
  revisionId(`${documents === 'd1' ? 'd0' : documents}+${material}`);

function canCompile(
  documents: string,
  material: string,
  request: Partial<CompileRequest>,
): boolean {
  if (documents === 'typo' || documents === 'deadly' || material === 'torn') return false;
  if (documents !== 'shrunk' || request.base === null) return true;
  return (request.allowRemovals ?? 0) > 0 || request.base?.startsWith('shrunk+') === true;
}

function entryOf(number: number, documents: string, material: string): Entry {
  return {
    seq: seq(number),
    prev: '',
    kind: 'accept',
    at: '',
    revision: revisionOf(documents, material),
    documents: manifestId(documents),
    material: materialId(material),
    compiler: 'test',
    filterProfile: 1,
    language: 1,
    hash: '',
  };
}

const compiledOf = (documents: string, material: string, id: RequestId): EngineEvent => ({
  kind: 'compiled',
  id,
  result: {
    ok: true,
    value: {
      revision: revisionOf(documents, material),
      documents: manifestId(documents),
      material: materialId(material),
      warnings: [],
      heldMaterial: [],
    },
    diagnostics: [],
  },
});

type Action =
  | { readonly kind: 'scan'; readonly documents: string | null; readonly material: string }
  | { readonly kind: 'look' | 'answer' | 'die' | 'commit' | 'refuse' | 'wait' }
  | { readonly kind: 'apply'; readonly allowRemovals: number };

interface Start {
  readonly accepted: string | null;
  readonly isServed: boolean;
}

function simulate(start: Start) {
  let state = openEngine();
  let now = 0;
  let compiling: CompileRequest | null = null;
  let lastCompiled: RevisionId | null = null;
  let proposing: Extract<EngineEffect, { kind: 'propose' }> | null = null;
  const log: Entry[] = [];
  const published: number[] = [];
  let served: RevisionId | null = null;
  let disk: { readonly documents: string | null; readonly material: string } | null = null;
  let owesScan = true;
  let deaths = 0;
  let asked = 0;
  let answered = 0;

  const feed = (event: EngineEvent): void => {
    const [next, effects] = step(state, event, mono(now), now);
    state = next;
    expect(effects.length, event.kind).toBeLessThanOrEqual(APPLIES_MAX + 6);
    for (const effect of effects) perform(effect);
    // Whatever happens, the engine neither sleeps over work nor asks for a time that has passed.
    const at = deadline(state);
    if (at !== null && event.kind === 'tick') expect(at).toBeGreaterThan(now);
  };
  const perform = (effect: EngineEffect): void => {
    switch (effect.kind) {
      case 'compile':
        expect([compiling, proposing], 'one compile in flight').toEqual([null, null]);
        compiling = effect.request;
        if (effect.request.base !== null) expect(effect.request.base).toBe(served);
        break;
      case 'propose':
        expect([compiling, proposing], 'one proposal in flight').toEqual([null, null]);
        expect(effect.after).toBe(log.length);
        expect(effect.revision).toBe(lastCompiled);
        expect(effect.revision).not.toBe(log.at(-1)?.revision);
        proposing = effect;
        break;
      case 'publish':
        expect(effect.entry).toBe(log.at(-1));
        expect(effect.rollout).toEqual({ base: served, next: effect.entry.revision });
        served = effect.rollout.next;
        published.push(effect.entry.seq);
        break;
      case 'applied':
        answered += 1;
        break;
      case 'tell':
      case 'reloaded':
        break;
    }
  };
  const scan = (documents: string | null, material: string): void => {
    disk = { documents, material };
    owesScan = false;
    deaths = 0;
    const problems = documents === null ? [diagnostic('SOURCE_MISSING', 'gone; restore it')] : [];
    const id = documents === null ? null : manifestId(documents);
    const times = { noticedAt: now, settledAt: now, files: 1 };
    const told: Scan = { documents: id, material: materialId(material), problems, ...times };
    feed({ kind: 'scanned', scan: told });
  };
  const die = (): void => {
    compiling = null;
    owesScan = true;
    deaths += 1;
    feed({ kind: 'ingestDied', deaths });
  };
  const answer = (): void => {
    if (compiling === null) return;
    const request: CompileRequest = compiling;
    const { documents, material, id } = request;
    if (documents === 'deadly') {
      die();
      return;
    }
    compiling = null;
    if (canCompile(documents, material, request)) {
      lastCompiled = revisionOf(documents, material);
      feed(compiledOf(documents, material, id));
    } else {
      const diagnostics = [diagnostic('REF_NOT_FOUND', 'no such cluster; name another')];
      feed({ kind: 'compiled', id, result: { ok: false, diagnostics } });
    }
  };
  const commit = (): void => {
    if (proposing === null) return;
    proposing = null;
    const [documents = '', material = ''] = (lastCompiled ?? '').split('+');
    const entry = entryOf(log.length + 1, documents, material);
    log.push(entry);
    feed({ kind: 'committed', entry });
    expect(published.at(-1), 'each commit is published').toBe(entry.seq);
    expect(served).toBe(entry.revision);
  };
  const refuse = (): void => {
    if (proposing === null) return;
    proposing = null;
    feed({ kind: 'refused', why: 'unavailable' });
  };
  const act = (action: Action): void => {
    now += 1;
    if (action.kind === 'scan') scan(action.documents, action.material);
    else if (action.kind === 'look' && disk !== null) scan(disk.documents, disk.material);
    else if (action.kind === 'answer') answer();
    else if (action.kind === 'die') die();
    else if (action.kind === 'commit') commit();
    else if (action.kind === 'refuse') refuse();
    else if (action.kind === 'wait') {
      now = Math.max(now, deadline(state) ?? now);
      feed({ kind: 'tick' });
    } else if (action.kind === 'apply') {
      asked += 1;
      feed({ kind: 'command', command: action });
    }
  };
  /** No more faults: everything that is wanted is done. */
  const settle = (): number => {
    for (let rounds = 1; rounds < 200; rounds += 1) {
      now += 1;
      if (owesScan) scan(disk?.documents ?? null, disk?.material ?? 'm0');
      else if (compiling !== null) answer();
      else if (proposing !== null) commit();
      else if (state.retry !== null && deadline(state) !== null) act({ kind: 'wait' });
      else return rounds;
    }
    return Infinity;
  };
  if (start.accepted !== null) log.push(entryOf(1, start.accepted, 'm0'));
  served = start.isServed ? (log[0]?.revision ?? null) : null;
  feed({ kind: 'restored', entry: log[0] ?? null, isServed: served !== null });
  return {
    act,
    settle,
    facts: () => ({ state, log, served, disk, asked, answered }),
  };
}

const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Action>({ kind: 'answer' }) },
  { weight: 4, arbitrary: fc.constant<Action>({ kind: 'commit' }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ kind: 'refuse' }, { kind: 'die' }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ kind: 'wait' }, { kind: 'look' }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      documents: fc.option(fc.constantFrom(...DOCUMENTS), { freq: 8 }),
      material: fc.constantFrom(...MATERIAL),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      allowRemovals: fc.constantFrom(0, 5),
    }),
  },
);

const starts: fc.Arbitrary<Start> = fc.record({
  accepted: fc.constantFrom(null, 'd0', 'shrunk', 'typo'),
  isServed: fc.boolean(),
});

test('whatever happens, the newest good state on disk is accepted in the end', () => {
  fc.assert(
    fc.property(starts, fc.array(actions, { maxLength: 60 }), (start, list) => {
      const model = simulate(start);
      for (const action of list) model.act(action);
      expect(model.settle()).toBeLessThan(200);
      const { state, log, served, disk, asked, answered } = model.facts();
      expect(answered).toBe(asked);
      const head = log.at(-1) ?? null;
      const isGoodHead = head !== null && head.documents !== 'typo';
      if (isGoodHead) expect(served).toBe(head.revision);
      if (disk === null || disk.documents === null) {
        expect(state.input.state).toBe('held');
        return;
      }
      const base = served;
      const wanted = revisionOf(disk.documents, disk.material);
      if (
        canCompile(disk.documents, disk.material, { base }) ||
        (isGoodHead && head.revision === wanted)
      ) {
        // `shrunk` is held where it was not accepted before; where nothing is served, it is not.
        expect(head?.revision).toBe(wanted);
        expect(state.input.state).toBe('clean');
        return;
      }
      expect(state.input.state).toBe('held');
      // A held document never holds a rotation.
      if (isGoodHead && disk.material !== 'torn') expect(head.material).toBe(disk.material);
    }),
    { numRuns: 3_000 },
  );
});
