import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** What the build of a node cannot take is known before it is sent. */
const BOTH: Rows = [
  [
    'a listener that its build cannot take is not sent, and all else is',
    `builtin http
     world cds a=1, lds l=1 -> cds/a !needs:http, lds m=1 !needs:golang
     say cds => cds a=1
     ack cds =>
     say lds => lds l=1
     ack lds =>
     facts switched
     running no`,
  ],
  [
    'what it had under that name stays, with the cluster that this needs',
    `builtin http
     world cds a=1, lds l=1 -> cds/a !needs:http
     say cds => cds a=1
     ack cds =>
     say lds => lds l=1
     ack lds =>
     facts switched reached
     world cds b=1, lds l=2 -> cds/b !needs:http+golang, lds m=1 -> cds/b
       => cds a=1 b=1 | lds l=1 m=1 // cds b=1 | lds m=1
     ack cds =>
     ack lds =>
     facts switched
     wait 1800s =>
     world cds b=1, lds l=3 -> cds/b !needs:http, lds m=1 -> cds/b
       => lds l=3 m=1 // lds l=3
     ack lds =>
     wait 1800s => cds b=1 // cds -a`,
  ],
  [
    'the table of such a listener waits with it, and those of others do not',
    `builtin http
     world lds l=1 -> rds/r !needs:http, lds m=1 -> rds/s, rds r=1, rds s=1
     say cds => cds
     ack cds =>
     say lds => lds l=1 m=1
     ack lds =>
     say rds +r +s => rds r=1 | rds s=1
     ack rds =>
     world lds l=2 -> rds/r !needs:golang filters:f, lds m=1 -> rds/s, rds r=2, rds s=2
       => rds s=2
     ack rds =>
     facts switched reached switched`,
  ],
  [
    'a table that has waited is sent once its listener is one that can be taken',
    `builtin http
     world lds l=1 -> rds/r !needs:http, rds r=1
     say cds => cds
     ack cds =>
     say lds => lds l=1
     ack lds =>
     say rds +r => rds r=1
     ack rds =>
     world lds l=2 -> rds/r !needs:golang, rds r=2 =>
     world lds l=1 -> rds/r !needs:http, rds r=2 => rds r=2
     ack rds =>
     facts switched reached switched switched reached`,
  ],
  [
    'a table is sent where no form of that listener runs',
    `builtin http
     world lds l=1 -> rds/r !needs:golang, lds m=1 -> rds/r, rds r=1
     say cds => cds
     ack cds =>
     say lds => lds m=1
     ack lds =>
     say rds +r => rds r=1`,
  ],
  [
    'who says nothing of its build is sent all',
    `world lds l=1 !needs:golang
     say lds => lds l=1
     ack lds =>
     facts switched reached`,
  ],
  [
    'a client that comes back keeps what it had',
    `builtin http
     world lds l=1 !needs:http
     say lds => lds l=1
     ack lds =>
     world lds l=2 !needs:golang =>
     reconnect =>
     say lds version 1 l=1 => lds l=1 // lds`,
  ],
  [
    'it may come back with a build that can',
    `builtin http
     world lds l=1 !needs:http
     say lds => lds l=1
     ack lds =>
     world lds l=2 !needs:golang =>
     builtin http golang
     reconnect =>
     say lds => lds l=2`,
  ],
  [
    'an extension config that it cannot take is left out alone',
    `builtin http
     world ecds e=1 !needs:golang, ecds f=1
     say ecds +e +f => ecds f=1 // ecds -e | ecds f=1`,
  ],
];

/** What works over delta only is not sent over SotW. */
const OVER: Rows = [
  [
    'ODCDS-01 a listener that asks for clusters on demand, and all else is',
    `world cds a=1, lds l=1 -> cds/a !delta, lds m=1
     say cds => cds a=1
     ack cds =>
     say lds => lds m=1 // lds l=1 m=1
     ack lds =>`,
  ],
  [
    'ODCDS-01 what the node had under that name stays, with its cluster',
    `world cds a=1, lds l=1 -> cds/a
     say cds => cds a=1
     ack cds =>
     say lds => lds l=1
     ack lds =>
     world cds b=1, lds l=2 -> cds/b !delta, lds m=1
       => cds a=1 b=1 | lds l=1 m=1 // cds b=1 | lds l=2 m=1
     ack cds =>
     ack lds =>
     wait 1800s => // cds -a`,
  ],
  [
    'ODCDS-01 one that comes back with listeners of its own keeps them, and gets no others',
    `world lds l=1 !delta, lds m=1
     say lds version other l=1 => // lds m=1
     wait 6s =>
     world lds l=2, lds m=1 => lds l=2 m=1 // lds l=2`,
  ],
  [
    'VHDS-04 a table with hosts of its own',
    `world rds r=1 !delta, rds s=1
     say rds +r +s => rds s=1 // rds r=1 | rds s=1
     ack rds =>
     world rds r=2, rds s=1 => rds r=2`,
  ],
];

const OVER_SOTW: Rows = [
  [
    'ODCDS-01 nobody waits for a node that is not sent it, and it is not in step',
    `world cds a=1, lds l=1 !delta
     say cds => cds a=1
     ack cds =>
     say lds => lds
     ack lds =>
     facts switched
     running no`,
  ],
  [
    'ODCDS-01 nobody waits for one that keeps its listeners',
    `world cds a=1, lds l=1 !delta
     say cds version other => cds a=1
     ack cds =>
     say lds version other =>
     facts switched
     running no
     phase settled`,
  ],
];

test.each([...rowsOf(OVER, ['sotw', 'delta']), ...rowsOf(OVER_SOTW, ['sotw'])])(
  '%s (%s)',
  (_name, wire, script) => {
    runScript(wire, script);
  },
);

test.each(rowsOf(BOTH, ['sotw', 'delta']))('%s (%s)', (_name, wire, script) =>
  runScript(wire, script),
);
