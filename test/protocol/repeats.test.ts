import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Children that were asked for and are not answered for, while their parent waits. */
const BOTH: Rows = [
  [
    'T-11 endpoints that nobody answers for are sent again, three times, and then it is told',
    `world cds a=1, eds a=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     facts switched reached
     world cds a=2, eds a=1 => cds a=2 | eds a=1
     wait 4999ms =>
     wait 1ms => eds a=1
     wait 5s => eds a=1
     wait 5s => eds a=1
     wait 14s =>
     facts
     wait 1s =>
     facts stalled:ack stalled:ack
     wait 600s =>`,
  ],
  [
    'T-11 not where they were answered for: what else the parent waits for, they do not bring',
    `world cds a=1, eds a=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=2, eds a=1 => cds a=2 | eds a=1
     ack eds =>
     wait 60s =>`,
  ],
  [
    'T-11 not where the parent was, and not those of other parents',
    `world cds a=1, cds b=1, eds a=1, eds b=1
     say cds => cds a=1 b=1
     ack cds =>
     say eds +a +b => eds a=1 b=1 // eds a=1 | eds b=1
     ack eds =>
     world cds a=1, cds b=1, eds a=1, eds b=2 => eds b=2
     wait 60s =>`,
  ],
  [
    'T-11 a table after its listener, each update by itself',
    `world lds l=1 -> rds/r, rds r=1
     say lds => lds l=1
     ack lds =>
     say rds +r => rds r=1
     ack rds =>
     world lds l=2 -> rds/r, rds r=1 => lds l=2 | rds r=1
     wait 5s => rds r=1
     ack lds =>
     ack rds =>
     wait 60s =>
     world lds l=3 -> rds/r, rds r=1 => lds l=3 | rds r=1
     wait 5s => rds r=1`,
  ],
  [
    'T-11 not to who reads nothing',
    `world cds a=1, eds a=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=2, eds a=1 => cds a=2 | eds a=1
     blocked =>
     wait 60s =>
     writable => eds a=1`,
  ],
];

test.each(rowsOf(BOTH, ['sotw', 'delta']))('%s (%s)', (_name, wire, script) => {
  runScript(wire, script);
});
