import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Refusals: what is parked, what is sent again, and what is not. */
const BOTH: Rows = [
  [
    'T-26 what documents go back to after a refusal is sent once more',
    `world cds a=1, cds b=1, eds a=1
     say cds => cds a=1 b=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=1, cds b=1, eds a=bad => eds a=bad
     nack eds =>
     world cds a=1, cds b=1, eds a=1 => eds a=1
     ack eds =>
     running alone
     world cds a=bad, cds b=1, eds a=1 => cds a=bad b=1 | eds a=1 // cds a=bad | eds a=1
     nack cds "a is bad" =>
     ack eds =>
     world cds a=1, cds b=1, eds a=1 => cds a=1 b=1 // cds a=1
     ack cds =>
     running alone
     wait 60s =>`,
  ],
  [
    'SOTW-05 nack-silence: what was refused is not sent again before its content changes',
    `world rds r=1
     say rds +r => rds r=1
     ack rds =>
     facts switched reached
     world rds r=bad => rds r=bad
     nack rds "malformed" =>
     facts rejected:r
     wait 600s =>
     world rds r=bad, cds x=1 =>
     world rds r=2 => rds r=2
     ack rds =>
     facts switched reached`,
  ],
  [
    'SOTW-05 DELTA-12 nack-with-new-name: new names are served all the same',
    `world rds r=1, rds s=1
     say rds +r => rds r=1
     nack rds +s => rds s=1
     ack rds =>`,
  ],
  [
    'a refusal survives a reconnect',
    `world cds a=1, rds r=1
     say rds +r => rds r=1
     ack rds =>
     world cds a=1, rds r=bad => rds r=bad
     nack rds =>
     reconnect =>
     say rds +r r=1 => rds r=1 //
     wait 60s =>`,
  ],
  [
    'T-25 nothing is rolled back by itself, and the old cluster stays for as long as it is run',
    `world cds a=1, eds a=1, rds r=1 -> cds/a
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say rds +r => rds r=1
     ack rds =>
     world cds b=1, eds b=1, rds r=bad -> cds/b
       => cds a=1 b=1 | eds b=1 | rds r=bad // cds b=1 | eds b=1 | rds r=bad
     ack cds =>
     ack eds =>
     nack rds =>
     wait 600s =>
     world cds b=1, eds b=1, rds r=2 -> cds/b => rds r=2
     ack rds =>
     wait 20s => cds b=1 // cds -a | eds -a`,
  ],
  [
    'SDS-03 T-42 after an SDS refusal, secrets that are not acknowledged are sent again, once',
    `world sds s=1, sds t=1, sds u=1
     say sds +s +t +u => sds s=1 | sds t=1 | sds u=1
     ack sds =>
     world sds s=bad, sds t=2, sds u=2 => sds s=bad | sds t=2 | sds u=2
     nack sds => sds t=2 | sds u=2
     ack sds =>
     facts switched reached rejected:s`,
  ],
  [
    'T-42 after an EDS refusal a switch waits until the repeated endpoints are answered',
    `world cds a=1, eds a=1, sds s=1, sds t=1, rds r=1 -> cds/a
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say sds +s +t => sds s=1 | sds t=1
     ack sds =>
     say rds +r => rds r=1
     ack rds =>
     world cds a=1, eds a=1, sds s=bad, sds t=2, rds r=1 -> cds/a => sds s=bad | sds t=2
     nack sds => sds t=2
     world cds a=1, eds a=1, sds s=bad, sds t=2, rds r=2 -> cds/a =>
     ack sds => rds r=2`,
  ],
];

const DELTA: Rows = [
  [
    'CDS-03 DELTA-14 each good sibling of a refused response is sent once, alone; removals again',
    `world cds a=1, cds b=1, cds old=1
     say cds => cds a=1 b=1 old=1
     ack cds =>
     facts switched reached
     world cds a=2, cds b=bad, cds c=1 => cds a=2 b=bad c=1
     nack cds => cds a=2 | cds b=bad | cds c=1
     facts
     ack1 cds =>
     nack cds "no" =>
     facts rejected:b
     ack cds =>
     wait 60s => cds -old
     ack cds =>
     world cds a=2, cds b=2, cds c=1 => cds b=2`,
  ],
  [
    'DELTA-14 T-44 a removal that was refused with others is sent again',
    `world lds a=1, lds old=1
     say lds => lds a=1 old=1
     ack lds =>
     world lds a=bad => lds a=bad -old
     nack lds => lds -old | lds a=bad
     ack1 lds =>
     nack lds =>
     wait 60s =>
     facts switched reached rejected:a`,
  ],
  [
    'DELTA-14 a refused resource is missing from what comes later',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=1, cds b=bad => cds b=bad
     nack cds =>
     world cds a=2, cds b=bad => cds a=2
     ack cds =>`,
  ],
  [
    'a refused subscribe is answered as not there',
    `world rds r=bad
     say rds +r => rds r=bad
     nack rds =>
     say rds +r => rds -r`,
  ],
];

const SOTW: Rows = [
  [
    'T-31 a name that is a word of the error is not taken for the culprit',
    `world cds cluster=1, cds bad=1
     say cds => cds bad=1 cluster=1
     ack cds =>
     world cds cluster=2, cds bad=bad => cds bad=bad cluster=2
     nack cds "Error adding/updating cluster(s) bad: no such cluster type" => cds bad=1 cluster=2
     ack cds =>`,
  ],
  [
    'ERR-07 T-31 of several names in an error each is tried once more',
    `world cds cluster=1, cds bad=1
     say cds => cds bad=1 cluster=1
     ack cds =>
     world cds cluster=2, cds bad=bad => cds bad=bad cluster=2
     nack cds "the cluster bad is wrong" => cds bad=bad cluster=1
     nack cds "the cluster bad is wrong" => cds bad=1 cluster=2
     ack cds =>`,
  ],
  [
    'T-17 who refuses what stands in too is not asked again: rds',
    `world rds l=1
     say rds +l => rds l=1
     ack rds =>
     world rds l=bad => rds l=bad
     nack rds =>
     reconnect =>
     say rds +l version old => rds l=1
     nack rds =>
     wait 60s =>
     world rds l=2 => rds l=2`,
  ],
  [
    'T-17 who refuses what stands in too is not asked again: eds',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     world eds a=bad => eds a=bad
     nack eds =>
     reconnect =>
     say eds +a version old => eds a=1
     nack eds =>
     wait 60s =>
     world eds a=2 => eds a=2`,
  ],
  [
    'SOTW-04 T-18 T-41 a refusal at an equal version is doubted once, then believed',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=1, cds b=bad => cds a=1 b=bad
     confuse cds => cds a=1 b=bad
     confuse cds =>
     facts switched reached rejected:b`,
  ],
  [
    'T-41 a stale text on a good update: the second answer is an ACK',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=2 => cds a=2
     confuse cds => cds a=2
     ack cds =>
     facts switched reached switched reached`,
  ],
  [
    'a refused cluster stands in its last accepted content in complete sets',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=1, cds b=bad => cds a=1 b=bad
     nack cds =>
     wait 60s =>
     world cds a=2, cds b=bad => cds a=2 b=1
     ack cds =>
     world cds a=2, cds b=2 => cds a=2 b=2`,
  ],
  [
    'a refused new cluster is left out',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=1, cds b=bad => cds a=1 b=bad
     nack cds =>
     world cds a=2, cds b=bad => cds a=2`,
  ],
  [
    'CDS-03 who is named in the refusal is parked, the siblings are sent again with the set',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=2, cds bb=bad, cds c=1, cds b=1 => cds a=2 b=1 bb=bad c=1
     nack cds "error adding bb: no" => cds a=2 b=1 c=1
     facts switched reached rejected:bb?
     ack cds =>`,
  ],
  [
    'CDS-03 ERR-07 where no name is told, each changed one is tried once, the others as they were',
    `world cds a=1, cds b=1, cds c=1
     say cds => cds a=1 b=1 c=1
     ack cds =>
     facts switched reached
     world cds a=2, cds b=bad, cds c=1 => cds a=2 b=bad c=1
     nack cds "no" => cds a=2 b=1 c=1
     facts rejected:a? rejected:b?
     ack cds => cds a=2 b=bad c=1
     nack cds "no" =>
     facts rejected:b
     wait 600s =>
     world cds a=2, cds b=bad, cds c=2 => cds a=2 b=1 c=2
     ack cds =>
     world cds a=2, cds b=2, cds c=2 => cds a=2 b=2 c=2
     ack cds =>
     facts switched reached`,
  ],
  [
    'where no name is told and each is refused alone, it ends with what was accepted before',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=bad, cds b=bad => cds a=bad b=bad
     nack cds "no" => cds a=bad b=1
     nack cds "no" => cds a=1 b=bad
     nack cds "no" =>
     wait 600s =>`,
  ],
  [
    'T-44 removals lost with a refused set are sent again',
    `world lds a=1, lds old=1
     say lds => lds a=1 old=1
     ack lds =>
     world lds a=bad => lds a=bad
     nack lds => lds a=1
     ack lds =>
     wait 60s =>`,
  ],
  [
    'a client of unknown content is not robbed of what a refusal may mean',
    `world cds a=1, cds b=bad
     say cds version old => cds a=1 b=bad
     nack cds "b is bad" =>
     wait 60s =>
     world cds a=2, cds b=bad => cds a=2 b=bad
     world cds a=2, cds b=2 =>
     ack cds => cds a=2 b=2`,
  ],
  [
    'endpoints in one response: the siblings of a refusal are sent once more, each alone',
    `world eds a=1, eds b=1, eds c=1
     say eds +a +b +c => eds a=1 b=1 c=1
     ack eds =>
     world eds a=2, eds b=bad, eds c=1 => eds a=2 b=bad
     nack eds => eds a=2 | eds b=bad
     ack1 eds =>
     nack eds =>
     wait 60s =>
     facts switched reached rejected:b`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => runScript(wire, script));
