import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** What clients do that is seldom, late, wrong or not to be answered. */
const BOTH: Rows = [
  [
    'SOTW-10 DELTA-24 a new stream remembers nothing of what the one before asked for',
    `world eds a=1, eds b=1
     say eds +a +b => eds a=1 b=1 // eds a=1 | eds b=1
     ack eds =>
     reconnect =>
     say eds +a => eds a=1
     ack eds =>
     world eds a=2, eds b=2 => eds a=2`,
  ],
  [
    'EDS-04 endpoints that clusters share follow each of them that changes',
    `world cds a=1 -> eds/s, cds b=1 -> eds/s, eds s=1
     say cds => cds a=1 b=1
     ack cds =>
     say eds +s => eds s=1
     ack eds =>
     world cds a=2 -> eds/s, cds b=1 -> eds/s, eds s=1
       => cds a=2 b=1 | eds s=1 // cds a=2 | eds s=1`,
  ],
  [
    'T-05 what nobody watches any more is not waited for',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     facts switched reached
     world eds a=2 => eds a=2
     late eds -a =>
     wait 29s =>
     facts
     wait 2s =>
     facts switched reached
     phase settled
     world eds a=3 =>`,
  ],
  [
    'T-22 names that leave while a push waits for the network are not in it',
    `world eds a=1, eds b=1
     say eds +a +b => eds a=1 b=1 // eds a=1 | eds b=1
     ack eds =>
     blocked =>
     world eds a=2, eds b=2 =>
     say eds -b =>
     writable => eds a=2`,
  ],
  [
    'X-07 X-08 a refusal under a nonce that was never sent refuses nothing',
    `world rds r=1, rds s=1
     say rds +r => rds r=1
     stray rds =>
     facts
     ack rds =>
     facts switched reached
     world rds r=2, rds s=1 => rds r=2`,
  ],
];

const SOTW: Rows = [
  [
    'SOTW-24 of many requests while a response is open, the newest counts',
    `world eds a=1, eds b=1, eds c=1
     say eds +a => eds a=1
     late eds +b =>
     late eds +c -b =>
     ack eds => eds c=1
     ack eds =>`,
  ],
];

const DELTA: Rows = [
  [
    'DELTA-12 subscriptions count beside a stale nonce',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     ack eds =>
     world eds a=2, eds b=1 => eds a=2
     late eds +b => eds b=1`,
  ],
  [
    'TRN-07 X-05 all of an unknown type is nothing',
    `world cds a=1
     unknown => type.googleapis.com/no.such.Type
     say cds => cds a=1`,
  ],
  [
    'X-24 who lists what it does not have has it after the next change',
    `world cds a=1
     say cds a=1 => cds
     ack cds =>
     world cds a=2 => cds a=2`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => runScript(wire, script));
