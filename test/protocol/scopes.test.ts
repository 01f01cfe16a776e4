import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

const TABLES = 'rds l#1=1 -> cds/a, rds l#2=1 -> cds/a';
const SCOPES = 'srds l#a=1 -> rds/l#1, srds l#b=1 -> rds/l#2, srds raw=1 -> rds/l#2';
const CLUSTER = 'cds a=1, eds a=1';

/** A node with a sharded listener of two hosts, and a scope of a raw file beside them. */
const SHARDED = `
  world ${CLUSTER}, lds l=1, ${SCOPES}, ${TABLES}
  say cds => cds a=1
  ack cds =>
  say eds +a => eds a=1
  ack eds =>
  say lds => lds l=1
  ack lds =>
  say srds => srds l#a=1 l#b=1 raw=1
  ack srds =>
  say rds +l#1 +l#2 => rds l#1=1 | rds l#2=1
  ack rds =>
  facts switched reached`;

/** Decision 0016: scopes of sharded listeners are held like clusters, and others are not. */
const BOTH: Rows = [
  [
    'while the chains before drain, scopes of hosts stay, and those of raw files go',
    `${SHARDED}
     world ${CLUSTER}, lds l=2 -> rds/l, rds l=1 -> cds/a
       => lds l=2 | srds l#a=1 l#b=1 | rds l=1 // lds l=2 | srds -raw | rds -l#1 -l#2 | rds l=1
     ack lds =>
     ack srds =>
     ack rds +l => rds l=1
     ack rds =>
     wait 590s =>
     wait 20s => srds // srds -l#a -l#b`,
  ],
  [
    'the scope of one host stays for the grace alone where nothing drains',
    `${SHARDED}
     world ${CLUSTER}, lds l=1, srds l#a=1 -> rds/l#1, srds raw=1 -> rds/l#2, ${TABLES} =>
     wait 14s =>
     wait 6s => srds l#a=1 raw=1 // srds -l#b`,
  ],
];

const TWO_TABLES = 'rds a#1=1 -> cds/a, rds b=1 -> cds/a';
/** A node with a sharded listener `a`, and a listener `b` of one table. */
const BESIDE = `
  world ${CLUSTER}, lds a=1 !scopes, lds b=1 -> rds/b, srds a#1=1 -> rds/a#1, ${TWO_TABLES}
  say cds => cds a=1
  ack cds =>
  say eds +a => eds a=1
  ack eds =>
  say lds => lds a=1 b=1
  ack lds =>
  say srds => srds a#1=1
  ack srds =>
  say rds +a#1 +b => rds a#1=1 | rds b=1
  ack rds =>
  facts switched reached`;
const BOTH_SHARDED = `${CLUSTER}, lds a=1 !scopes, lds b=2 !scopes, srds a#1=1 -> rds/a#1, srds b#1=1 -> rds/b#1, rds a#1=1 -> cds/a, rds b#1=1 -> cds/a`;

/** Decision 0016: a listener that joins others with scopes does not wait for its own. */
const JOINING: Rows = [
  [
    'a listener that turns to scopes follows its tables',
    `${BESIDE}
     world ${BOTH_SHARDED} => srds a#1=1 b#1=1 | rds b#1=1 // srds b#1=1 | rds b#1=1
     ack srds =>
     running no
     ack rds +b#1 => rds b#1=1
     running no
     ack rds => lds a=1 b=2 // lds b=2 | rds -b
     ack lds =>`,
  ],
  [
    'a new one follows them too',
    `${BESIDE}
     world ${BOTH_SHARDED.replace('lds b=2', 'lds b=1 -> rds/b, rds b=1, lds c=1').replaceAll('b#', 'c#')}
       => srds a#1=1 c#1=1 | rds c#1=1 // srds c#1=1 | rds c#1=1
     ack srds =>
     ack rds +c#1 => rds c#1=1
     ack rds => lds a=1 b=1 c=1 // lds c=1`,
  ],
  [
    'of two that come together where none has scopes, the first goes ahead',
    `world ${CLUSTER}, lds a=1, lds b=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say lds => lds a=1 b=1
     ack lds =>
     world ${BOTH_SHARDED.replace('lds a=1', 'lds a=2')} => lds a=2 b=1 // lds a=2
     ack lds =>
     say srds => srds a#1=1 b#1=1
     ack srds =>
     say rds +a#1 +b#1 => rds a#1=1 | rds b#1=1
     ack rds => lds a=2 b=2 // lds b=2`,
  ],
  [
    'one that was refused is not the first',
    `world ${CLUSTER}, lds a=1, lds b=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say lds => lds a=1 b=1
     ack lds =>
     world ${BOTH_SHARDED.replace('lds a=1', 'lds a=2').replace('lds b=2 !scopes', 'lds b=1')} => lds a=2 b=1 // lds a=2
     nack lds =>
     world ${BOTH_SHARDED.replace('lds a=1', 'lds a=2')} => lds a=1 b=2 // lds b=2
     ack lds =>`,
  ],
  [
    'it does not wait for ever',
    `${BESIDE}
     world ${BOTH_SHARDED} => srds a#1=1 b#1=1 | rds b#1=1 // srds b#1=1 | rds b#1=1
     ack srds =>
     wait 15s =>
     wait 6s => lds a=1 b=2 // lds b=2 | rds -b`,
  ],
];

test.each(rowsOf([...BOTH, ...JOINING], ['sotw', 'delta']))('%s (%s)', (_name, wire, script) =>
  runScript(wire, script),
);
