import { describe, expect, it } from 'vitest';
import {
  diagnostic,
  manifestId,
  materialId,
  mono,
  requestId,
  revisionId,
  seq,
  type Diagnostic,
} from '../base/index.ts';
import type { Entry } from '../snapshot/index.ts';
import { deadline, openEngine, step } from './index.ts';
import { REVIEW_MS } from './review.ts';
import { APPLIES_MAX, DEATHS_MAX, RETRY_MS_MAX, RETRY_MS_MIN } from './step.ts';
import type { EngineEffect, EngineEvent } from './types.ts';

const entry = (number: number, revision: string): Entry => ({
  seq: seq(number),
  prev: '',
  kind: 'accept',
  at: '',
  revision: revisionId(revision),
  documents: manifestId(revision.split('+')[0] ?? ''),
  material: materialId(revision.split('+')[1] ?? ''),
  compiler: 'test',
  filterProfile: 1,
  language: 1,
  hash: '',
});

const WRONG = diagnostic('REF_NOT_FOUND', 'no such cluster; name another');
const STORE = diagnostic('STORE_UNAVAILABLE', 'damaged; restore it from a copy');
const TORN = diagnostic('CERT_EXPIRED', 'expired; renew it');

/** An engine and its clock; each call answers with the effects, as short texts. */
function open(accepted: string | null = null, isServed = true, lost: Diagnostic | null = null) {
  let state = openEngine();
  let now = 0;
  let seqNow = accepted === null ? 0 : 1;
  const feed = (event: EngineEvent): readonly string[] => {
    const [next, effects] = step(state, event, mono(now), now);
    state = next;
    return effects.map(effectText);
  };
  const compiled = (revision: string, heldMaterial: readonly Diagnostic[] = []) => {
    const { revision: id, documents, material } = entry(0, revision);
    const value = { revision: id, documents, material, warnings: [], heldMaterial };
    const result = { ok: true, value, diagnostics: [] } as const;
    return feed({ kind: 'compiled', id: requestId(state.lastRequest), result });
  };
  const scanned = (documents: string | null, material = 'm0', problems: Diagnostic[] = []) =>
    feed({
      kind: 'scanned',
      scan: {
        documents: documents === null ? null : manifestId(documents),
        material: materialId(material),
        problems,
        noticedAt: now,
        settledAt: now,
        files: 1,
      },
    });
  const committed = (revision: string) => {
    seqNow += 1;
    return feed({ kind: 'committed', entry: entry(seqNow, revision) });
  };
  const head = accepted === null ? null : entry(1, accepted);
  const first = feed({ kind: 'restored', entry: head, isServed: isServed && head !== null, lost });
  return {
    first,
    feed,
    scanned,
    compiled,
    committed,
    failed: (diagnostics: readonly Diagnostic[] = [WRONG]) =>
      feed({
        kind: 'compiled',
        id: requestId(state.lastRequest),
        result: { ok: false, diagnostics },
      }),
    refused: (why: 'conflict' | 'unavailable' = 'unavailable') => feed({ kind: 'refused', why }),
    apply: (allowRemovals = 0) =>
      feed({ kind: 'command', command: { kind: 'apply', allowRemovals } }),
    died: (deaths = 1) => feed({ kind: 'ingestDied', deaths }),
    tick: (ms: number) => {
      now += ms;
      return feed({ kind: 'tick' });
    },
    dueMs: () => {
      const at = deadline(state);
      return at === null ? null : at - now;
    },
    input: () => state.input,
  };
}

function effectText(effect: EngineEffect): string {
  switch (effect.kind) {
    case 'compile': {
      const { documents, material, base, allowRemovals } = effect.request;
      const allowed = allowRemovals === null ? '' : ` allow ${allowRemovals}`;
      return `compile ${documents}+${material} from ${base ?? 'nothing'}${allowed}`;
    }
    case 'propose':
      return `propose ${effect.revision} after ${effect.after}`;
    case 'publish':
      return `publish ${effect.entry.seq} ${effect.rollout.base ?? ''}>${effect.rollout.next}`;
    case 'tell': {
      const { state, diagnostics } = effect.input;
      return ['tell', state, ...diagnostics.map((d) => d.code)].join(' ');
    }
    case 'reloaded':
      return `reloaded ${effect.isSuccess ? 'well' : 'badly'}`;
    case 'applied':
      return `applied ${effect.outcome}`;
  }
}

/** `a+m0` is accepted and was compiled here. */
function running() {
  const engine = open('a+m0');
  engine.scanned('a');
  engine.compiled('a+m0');
  return engine;
}

describe('an edit', () => {
  it('is compiled, proposed, committed and published', () => {
    const engine = open();
    expect(engine.first).toEqual([]);
    expect(engine.scanned('a')).toEqual(['compile a+m0 from nothing']);
    expect(engine.compiled('a+m0')).toEqual(['propose a+m0 after 0']);
    expect(engine.committed('a+m0')).toEqual(['publish 1 >a+m0', 'reloaded well', 'tell clean']);
    expect(engine.scanned('b')).toEqual(['compile b+m0 from a+m0']);
    expect(engine.compiled('b+m0')).toEqual(['propose b+m0 after 1']);
    expect(engine.committed('b+m0')).toEqual(['publish 2 a+m0>b+m0', 'reloaded well']);
  });

  it('waits for the one before it; only the newest is compiled next', () => {
    const engine = running();
    engine.scanned('b');
    expect(engine.scanned('c')).toEqual([]);
    expect(engine.scanned('d')).toEqual([]);
    expect(engine.compiled('b+m0')).toEqual(['propose b+m0 after 1']);
    expect(engine.scanned('e')).toEqual([]);
    expect(engine.committed('b+m0').at(-1)).toBe('compile e+m0 from b+m0');
  });

  it('that is wrong is held until it is mended', () => {
    const engine = running();
    engine.scanned('b');
    expect(engine.failed()).toEqual(['reloaded badly', 'tell held REF_NOT_FOUND']);
    expect(engine.scanned('a')).toEqual(['tell clean']);
  });

  it('that means the same is not proposed', () => {
    const engine = running();
    engine.scanned('b');
    expect(engine.compiled('a+m0')).toEqual([]);
    expect(engine.scanned('a')).toEqual(['compile a+m0 from a+m0']);
  });

  it('that is what is accepted does nothing', () => {
    const engine = running();
    expect(engine.scanned('a')).toEqual([]);
    expect(engine.dueMs()).toBe(null);
  });
});

describe('a held input', () => {
  it.each([
    ['missing', 'SOURCE_MISSING', true],
    ['unsettled', 'SOURCE_UNSETTLED', false],
  ] as const)('since it is %s, holds and counts once', (_what, code, isCounted) => {
    const engine = running();
    const problems = [diagnostic(code, 'wrong; mend it')];
    const counted = isCounted ? ['reloaded badly'] : [];
    expect(engine.scanned(null, 'm0', problems)).toEqual([...counted, `tell held ${code}`]);
    expect(engine.scanned(null, 'm0', problems)).toEqual([]);
    expect(engine.scanned('a')).toEqual(['tell clean']);
  });

  it('does not hold a rotation', () => {
    const engine = running();
    engine.scanned('typo', 'm0');
    engine.failed();
    expect(engine.scanned('typo', 'm1')).toEqual(['compile typo+m1 from a+m0']);
    expect(engine.failed()).toEqual(['reloaded badly', 'compile a+m1 from a+m0']);
    expect(engine.compiled('a+m1')).toEqual(['propose a+m1 after 1']);
    expect(engine.committed('a+m1')).toEqual(['publish 2 a+m0>a+m1', 'reloaded well']);
    expect(engine.input().state).toBe('held');
  });

  it('is judged again after some time, or when somebody asks for a look', () => {
    const engine = running();
    engine.scanned('b');
    engine.failed([TORN]);
    expect(engine.dueMs()).toBe(REVIEW_MS);
    expect(engine.tick(REVIEW_MS)).toEqual(['compile b+m0 from a+m0']);
    expect(engine.failed([TORN])).toEqual([]);
    expect(engine.dueMs()).toBe(REVIEW_MS);
    expect(engine.scanned('b')).toEqual(['compile b+m0 from a+m0']);
    expect(engine.compiled('b+m0')).toEqual(['propose b+m0 after 1']);
    expect(engine.refused()).toContain('tell held CERT_EXPIRED STORE_UNAVAILABLE');
    expect(engine.tick(RETRY_MS_MIN)).toEqual(['compile b+m0 from a+m0']);
    engine.compiled('b+m0');
    expect(engine.committed('b+m0')).toEqual(['publish 2 a+m0>b+m0', 'tell clean']);
    expect(engine.dueMs()).toBe(null);
  });

  it('of one name, served from its last good value, is judged again too', () => {
    const engine = running();
    engine.scanned('a', 'm1');
    expect(engine.compiled('a+m0', [TORN])).toEqual(['tell held CERT_EXPIRED']);
    expect(engine.tick(REVIEW_MS)).toEqual(['compile a+m1 from a+m0']);
    expect(engine.compiled('a+m1')).toEqual(['propose a+m1 after 1']);
  });
});

describe('a store that refuses', () => {
  it.each(['unavailable', 'conflict'] as const)('(%s) is tried again, ever later', (why) => {
    const engine = running();
    engine.scanned('b');
    engine.compiled('b+m0');
    expect(engine.refused(why)).toEqual(['reloaded badly', 'tell held STORE_UNAVAILABLE']);
    let waitMs = RETRY_MS_MIN;
    for (let n = 0; n < 8; n += 1) {
      expect(engine.dueMs()).toBe(waitMs);
      expect(engine.tick(waitMs)).toEqual(['compile b+m0 from a+m0']);
      engine.compiled('b+m0');
      expect(engine.refused(why)).toEqual([]);
      waitMs = Math.min(2 * waitMs, RETRY_MS_MAX);
    }
    // The same input seen again is no reason to hurry; another one, or a command, is.
    expect(engine.scanned('b')).toEqual([]);
    expect(engine.scanned('c')).toEqual(['compile c+m0 from a+m0']);
    engine.compiled('c+m0');
    expect(engine.refused(why)).toEqual(['reloaded badly']);
    expect(engine.apply()).toEqual(['compile c+m0 from a+m0 allow 0']);
    engine.compiled('c+m0');
    expect(engine.committed('c+m0')).toEqual([
      'publish 2 a+m0>c+m0',
      'reloaded well',
      'applied accepted',
      'tell clean',
    ]);
  });
});

describe('a refusal of the store', () => {
  it('is not shown beside what was wrong in an input before', () => {
    const engine = running();
    engine.scanned('typo');
    engine.failed();
    engine.scanned('b');
    engine.compiled('b+m0');
    expect(engine.refused()).toEqual(['reloaded badly', 'tell held STORE_UNAVAILABLE']);
    expect(engine.input().diagnostics.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE']);
  });
});

describe('a restart', () => {
  it('with the compiled cache compiles nothing before the first scan', () => {
    expect(open('a+m0').first).toEqual([]);
  });

  it('without it compiles what was accepted, and publishes it once', () => {
    const engine = open('a+m0', false);
    expect(engine.first).toEqual(['compile a+m0 from nothing']);
    expect(engine.scanned(null, 'm0')).toContain('reloaded badly');
    expect(engine.compiled('a+m0')).toEqual(['publish 1 >a+m0']);
  });

  it('says loudly that the accepted revision is unusable, and tries again on each change', () => {
    const engine = open('a+m0', false);
    expect(engine.failed()).toEqual(['tell held REF_NOT_FOUND STATE_UNUSABLE']);
    expect(engine.scanned('typo')).toEqual(['compile typo+m0 from nothing']);
    expect(engine.failed()).toContain('compile a+m0 from nothing');
    expect(engine.failed()).toEqual([]);
    expect(engine.scanned('typo')).toEqual(['compile typo+m0 from nothing']);
    expect(engine.failed()).toEqual([]);
    expect(engine.scanned(null)).toContain('compile a+m0 from nothing');
    expect(engine.compiled('a+m0')).toEqual(['publish 1 >a+m0', 'tell held SOURCE_UNREADABLE']);
  });

  it.each([[null], ['a+m0']])('after %s is not called clean before it was judged', (accepted) => {
    const engine = open(accepted);
    const unseen = { state: 'held', since: 0, diagnostics: [{ code: 'SOURCE_UNSEEN' }] };
    expect(engine.input()).toMatchObject(unseen);
    engine.scanned('a');
    expect(engine.input()).toMatchObject(unseen);
    expect(engine.failed()).toContain('tell held REF_NOT_FOUND');
  });

  it('never asks for accepted documents that are lost', () => {
    const engine = open('a+m0', false, STORE);
    expect(engine.first).toEqual(['tell held STORE_UNAVAILABLE']);
    expect(engine.scanned('typo')).toEqual(['compile typo+m0 from nothing']);
    expect(engine.failed()).toEqual([
      'reloaded badly',
      'tell held REF_NOT_FOUND STORE_UNAVAILABLE',
    ]);
    expect(engine.scanned('typo', 'm1')).toEqual(['compile typo+m1 from nothing']);
    expect(engine.failed()).toEqual(['reloaded badly']);
    // What was accepted is still known by its revision.
    expect(engine.scanned('a')).toEqual(['compile a+m0 from nothing']);
    expect(engine.compiled('a+m0')).toEqual(['publish 1 >a+m0', 'tell clean']);
  });

  it('serves what is on disk where that is good', () => {
    const engine = open('a+m0', false);
    engine.failed();
    engine.scanned('b');
    expect(engine.compiled('b+m0')).toEqual(['propose b+m0 after 1']);
    expect(engine.committed('b+m0')).toEqual(['publish 2 >b+m0', 'reloaded well', 'tell clean']);
  });
});

describe('a death of the ingest process', () => {
  it('costs nothing: what was in flight is asked for again after the next scan', () => {
    const engine = running();
    engine.scanned('b');
    expect(engine.died()).toEqual([]);
    expect(engine.scanned('b')).toEqual(['compile b+m0 from a+m0']);
    expect(engine.compiled('b+m0')).toEqual(['propose b+m0 after 1']);
    expect(engine.died()).toEqual([]);
    expect(engine.committed('b+m0')).toEqual(['publish 2 a+m0>b+m0', 'reloaded well']);
    expect(engine.scanned('b')).toEqual([]);
  });

  it('three times in a row holds the input, and it is not tried anew', () => {
    const engine = running();
    engine.scanned('b');
    for (let n = 1; n < DEATHS_MAX; n += 1) {
      expect(engine.died()).toEqual([]);
      expect(engine.scanned('b')).toEqual(['compile b+m0 from a+m0']);
    }
    expect(engine.died()).toEqual(['reloaded badly', 'tell held INGEST_DIED']);
    expect(engine.scanned('b')).toEqual([]);
    expect(engine.scanned('b')).toEqual([]);
    expect(engine.dueMs()).toBe(null);
    expect(engine.scanned('c')).toEqual(['compile c+m0 from a+m0']);
  });

  it('shows in the finding how the last of them came about', () => {
    const engine = running();
    const why = 'it gave no answer for 120 s';
    for (let n = 1; n < DEATHS_MAX; n += 1) engine.feed({ kind: 'ingestDied', deaths: n, why });
    expect(engine.feed({ kind: 'ingestDied', deaths: DEATHS_MAX, why })).not.toEqual([]);
    const [found] = engine.input().diagnostics;
    expect(found?.message).toContain(`(${why}); undo the last edit`);
  });

  it('over the reading of the source is told at the third', () => {
    const engine = running();
    expect([1, 2].flatMap((n) => engine.died(n))).toEqual([]);
    expect(engine.died(3)).toEqual(['tell held INGEST_DIED']);
    expect(engine.scanned('a')).toEqual(['tell clean']);
  });

  it('does not lose a command, and a late answer is ignored', () => {
    const engine = running();
    engine.scanned('b');
    engine.failed();
    expect(engine.apply(3)).toEqual(['compile b+m0 from a+m0 allow 3']);
    engine.died();
    expect(engine.compiled('b+m0')).toEqual([]);
    expect(engine.scanned('b')).toEqual(['compile b+m0 from a+m0 allow 3']);
    engine.compiled('b+m0');
    expect(engine.committed('b+m0')).toContain('applied accepted');
  });
});

describe('a command', () => {
  it.each([
    ['unchanged', 'a', ['applied unchanged']],
    ['held', null, ['applied held']],
  ] as const)('is answered %s', (_outcome, documents, want) => {
    const engine = running();
    engine.scanned(documents);
    expect(engine.apply()).toEqual(want);
  });

  it('is answered once each, also where too many wait', () => {
    const engine = running();
    engine.scanned('b');
    for (let n = 0; n < APPLIES_MAX; n += 1) expect(engine.apply()).toEqual([]);
    expect(engine.apply()).toEqual(['applied held']);
    engine.compiled('b+m0');
    const effects = engine.committed('b+m0');
    expect(effects.filter((text) => text === 'applied unchanged').length).toBe(APPLIES_MAX);
  });
});
