import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Resources with a lifetime. Each client refreshes after a part of it between 1/4 and 1/3. */
const BOTH: Rows = [
  [
    'TTL-01 TTL-02 TTL-04 TTL-05 a layer says its lifetime, and is refreshed three times in it',
    `envoy
     world rtds a=1 !ttl:12s, rtds b=1
     say rtds +a +b => rtds a=1@12s b=1
     ack rtds =>
     phase settled
     wait 2999ms =>
     wait 1001ms => rtds a=1@12s // rtds a@12s
     phase settled
     running alone
     ack rtds =>
     wait 2999ms =>
     wait 1001ms => rtds a=1@12s // rtds a@12s
     ack rtds =>
     facts switched reached`,
  ],
  [
    'TTL-01 an update begins a lifetime anew, and one without a lifetime ends it',
    `envoy
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     wait 2s =>
     world rtds a=2 !ttl:12s => rtds a=2@12s
     ack rtds =>
     wait 2999ms =>
     wait 1001ms => rtds a=2@12s // rtds a@12s
     ack rtds =>
     world rtds a=2 => rtds a=2
     ack rtds =>
     wait 60s =>`,
  ],
  [
    'TTL-01 another lifetime alone is a change',
    `envoy
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     world rtds a=1 !ttl:24s => rtds a=1@24s
     ack rtds =>
     wait 5999ms =>
     wait 2001ms => rtds a=1@24s // rtds a@24s`,
  ],
  [
    'TTL-02 whole where it may have run out: the client read nothing for so long',
    `envoy
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     blocked =>
     wait 13s =>
     writable => rtds a=1@12s`,
  ],
  [
    'TTL-02 none to a client that answers nothing for half a minute, until it does',
    `envoy
     world rtds a=1 !ttl:90s
     say rtds +a => rtds a=1@90s
     ack rtds =>
     world rtds a=2 !ttl:90s => rtds a=2@90s
     wait 29s => rtds a=2@90s
     wait 100s =>
     ack rtds => rtds a=2@90s`,
  ],
  [
    'TTL-02 what was refused is not refreshed, and what is run instead is',
    `envoy
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     wait 1s =>
     world rtds a=2 !ttl:12s => rtds a=2@12s
     nack rtds "no" => rtds a=1@12s
     wait 2s =>`,
  ],
  [
    'TTL-04 a client that says nothing of lifetimes gets them where they do no harm',
    `world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1 // rtds a=1@12s
     ack rtds =>
     wait 4s => // rtds a=1@12s`,
  ],
  [
    'TTL-04 a client of any kind that says so is told',
    `features xds.config.supports-resource-ttl xds.config.resource-in-sotw
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     wait 4s => rtds a=1@12s // rtds a@12s`,
  ],
  [
    'TTL-05 T-28 over SotW clusters, listeners and filters are sent for good',
    `envoy
     world cds a=1 !ttl:12s, lds l=1 !ttl:12s, ecds e=1 !ttl:12s
     say cds => cds a=1 // cds a=1@12s
     ack cds =>
     say lds => lds l=1 // lds l=1@12s
     ack lds =>
     say ecds +e => ecds e=1 // ecds e=1@12s
     ack ecds =>
     wait 4s => // cds a@12s | lds l@12s | ecds e@12s`,
  ],
  [
    'TTL-01 TTL-03 who leaves it out is told nothing more',
    `envoy
     world rtds a=1 !ttl:12s, rtds b=1
     say rtds +a +b => rtds a=1@12s b=1
     ack rtds =>
     say rtds -a =>
     wait 60s =>`,
  ],
];

const DELTA: Rows = [
  [
    'TTL-02 a refresh that is refused is followed by the whole',
    `envoy
     world rtds a=1 !ttl:12s
     say rtds +a => rtds a=1@12s
     ack rtds =>
     wait 4s => rtds a@12s
     nack rtds "type mismatch" => rtds a=1@12s
     ack rtds =>
     facts switched reached`,
  ],
  [
    'TTL-02 whole while the answer to it is withheld',
    `envoy
     world cds a=1 !ttl:12s, cds b=1 !slow
     say cds => cds a=1@12s b=1
     wait 4s => cds a=1@12s
     wait 4s => cds a=1@12s
     ack cds =>
     wait 4s => cds a@12s`,
  ],
  [
    'TTL-02 whole to a client that comes back: it may run out before the answer',
    `envoy
     world cds a=1 !ttl:12s, cds b=1
     say cds a=1!12 b=1 => cds a=1@12s
     ack cds =>
     wait 4s => cds a@12s`,
  ],
  [
    'TTL-01 a cluster that goes is kept alive until then, and no longer',
    `features xds.config.supports-resource-ttl
     world cds a=1 !ttl:12s, cds b=1
     say cds => cds a=1@12s b=1
     ack cds =>
     world cds b=1 =>
     wait 13s => cds a@12s | cds a@12s | cds a@12s
     ack cds =>
     wait 60s => cds a@12s | cds -a`,
  ],
];

test.each([...rowsOf(BOTH, ['sotw', 'delta']), ...rowsOf(DELTA, ['delta'])])(
  '%s (%s)',
  (_name, wire, script) => {
    runScript(wire, script);
  },
);
