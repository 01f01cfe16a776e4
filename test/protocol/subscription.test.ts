import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** What is subscribed and what is answered: xds-protocol sections 1.2 and 1.3. */
const BOTH: Rows = [
  [
    'SOTW-08 DELTA-01 first-wildcard: an empty first request is all of CDS',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>`,
  ],
  [
    'SOTW-20 DELTA-18 first-empty: an empty view is answered at once',
    `world eds a=1
     say cds => cds
     ack cds =>
     say lds => lds`,
  ],
  [
    'SOTW-11 T-16 empty EDS names mean nothing, not everything',
    `world eds a=1, rds r=1, sds s=1
     say eds =>
     say rds =>
     say sds =>`,
  ],
  [
    'SOTW-08 DELTA-01 an empty first request is all of LDS and of SRDS',
    `world lds a=1, lds b=1, srds s=1, srds t=1
     say lds => lds a=1 b=1
     ack lds =>
     say srds => srds s=1 t=1
     ack srds =>
     world lds a=1, lds b=2, srds s=1 => lds a=1 b=2 | srds s=1 // lds b=2 | srds -t`,
  ],
  [
    'SOTW-11 T-16 nor do empty names of RTDS and ECDS',
    `world rtds r=1, ecds e=1
     say rtds =>
     say ecds =>
     world rtds r=2, ecds e=2 =>`,
  ],
  [
    'SOTW-09 DELTA-02 `*` beside names is the wildcard and the names',
    `world cds a=1, cds b=1
     say cds * +a => cds a=1 b=1
     ack cds =>
     world cds a=1, cds b=2 => cds a=1 b=2 // cds b=2`,
  ],
  [
    'SOTW-10 names-then-empty: after names, an empty list is no wildcard',
    `world cds a=1, cds b=1
     say cds +a => cds a=1
     ack cds =>
     say cds -a =>
     world cds a=2, cds b=2 =>`,
  ],
  [
    'SOTW-14 DELTA-05 names added are sent at an unchanged version',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     ack eds =>
     say eds +b => eds b=1
     ack eds =>`,
  ],
  [
    'SOTW-15 resubscribe: a name that comes back is sent again',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     say eds -a =>
     say eds +a => eds a=1`,
  ],
  [
    'SOTW-16 DELTA-10 names only removed: no response, and no update afterwards',
    `world eds a=1, eds b=1
     say eds +a +b => eds a=1 b=1 // eds a=1 | eds b=1
     ack eds =>
     say eds -b =>
     world eds a=1, eds b=2 =>`,
  ],
  [
    'SOTW-17 DELTA-06 T-09 T-21 missing-then-created: remembered, and sent when it appears',
    `world eds a=1
     say eds +a +missing => eds a=1 // eds -missing | eds a=1
     ack eds =>
     world eds a=1, eds missing=1 => eds missing=1`,
  ],
  [
    'SOTW-12 SOTW-13 DELTA-08 complete types are sent whole, others by change',
    `world cds a=1, cds b=1, rds r=1, rds s=1
     say cds => cds a=1 b=1
     ack cds =>
     say rds +r +s => rds r=1 | rds s=1
     ack rds =>
     world cds a=2, cds b=1, rds r=1, rds s=2 => cds a=2 b=1 | rds s=2 // cds a=2 | rds s=2`,
  ],
  [
    'SOTW-18 DELTA-09 a listener that is gone is omitted, or removed',
    `world lds a=1, lds b=1
     say lds => lds a=1 b=1
     ack lds =>
     world lds a=1 => lds a=1 // lds -b`,
  ],
  [
    'SOTW-21 T-24 nothing changed: nothing sent',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=1 =>
     wait 60s =>`,
  ],
  [
    'ADS-06 T-06 types that were not asked for are not pushed',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=1, rds r=1, lds l=1, eds a=1 =>`,
  ],
  [
    'TRN-08 two-types-isolation: a refusal of one type leaves the others alone',
    `world cds a=1, rds r=1
     say cds => cds a=1
     say rds +r => rds r=1
     ack rds =>
     nack cds =>
     world cds a=1, rds r=2 => rds r=2`,
  ],
  [
    'SOTW-03 an ACK of a later response closes the earlier ones',
    `world rds r=1, rds s=1
     say rds +r +s => rds r=1 | rds s=1
     ack rds =>
     facts switched reached
     phase settled`,
  ],
  [
    'TRN-15 withhold the ACK and change thrice: one further response',
    `world rds r=1
     say rds +r => rds r=1
     world rds r=2 =>
     world rds r=3 =>
     world rds r=4 =>
     ack rds => rds r=4
     ack rds =>`,
  ],
  [
    'TRN-15 a deadline ends the wait for an ACK, and it is reported',
    `world rds r=1
     say rds +r => rds r=1
     world rds r=2 =>
     wait 5s => rds r=2
     wait 29s =>
     facts stalled:ack
     ack rds =>
     facts switched reached`,
  ],
];

const SOTW: Rows = [
  [
    'GRPC-09 a name that is asked for and exists is in each answer, whatever else changes',
    `world cds a=1, cds b=1, lds l=1, lds m=1
     say cds +a +b => cds a=1 b=1
     ack cds =>
     say lds +l +m => lds l=1 m=1
     ack lds =>
     world cds a=2, cds b=1, lds l=2, lds m=1 => cds a=2 b=1 | lds l=2 m=1
     nack cds =>
     ack lds =>
     world cds a=2, cds b=2, lds l=2, lds m=2 => cds a=1 b=2 | lds l=2 m=2`,
  ],
  [
    'SOTW-01 SOTW-02 the first request is answered even at the current version',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     reconnect =>
     say eds +a version same => eds a=1`,
  ],
  [
    'SOTW-06 T-16 unapplied-request: neither accepted nor refused, and not repeated',
    `world eds a=1
     say eds +a => eds a=1
     lie eds =>
     wait 4s =>
     world eds a=2 => eds a=2`,
  ],
  [
    'SOTW-07 T-15 X-07 stale-nonce-names: exactly one answer to names that crossed a push',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     ack eds =>
     world eds a=2, eds b=1 => eds a=2
     late eds +b =>
     ack eds => eds b=1
     ack eds =>`,
  ],
  [
    'SOTW-07 where no fresh request follows, the names are served after two seconds',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     ack eds =>
     world eds a=2, eds b=1 => eds a=2
     late eds +b =>
     wait 2s => eds b=1`,
  ],
  [
    'SOTW-10 X-11 step by step: [], [*,A], [A], []',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     say cds * +a => cds a=1 b=1
     ack cds =>
     say cds -* =>
     world cds a=1, cds b=2 =>
     world cds a=2, cds b=2 => cds a=2
     ack cds -a =>
     world cds a=3, cds b=3 =>`,
  ],
  [
    'SOTW-22 order and repeats of names do not matter',
    `world eds a=1, eds b=1
     say eds +b +a +b => eds a=1 b=1
     ack eds =>`,
  ],
  [
    'SOTW-23 the same request on an acknowledged nonce: Envoy made a new watch',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     again eds => eds a=1
     ack eds =>`,
  ],
  [
    'SOTW-23 not after a refusal',
    `world eds a=1
     say eds +a => eds a=1
     nack eds =>
     again eds =>`,
  ],
  [
    'SOTW-01 T-43 a second request without a nonce, sent before our answer was read, is stale',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     late eds +b =>
     ack eds => eds b=1`,
  ],
  [
    'VHDS-04 VHDS has no SotW: no answer, and the stream lives',
    `world vhds r/h=1, cds a=1
     say vhds =>
     say cds => cds a=1`,
  ],
];

const DELTA: Rows = [
  [
    'DELTA-03 DELTA-04 X-11 the legacy wildcard survives names and ends with -*',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     say cds +a => cds a=1
     ack cds =>
     world cds a=1, cds b=2 => cds b=2
     ack cds =>
     say cds -* =>
     world cds a=2, cds b=3 => cds a=2
     ack cds =>
     say cds -a =>
     say cds =>
     world cds a=3, cds b=4 =>`,
  ],
  [
    'DELTA-05 delta-subscribe-twice: every subscribe is answered',
    `world eds a=1
     say eds +a => eds a=1
     ack eds =>
     say eds +a => eds a=1`,
  ],
  [
    'DELTA-05 also while an update is open',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     say eds +b => eds b=1`,
  ],
  [
    'DELTA-06 T-19 T-21 delta-removed-then-created: the subscription of a removed name stays',
    `world rds r=1
     say rds +r => rds r=1
     ack rds =>
     world cds x=1 => rds -r
     ack rds =>
     world rds r=2 => rds r=2`,
  ],
  [
    'DELTA-11 ODCDS-02 X-11 delta-unsub-under-wildcard: answered with the resource, or as removed',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     say cds +a +gone => cds a=1 -gone
     ack cds =>
     say cds -a => cds a=1
     ack cds =>
     say cds -gone => cds -gone`,
  ],
  [
    'DELTA-12 subscriptions count in an ACK and in a NACK',
    `world eds a=1, eds b=1, eds c=1
     say eds +a => eds a=1
     ack eds +b => eds b=1
     nack eds +c => eds c=1`,
  ],
  [
    'DELTA-13 delta-spontaneous-during-open: no nonce, no verdict',
    `world eds a=1, eds b=1
     say eds +a => eds a=1
     say eds +b => eds b=1
     facts
     ack eds =>
     facts switched reached`,
  ],
  [
    'a wildcard that begins after names brings the rest',
    `world cds a=1, cds b=1
     say cds +a => cds a=1
     ack cds =>
     say cds * => cds b=1
     ack cds =>`,
  ],
  [
    'VHDS-01 a first request without names is the initial set',
    `world vhds r/h=1
     say vhds => vhds r/h=1`,
  ],
  [
    'SDS-01 SDS-05 secrets are never removed, but for the answer to a subscribe',
    `world sds s=1
     say sds +s +none => sds -none | sds s=1
     ack sds =>
     world cds a=1 =>
     wait 60s =>`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => runScript(wire, script));
