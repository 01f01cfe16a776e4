import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

const WORLD = `
  world cds a=1 -> eds/a, eds a=1, lds l=1 -> rds/l sds/s, sds s=1, rds l=1 -> cds/a`;

/** When a client runs its target, and when it holds nothing else. */
const BOTH: Rows = [
  [
    'ADS-10 an Envoy that starts is not in step before it has asked for all that it will need',
    `envoy
     ${WORLD}
     say cds => cds a=1
     ack cds =>
     running no
     phase switching
     say eds +a => eds a=1
     ack eds =>
     running no
     say lds => lds l=1
     ack lds =>
     running no
     say rds +l => rds l=1
     ack rds =>
     running no
     facts
     say sds +s => sds s=1
     ack sds =>
     facts switched reached
     running alone
     phase settled`,
  ],
  [
    'one that never asks is waited for once, for 30 s',
    `envoy
     world cds a=1
     say cds => cds a=1
     ack cds =>
     wait 29s =>
     running no
     wait 1s =>
     facts switched reached
     running alone
     world cds a=2 => cds a=2
     ack cds =>
     facts switched reached`,
  ],
  [
    'T-14 an Envoy is waited for again where what it accepted leads to more',
    `envoy
     world cds a=1 -> eds/a, eds a=1, lds l=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say lds => lds l=1
     ack lds =>
     facts switched reached
     world cds a=1 -> eds/a, cds b=1 -> eds/b, eds a=1, eds b=1, lds l=1
       => cds a=1 b=1 | eds b=1 // cds b=1 | eds b=1
     ack cds =>
     ack eds =>
     running no
     facts
     say eds +b => eds b=1
     ack eds =>
     facts switched reached`,
  ],
  [
    'a child that does not exist is not waited for',
    `envoy
     world cds a=1 -> eds/a, lds l=1 -> rds/none
     say cds => cds a=1
     ack cds =>
     say lds => lds l=1
     ack lds =>
     facts switched reached`,
  ],
  [
    'other clients are not waited for',
    `${WORLD}
     say cds => cds a=1
     ack cds =>
     facts switched reached`,
  ],
  [
    'a client runs its target while leftovers are kept and removed',
    `world cds a=1, rds r=1 -> cds/a
     say cds => cds a=1
     ack cds =>
     say rds +r => rds r=1
     ack rds =>
     running alone
     world cds b=1, rds r=2 -> cds/b => cds a=1 b=1 | rds r=2 // cds b=1 | rds r=2
     running no
     ack cds =>
     ack rds =>
     running with leftovers
     phase removing
     wait 20s => cds b=1 // cds -a
     running with leftovers
     ack cds =>
     running alone`,
  ],
  [
    'once a client holds nothing else, it is lent nothing of what was before',
    `world cds a=1, cds b=1, eds a=1, eds b=1
     say cds => cds a=1 b=1
     ack cds =>
     say eds +b => eds b=1
     ack eds =>
     world cds b=1, eds b=1 =>
     wait 20s => cds b=1 // cds -a
     ack cds =>
     running alone
     say eds +a => // eds -a`,
  ],
];

test.each(rowsOf(BOTH, ['sotw', 'delta']))('%s (%s)', (_name, wire, script) =>
  runScript(wire, script),
);
