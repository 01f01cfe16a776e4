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

test.each(rowsOf(BOTH, ['sotw', 'delta']))('%s (%s)', (_name, wire, script) =>
  runScript(wire, script),
);
