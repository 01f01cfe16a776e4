import { expect, test } from 'vitest';
import { SETTLE, settle, type Pending, type Sight } from './settle.ts';
import type { Change } from './source/generation.ts';

const OLD = 'one\ntwo\n';
const change = (path: string, now: string | null, more: Partial<Change> = {}): Change => ({
  path,
  before: OLD,
  now,
  isMarked: false,
  isRacy: false,
  ...more,
});

type Step = readonly [at: number, changes: readonly Change[], more?: Partial<Sight>];

/** What each look of a history leads to: `-` unchanged, `!` delivered, `+ms` the wait for more. */
function run(steps: readonly Step[]): readonly string[] {
  let pending: Pending | null = null;
  return steps.map(([at, changes, more]) => {
    const sight = {
      at,
      beganAt: at,
      since: at,
      isAlike: true,
      moving: new Set<string>(),
      changes,
      isMarked: false,
      isHinted: true,
      lock: null,
      ...more,
    };
    const [next, verdict] = settle(pending, sight);
    pending = next;
    if (verdict.kind === 'unchanged') return '-';
    if (verdict.kind === 'deliver') return ['!', ...verdict.kept].join(' ');
    const wait = `+${Math.round(verdict.until - at)}`;
    return verdict.tell === null ? wait : `${wait} told of ${verdict.tell}`;
  });
}

const NEW = { before: null };
const MARK = { isMarked: true };
const edit = (at: number, port: number): Step => [
  at,
  [change('a', `port ${port}\n`), change('b', `${port}\n`)],
];

const LOCK = { lock: { path: '.git/index.lock', stamp: '1', isEmpty: true, isOld: false } };
const INDEX = { lock: { path: '.git/index.lock', stamp: '2', isEmpty: false, isOld: false } };
const LEFT = { lock: { ...LOCK.lock, isOld: true } };

const without = (...paths: readonly string[]): Partial<Sight> => ({
  isAlike: false,
  moving: new Set(paths),
});

const ROWS: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
  [
    'a file that never comes to rest keeps nothing back but itself',
    [
      [0, [change('a', 'x\n'), change('b', '1\n')], without('b')],
      [900, [change('a', 'x\n'), change('b', '2\n')], without('b')],
      [1_500, [change('a', 'x\n'), change('b', '3\n')], without('b')],
      [1_510, [change('b', '4\n')], without('b')],
    ],
    ['+10', '+10', '! b', '+10'],
  ],
  [
    'nor one that is cut short again and again',
    [
      [0, [change('a', 'x\n'), change('b', '')]],
      [1_200, [change('a', 'x\n'), change('b', 'one\n')]],
      [1_500, [change('a', 'x\n'), change('b', '')]],
    ],
    ['+500', '+300', '! b'],
  ],
  [
    'alone it waits for its end',
    [
      [0, [change('b', '')]],
      [1_600, [change('b', 'one\n')]],
    ],
    ['+500', '+50'],
  ],
  [
    'where more than files moves, everything waits',
    [
      [0, [change('a', 'x\n')], { isAlike: false, moving: null }],
      [1_600, [change('a', 'x\n')], { isAlike: false, moving: null }],
    ],
    ['+10', '+10'],
  ],
  ['nothing new', [[0, []]], ['-']],
  ['one existing file replaced: at once', [[0, [change('a', 'new\n')]]], ['!']],
  ['however long the look took', [[90, [change('a', 'new\n')], { beganAt: 10, since: 0 }]], ['!']],
  [
    'as seen by the clock, freshly stamped: it may be half',
    [
      [0, [change('a', 'new\n', { isRacy: true })], { isHinted: false }],
      [50, [change('a', 'new\n')], { isHinted: false }],
    ],
    ['+50', '!'],
  ],
  ['freshly stamped, and its end is cut', [[0, [change('a', 'new', { isRacy: true })]]], ['+50']],
  [
    'several: quiet first',
    [
      [0, [change('a', 'x\n'), change('b', 'x\n')]],
      [20, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')]],
      [70, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')]],
    ],
    ['+50', '+50', '!'],
  ],
  [
    'a look that began before the quiet was over says nothing of what came since',
    [
      [0, [change('a', 'x\n', NEW)]],
      [60, [change('a', 'x\n', NEW)], { beganAt: 40 }],
      [61, [change('a', 'x\n', NEW)]],
    ],
    ['+50', '+1', '!'],
  ],
  [
    'a new file: quiet first',
    [
      [0, [change('a', 'x\n', NEW)]],
      [50, [change('a', 'x\n', NEW)]],
    ],
    ['+50', '!'],
  ],
  [
    'a deletion',
    [
      [0, [change('a', null)]],
      [500, [change('a', null)]],
    ],
    ['+500', '!'],
  ],
  [
    'a deletion that is taken back',
    [
      [0, [change('a', null)]],
      [100, []],
    ],
    ['+500', '-'],
  ],
  [
    'an emptied file',
    [
      [0, [change('a', '')]],
      [500, [change('a', '')]],
    ],
    ['+500', '!'],
  ],
  [
    'emptied, then written whole',
    [
      [0, [change('a', '')]],
      [100, [change('a', 'new\n')]],
      [150, [change('a', 'new\n')]],
    ],
    ['+500', '+50', '!'],
  ],
  [
    'the beginning of the old text',
    [
      [0, [change('a', 'one\n')]],
      [499, [change('a', 'one\n')]],
      [500, [change('a', 'one\n')]],
    ],
    ['+500', '+1', '!'],
  ],
  [
    'a file that grows',
    [
      [0, [change('a', 'x\n', NEW)]],
      [10, [change('a', 'x\ny\n', NEW)]],
      [20, [change('a', 'x\ny\nz\n', NEW)]],
      [520, [change('a', 'x\ny\nz\n', NEW)]],
    ],
    ['+50', '+50', '+500', '!'],
  ],
  [
    'a writer was met',
    [
      [0, [change('a', 'x\n')], { isAlike: false }],
      [10, [change('a', 'x\n')]],
    ],
    ['+10', '!'],
  ],
  ['a marker: what is there is meant', [[0, [change('a', null), change('b', '')], MARK]], ['!']],
  [
    'a marker during a write waits for two equal reads',
    [
      [0, [change('a', null)], { ...MARK, isAlike: false }],
      [10, [change('a', null)]],
    ],
    ['+10', '!'],
  ],
  [
    'a swap is whole',
    [
      [
        0,
        [
          change('a', 'one\n', MARK),
          change('b', null, MARK),
          change('c', 'x\n', { ...NEW, ...MARK }),
        ],
      ],
    ],
    ['!'],
  ],
  [
    'edits that keep coming are taken in time',
    [edit(0, 1), edit(50, 2), edit(100, 3), edit(1_450, 30), edit(1_500, 31)],
    ['+50', '+50', '+50', '+50', '!'],
  ],
  [
    'so are lines that are appended',
    [
      [0, [change('a', `${OLD}x\n`)]],
      [0, [change('a', `${OLD}x\n`), change('b', 'x\n')]],
      [40, [change('a', `${OLD}x\nx\n`), change('b', 'x\n')]],
      [80, [change('a', `${OLD}x\nx\nx\n`), change('b', 'x\n')]],
      [1_580, [change('a', `${OLD}x\nx\nx\nx\n`), change('b', 'x\n')]],
    ],
    ['!', '+50', '+50', '+500', '!'],
  ],
  [
    'a lock that Git left behind keeps an edit for a second',
    [
      [0, [change('a', 'x\n')], LOCK],
      [999, [change('a', 'x\n')], LOCK],
      [1_000, [change('a', 'x\n')], LOCK],
    ],
    ['+1000', '+1', '!'],
  ],
  [
    'one with the new index in it, as while somebody writes a commit message, for less',
    [
      [0, [change('a', 'x\n')], INDEX],
      [500, [change('a', 'x\n')], INDEX],
    ],
    ['+500', '!'],
  ],
  [
    'edits of one file that keep coming beside it are taken in time',
    [
      [0, [change('a', '1\n')], LOCK],
      [600, [change('a', '2\n')], { ...LOCK, ...without('a') }],
      [1_200, [change('a', '3\n')], LOCK],
    ],
    ['+1000', '+400', '!'],
  ],
  [
    'edits of ever more files beside a lock that was left behind are taken in time',
    [
      [0, [change('a', 'x\n')], LEFT],
      [200, [change('a', 'x\n'), change('b', 'x\n')], LEFT],
      [449, [change('a', 'x\n'), change('b', 'x\n')], LEFT],
      [450, [change('a', 'x\n'), change('b', 'x\n')], LEFT],
    ],
    ['+250', '+250', '+1', '!'],
  ],
  [
    'half of a checkout is not taken, neither at the last moment nor for a marker',
    [
      [0, [change('a', 'x\n')], LOCK],
      [900, [change('a', 'x\n'), change('b', 'x\n')], LOCK],
      [1_800, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')], LOCK],
      [1_900, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')], { ...LOCK, ...MARK }],
      [1_950, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')], INDEX],
      [1_960, [change('a', 'x\n'), change('b', 'x\n'), change('c', 'x\n')]],
    ],
    ['+1000', '+1000', '+1000', '+900', '+500', '!'],
  ],
  [
    'a look that began before Git was done says nothing of what came since',
    [
      [0, [change('a', 'x\n')], LOCK],
      [1_020, [change('a', 'x\n')], { ...LOCK, beganAt: 990 }],
      [1_021, [change('a', 'x\n')], LOCK],
    ],
    ['+1000', '+1', '!'],
  ],
  [
    'waiting for Git is told when the edit is late, and waiting for a writer after it',
    [
      [0, [change('a', '')], LOCK],
      [999, [change('a', ''), change('b', '')], LOCK],
      [1_998, [change('a', ''), change('b', ''), change('c', '')], LOCK],
      [2_000, [change('a', ''), change('b', ''), change('c', '')], LOCK],
      [2_100, [change('a', ''), change('b', ''), change('c', '')], LOCK],
      [5_000, [change('a', 'x\n')], { isAlike: false, moving: null }],
      [5_010, []],
    ],
    ['+1000', '+1000', '+1000', '+998 told of git', '+898', '+10 told of somebody', '!'],
  ],
  [
    'a file that is written slowly is not, and is told',
    [
      [0, [change('a', 'x\n', NEW)]],
      [400, [change('a', 'x\nx\n', NEW)], { isAlike: false }],
      [SETTLE.lastMs, [change('a', 'x\nx\nx\n', NEW)]],
      [SETTLE.unsettledMs, [change('a', 'x\nx\nx\nx\n', NEW)]],
      [SETTLE.unsettledMs + 50, [change('a', 'x\nx\nx\nx\nx\n', NEW)]],
      [SETTLE.unsettledMs + 60, []],
    ],
    ['+50', '+10', '+50', '+50 told of somebody', '+50', '!'],
  ],
];

test.each(ROWS)('%s', (_name, steps, want) => {
  expect(run(steps)).toEqual(want);
});
