import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** A node with one cluster, one listener and one table, everything acknowledged. */
const STARTED = `
  world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=1 -> cds/a
  say cds => cds a=1
  ack cds =>
  say eds +a => eds a=1
  ack eds =>
  say lds => lds l=1
  ack lds =>
  say rds +l => rds l=1
  ack rds =>
  facts switched reached`;

const DELTA_REPLACED = 'cds b=1 | eds b=1 | lds m=1 -l | rds -l | rds m=1';

/** Stages, holds, gates and children: xds-protocol sections 1.4 and 3.4. */
const BOTH: Rows = [
  [
    'ADS-01 T-10 order-all-types: one burst in the order of the wire',
    `world rds r=1, srds s=1, lds l=1, ecds e=1, sds c=1, eds a=1, cds a=1, rtds x=1
     say rtds +x => rtds x=1
     say srds => srds s=1
     say lds => lds l=1
     say ecds +e => ecds e=1
     say sds +c => sds c=1
     say cds => cds a=1
     say eds +a => eds a=1
     say rds +r => rds r=1
     ack rtds =>
     ack srds =>
     ack lds =>
     ack ecds =>
     ack sds =>
     ack cds =>
     ack eds =>
     ack rds =>
     world rds r=2, srds s=2, lds l=2, ecds e=2, sds c=2, eds a=2, cds a=2, rtds x=2
       => rtds x=2 | cds a=2 | eds a=2 | sds c=2 | ecds e=2 | lds l=2 | srds s=2 | rds r=2`,
  ],
  [
    'ADS-02 ADS-08 T-30 a rename: add and switch go out together, the removal after the grace',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 | rds l=2 // cds b=1 | eds b=1 | rds l=2
     ack cds =>
     ack eds +b => eds b=1
     ack eds =>
     phase switching
     ack rds =>
     facts switched
     phase removing
     wait 14s =>
     wait 6s => cds b=1 // cds -a | eds -a
     facts`,
  ],
  [
    'ADS-03 a switch to a slowly warming cluster waits for the CDS ACK',
    `${STARTED}
     world cds a=1, cds b=1 !slow, eds a=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 // cds b=1 | eds b=1
     phase adding
     ack eds =>
     wait 2s =>
     ack cds => rds l=2
     ack rds =>
     facts switched reached`,
  ],
  [
    'ADS-03 T-08 the gate gives up after 20 s, and says so',
    `${STARTED}
     world cds a=1, cds b=1 !slow, eds a=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 // cds b=1 | eds b=1
     ack eds =>
     wait 19s =>
     wait 1s => rds l=2
     facts stalled:gate`,
  ],
  [
    'ADS-03 a switch that leads elsewhere does not wait',
    `${STARTED}
     world cds a=1, cds b=1 !slow, eds a=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/a
       => cds a=1 b=1 | eds b=1 | rds l=2 // cds b=1 | eds b=1 | rds l=2`,
  ],
  [
    'ADS-04 T-07 withhold-cds-ack: endpoints and secrets never wait for it',
    `${STARTED}
     world cds a=2, eds a=1, lds l=1 -> rds/l, rds l=1 -> cds/a => cds a=2 | eds a=1
     ack eds =>
     world cds a=2, eds a=2, lds l=1 -> rds/l, rds l=1 -> cds/a => eds a=2
     ack eds =>
     ack cds =>
     facts switched reached`,
  ],
  [
    'ADS-05 T-01 T-02 T-12 children follow a changed parent, changed or not',
    `${STARTED}
     world cds a=2, eds a=1, lds l=1 -> rds/l, rds l=1 -> cds/a => cds a=2 | eds a=1
     ack cds =>
     ack eds =>
     world cds a=2, eds a=1, lds l=2 -> rds/l, rds l=1 -> cds/a => lds l=2 | rds l=1`,
  ],
  [
    'ADS-05 secrets and extension configs follow their listener, not only precede it',
    `world sds s=1, ecds e=1, lds l=1 -> sds/s ecds/e
     say lds => lds l=1
     ack lds =>
     say sds +s => sds s=1
     ack sds =>
     say ecds +e => ecds e=1
     ack ecds =>
     world sds s=1, ecds e=1, lds l=2 -> sds/s ecds/e => lds l=2 | sds s=1 | ecds e=1`,
  ],
  [
    'D5 route tables wait for a listener whose filter set grew',
    `world lds l=1 -> rds/l !filters:router, rds l=1
     say lds => lds l=1
     ack lds =>
     say rds +l => rds l=1
     ack rds =>
     world lds l=2 -> rds/l !filters:router+rbac, rds l=2 => lds l=2 | rds l=1
     ack rds =>
     wait 3s =>
     ack lds => rds l=2`,
  ],
  [
    'D5 for as long as the listener is refused: the routes would be open',
    `world lds l=1 -> rds/l !filters:router, rds l=1
     say lds => lds l=1
     ack lds =>
     say rds +l => rds l=1
     ack rds =>
     world lds l=2 -> rds/l !filters:router+rbac, rds l=2 => lds l=2 | rds l=1
     ack rds =>
     nack lds "no such filter" =>
     wait 600s =>
     world lds l=3 -> rds/l !filters:router+rbac, rds l=2 => lds l=3 | rds l=1
     ack rds =>
     ack lds => rds l=2`,
  ],
  [
    'LDS-02 T-31 T-34 where a listener drained, what it used stays for the drain time',
    `${STARTED}
     world cds b=1, eds b=1, lds m=1 -> rds/m, rds m=1 -> cds/b
       => cds a=1 b=1 | eds b=1 | lds m=1 | rds m=1 // ${DELTA_REPLACED}
     ack cds =>
     ack eds =>
     ack lds =>
     ack rds -l +m => rds m=1
     ack rds =>
     wait 590s =>
     wait 20s => cds b=1 // cds -a | eds -a`,
  ],
  [
    'a cluster that comes back within its grace was never gone',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 | rds l=2 // cds b=1 | eds b=1 | rds l=2
     ack cds =>
     ack eds =>
     ack rds =>
     world cds a=1, cds b=1, eds a=1, eds b=1, lds l=1 -> rds/l, rds l=3 -> cds/a => rds l=3
     ack rds =>
     wait 60s =>`,
  ],
  [
    'ADS-08 T-31 a route that is not acknowledged keeps its old cluster',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 | rds l=2 // cds b=1 | eds b=1 | rds l=2
     ack cds =>
     ack eds =>
     wait 300s =>
     facts stalled:ack
     ack rds =>
     wait 20s => cds b=1 // cds -a | eds -a`,
  ],
  [
    'T-40 X-17 slow-reader: nothing while blocked, then only the latest',
    `${STARTED}
     blocked =>
     world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=2 -> cds/a =>
     world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=3 -> cds/a =>
     wait 60s =>
     writable => rds l=3`,
  ],
  [
    'X-19 a client that never answers is ended after half an hour, not before',
    `world cds a=1
     say cds => cds a=1
     wait 1799s =>
     closed null
     wait 1s =>
     closed DEADLINE_EXCEEDED`,
  ],
  [
    'X-17 a reader that takes nothing of a full buffer for two minutes is ended, not before',
    `${STARTED}
     blocked =>
     wait 100s =>
     writable =>
     blocked =>
     wait 30s =>
     blocked =>
     wait 89s =>
     closed null
     world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=2 -> cds/a =>
     wait 1s =>
     closed DEADLINE_EXCEEDED`,
  ],
  [
    'a first cluster whose endpoints were never asked for: the routes wait for its ACK',
    `world lds l=1 -> rds/l, rds l=1
     say cds => cds
     ack cds =>
     say lds => lds l=1
     ack lds =>
     say rds +l => rds l=1
     ack rds =>
     world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=2 -> cds/a => cds a=1
     wait 2s =>
     say eds +a => eds a=1 | rds l=2`,
  ],
];

const DELTA: Rows = [
  [
    'DELTA-15 DELTA-18 reconnect: what is listed at the current version is not sent again',
    `${STARTED}
     reconnect =>
     say cds a=1 => cds
     ack cds =>
     say eds +a a=1 =>
     say lds l=1 => lds
     ack lds =>
     say rds +l l=1 =>
     wait 10s =>
     facts switched reached`,
  ],
  [
    'T-20 DELTA-15 what is gone in between is held, then removed',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b => cds b=1 | eds b=1 | rds l=2
     reconnect =>
     say cds a=1 => cds b=1
     say eds +a a=1 => eds b=1
     say lds l=1 => lds
     say rds +l l=1 => rds l=2
     ack cds =>
     say eds +b => eds b=1
     ack eds =>
     ack lds =>
     ack rds =>
     wait 20s => cds -a | eds -a`,
  ],
  [
    'T-04 the guard: endpoints that were spared are sent after 200 ms without a CDS request',
    `${STARTED}
     reconnect =>
     say eds +a a=1 =>
     say lds l=1 => lds
     say rds +l l=1 =>
     wait 199ms =>
     wait 1ms => eds a=1
     ack eds =>
     say cds a=1 => cds
     ack cds =>`,
  ],
  [
    'the guard stands down when the CDS request is there',
    `${STARTED}
     reconnect =>
     say eds +a a=1 =>
     say cds a=1 => cds
     wait 10s =>`,
  ],
  [
    'a changed cluster brings its endpoints after a reconnect, although they are listed',
    `${STARTED}
     reconnect =>
     say cds a=0 => cds a=1
     say eds +a a=1 => eds a=1
     ack eds =>
     ack cds =>
     wait 10s =>`,
  ],
  [
    'T-04 a CDS request that is withheld keeps the switch back',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b => cds b=1 | eds b=1 | rds l=2
     reconnect =>
     say eds +a a=1 =>
     say lds l=1 => lds
     say rds +l l=1 =>
     wait 1s =>
     say cds a=1 => cds b=1 | eds b=1 | rds l=2`,
  ],
  [
    'TRN-07 X-05 unknown-type: named resources are answered as removed',
    `world cds a=1
     unknown +x +y => type.googleapis.com/no.such.Type -x -y
     say cds => cds a=1`,
  ],
];

const SOTW: Rows = [
  [
    'reconnect-same-version: every first request is answered',
    `${STARTED}
     reconnect =>
     say cds version old => cds a=1
     say eds +a version old => eds a=1
     say lds version old => lds l=1
     say rds +l version old => rds l=1`,
  ],
  [
    'recent content is held for a client that comes back with another version, as if drained',
    `${STARTED}
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b => cds a=1 b=1 | eds b=1 | rds l=2
     reconnect =>
     say cds version old => cds a=1 b=1
     say eds +a +b version old => eds a=1 b=1
     say lds version old => lds l=1
     say rds +l version old => rds l=2
     ack cds =>
     ack eds =>
     ack lds =>
     ack rds =>
     wait 590s =>
     wait 20s => cds b=1`,
  ],
  [
    'TRN-07 unknown-type: no answer, and the stream lives',
    `world cds a=1
     unknown +x =>
     say cds => cds a=1`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => runScript(wire, script));
