import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** What is no part of "all", and the names that virtual hosts are asked for by. */
const BOTH: Rows = [
  [
    'ODCDS-03 clusters on demand are no part of all, and come by their name',
    `world cds a=1, cds od=1 !demand
     say cds => cds a=1
     ack cds =>
     say cds * +od => cds a=1 od=1 // cds od=1
     ack cds =>
     world cds a=2, cds od=2 !demand => cds a=2 od=2
     ack cds =>
     say cds -od => cds a=2 // cds -od
     ack cds =>
     world cds a=2, cds od=3 !demand =>`,
  ],
  [
    'ODCDS-03 a cluster that is put on demand leaves the wildcard, and comes back into it',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=1, cds b=2 !demand => cds a=1 // cds -b
     ack cds =>
     world cds a=1, cds b=3 => cds a=1 b=3 // cds b=3`,
  ],
];

const DELTA: Rows = [
  [
    'ODCDS-02 a cluster on demand comes while others are not answered, and so does a miss',
    `world cds a=1 !slow, cds od=1 !demand
     say cds => cds a=1
     ack cds =>
     world cds a=2 !slow, cds od=1 !demand => cds a=2
     say cds +od +none => cds od=1 -none
     ack cds =>
     world cds a=2 !slow, cds od=1 !demand, cds none=1 !demand => cds none=1`,
  ],
  [
    'ODCDS-03 DELTA-02 DELTA-15 a client comes back with `*` and what it asked for on demand',
    `world cds a=1, cds od=1 !demand, cds more=1 !demand
     say cds * +od +miss a=1 od=1 => cds -miss
     ack cds =>
     wait 60s =>`,
  ],
  [
    'VHDS-01 hosts on demand are not in the initial set, be it empty',
    `world vhds r/h=1 !demand domains:h.test
     say vhds => vhds
     ack vhds =>`,
  ],
  [
    'VHDS-02 DELTA-21 a host that is asked for by a domain comes with its alias, and later too',
    `world vhds r/h=1 !demand domains:*.h.test+h.test, vhds r/all=1
     say vhds => vhds r/all=1
     ack vhds =>
     say vhds +r/h.test => vhds r/h=1~r/h.test
     ack vhds =>
     say vhds +r/a.H.test:80 => vhds r/h=1~r/a.H.test:80~r/h.test
     ack vhds =>
     world vhds r/h=2 !demand domains:h.test, vhds r/all=1 => vhds r/h=2~r/h.test`,
  ],
  [
    'VHDS-02 a host that is not there is answered without a body, and comes once it is',
    `world vhds r/h=1 !demand domains:h.test
     say vhds => vhds
     ack vhds =>
     say vhds +r/none.test +other/h.test => vhds ?other/h.test ?r/none.test
     ack vhds =>
     world vhds r/h=1 !demand domains:h.test, vhds r/n=1 !demand domains:*.test => vhds r/n=1~r/none.test
     ack vhds =>
     world vhds r/h=1 !demand domains:h.test => vhds -r/n`,
  ],
  [
    'VHDS-03 hosts follow their table when it changes, and those of other tables do not',
    `world rds r=1, vhds r/h=1, vhds s/h=1, vhds r/d=1 !demand
     say rds +r => rds r=1
     ack rds =>
     say vhds => vhds r/h=1 s/h=1
     ack vhds =>
     world rds r=2, vhds r/h=1, vhds s/h=1, vhds r/d=1 !demand => rds r=2 | vhds r/h=1`,
  ],
];

test.each([...rowsOf(BOTH, ['sotw', 'delta']), ...rowsOf(DELTA, ['delta'])])(
  '%s (%s)',
  (_name, wire, script) => {
    runScript(wire, script);
  },
);
