import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Delta clients that come back, and are not believed, or say nothing. */
const DELTA: Rows = [
  [
    'DELTA-16 where that is asked for, what is named is sent again although it is listed',
    `resend
     world cds a=1, cds b=1, eds a=1, eds b=1, sds s=1
     say cds a=1 b=1 => cds
     ack cds =>
     say eds +a +b a=1 b=1 => eds a=1 | eds b=1
     ack eds =>
     say sds +s s=1 => sds s=1`,
  ],
  [
    'DELTA-16 beside "all" too, and what the target lacks is not said to be gone while it is used',
    `resend
     world cds a=1, cds od=1 !demand, eds a=1
     say cds * +od a=1 od=1 => cds od=1
     ack cds =>
     say eds +a +old a=1 old=1 => eds a=1
     ack eds =>
     wait 20s => eds -old`,
  ],
  [
    'DELTA-16 collections that are named are sent again',
    `resend
     world eds @/a=1, eds @/b=1
     say eds +@/* @/a=1 @/b=1 => eds @/a=1 | eds @/b=1`,
  ],
  [
    'DELTA-17 who lists nothing may have what it was given: what has gone since is removed',
    `world cds a=1, cds b=1, lds l=1, lds m=1
     say cds => cds a=1 b=1
     ack cds =>
     say lds => lds l=1 m=1
     ack lds =>
     reconnect =>
     world cds a=1, lds l=1 =>
     say cds => cds a=1
     ack cds =>
     say lds => lds l=1 -m
     ack lds =>
     running with leftovers
     wait 1800s => cds -b
     ack cds =>
     running alone`,
  ],
  [
    'DELTA-17 what is still there is sent, and nothing is removed',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     reconnect =>
     world cds a=2, cds b=1 =>
     say cds => cds a=2 b=1
     ack cds =>
     running alone`,
  ],
];

test.each(rowsOf(DELTA, ['delta']))('%s (%s)', (_name, wire, script) => {
  const glob = 'xdstp://helve/envoy.config.endpoint.v3.ClusterLoadAssignment/';
  runScript(wire, script.replaceAll('@/', glob));
});
