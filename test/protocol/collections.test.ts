import { test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Names that say their parts, and collections of them; `@/` is their authority and type. */
const BOTH: Rows = [
  [
    'NAME-03 a collection is all one level below it, with the same parameters',
    `world cds @/g/a?p=1=1, cds @/g/b?p=1=1, cds @/g/c=1, cds @/g/a/d?p=1=1, cds @/h/e?p=1=1, cds f=1
     say cds +@/g/*?p=1 => cds @/g/a?p=1=1 @/g/b?p=1=1
     ack cds =>`,
  ],
  [
    'NAME-03 what joins a collection is pushed, and what changes or leaves it',
    `world cds @/g/a=1, cds @/h/z=1
     say cds +@/g/* => cds @/g/a=1
     ack cds =>
     world cds @/g/a=1, cds @/g/b=1, cds @/h/z=2 => cds @/g/a=1 @/g/b=1 // cds @/g/b=1
     ack cds =>
     world cds @/g/a=2, cds @/g/b=1, cds @/h/z=2 => cds @/g/a=2 @/g/b=1 // cds @/g/a=2
     ack cds =>
     world cds @/g/b=1, cds @/h/z=2 =>
     wait 60s => cds @/g/b=1 // cds -@/g/a
     ack cds =>
     running alone`,
  ],
  [
    'NAME-03 listeners of a collection go at once, and the last one too',
    `world lds @/g/a=1
     say lds +@/g/* => lds @/g/a=1
     ack lds =>
     world cds other=1 => lds // lds -@/g/a
     ack lds =>
     world lds @/g/n=1 => lds @/g/n=1`,
  ],
  [
    'NAME-03 a collection that has nothing is answered by that, and pushed once it has',
    `world cds other=1
     say cds +@/g/* => cds // cds -@/g/*
     ack cds =>
     world cds other=1, cds @/g/a=1 => cds @/g/a=1`,
  ],
  [
    'NAME-03 collections and names side by side: each resource comes once',
    `world cds @/g/a=1, cds @/g/b=1, cds @/h/c=1, cds d=1
     say cds +@/g/* +@/g/a +@/h/* +d => cds d=1 @/g/a=1 @/g/b=1 @/h/c=1
     ack cds =>
     world cds @/g/a=2, cds @/g/b=1, cds @/h/c=2, cds d=1
       => cds d=1 @/g/a=2 @/g/b=1 @/h/c=2 // cds @/g/a=2 @/h/c=2
     ack cds =>
     say cds -@/h/* =>
     world cds @/g/a=2, cds @/g/b=1, cds @/h/c=3, cds d=1 =>
     say cds +@/h/* => cds d=1 @/g/a=2 @/g/b=1 @/h/c=3 // cds @/h/c=3`,
  ],
  [
    'NAME-03 a name that is also in a collection stays when the collection goes',
    `world cds @/g/a=1, cds @/g/b=1
     say cds +@/g/* +@/g/a => cds @/g/a=1 @/g/b=1
     ack cds =>
     say cds -@/g/* =>
     world cds @/g/a=2, cds @/g/b=2 => cds @/g/a=2`,
  ],
  [
    'NAME-05 parameters that Envoy adds from its node are part of the name',
    `world cds @/g/a?xds.node.cluster=edge=1, cds @/g/b=1
     say cds +@/g/*?xds.node.cluster=edge => cds @/g/a?xds.node.cluster=edge=1
     ack cds =>`,
  ],
  [
    'NAME-04 a list of entries is not served: it is a name like others, which is not there',
    `world rds @/g/a=1
     say rds +@/g => // rds -@/g`,
  ],
  [
    'NAME-01 a name of another scheme is opaque, whatever it looks like',
    `world rds http://a/T/g/a?b=2&a=1=1
     say rds +http://a/T/g/a?a=1&b=2 => // rds -http://a/T/g/a?a=1&b=2
     say rds +http://a/T/g/* => // rds -http://a/T/g/*`,
  ],
  [
    'ODCDS-03 what is on demand is no part of a collection, and comes by its name',
    `world cds @/g/a=1, cds @/g/od=1 !demand
     say cds +@/g/* => cds @/g/a=1
     ack cds =>
     say cds +@/g/od => cds @/g/a=1 @/g/od=1 // cds @/g/od=1`,
  ],
];

const SOTW: Rows = [
  [
    'NAME-02 a name is found however its parameters are ordered',
    `world rds @/r?a=1&b=2=1
     say rds +@/r?b=2&a=1 => rds @/r?a=1&b=2=1
     ack rds =>
     world rds @/r?a=1&b=2=2 => rds @/r?a=1&b=2=2`,
  ],
];

const DELTA: Rows = [
  [
    'NAME-02 a resource is spelled as it was asked for, by its last spelling',
    `world rds @/r?a=1&b=2=1
     say rds +@/r?b=2&a=1 => rds @/r?b=2&a=1=1
     ack rds =>
     world rds @/r?a=1&b=2=2 => rds @/r?b=2&a=1=2
     ack rds =>
     say rds +@/r?a=%31&b=2 => rds @/r?a=%31&b=2=2
     ack rds =>
     say rds +@/r?a=1&b=2 => rds @/r?a=1&b=2=2`,
  ],
  [
    'NAME-02 what goes is spelled as it was asked for, and an unsubscribe may spell it otherwise',
    `world eds @/e?a=1&b=2=1, eds @/f?a=1&b=2=1
     say eds +@/e?b=2&a=1 +@/f?b=2&a=1 => eds @/e?b=2&a=1=1 | eds @/f?b=2&a=1=1
     ack eds =>
     world eds @/e?a=1&b=2=1 =>
     wait 60s => eds -@/f?b=2&a=1
     ack eds =>
     say eds -@/e?a=1&b=2 =>
     world eds @/e?a=1&b=2=2 =>`,
  ],
  [
    'NAME-02 NAME-03 a collection is found however it is spelled; its members say their full names',
    `world cds @/g/a?a=1&b=2=1
     say cds +@/g/*?b=2&a=1 => cds @/g/a?a=1&b=2=1
     ack cds =>
     say cds -@/g/*?a=1&b=2 =>
     say cds +@/n/*?b=2&a=1 => cds -@/n/*?b=2&a=1`,
  ],
  [
    'NAME-03 DELTA-11 a name that leaves and is still in a collection is answered',
    `world cds @/g/a=1
     say cds +@/g/* +@/g/a => cds @/g/a=1
     ack cds =>
     say cds -@/g/a => cds @/g/a=1`,
  ],
  [
    'NAME-03 DELTA-05 a collection that is asked for again is sent again',
    `world cds @/g/a=1
     say cds +@/g/* => cds @/g/a=1
     ack cds =>
     say cds +@/g/* => cds @/g/a=1`,
  ],
  [
    'NAME-03 T-20 members that went while a client was away go once it is back',
    `world lds @/g/a=1, lds @/g/b=1
     say lds +@/g/* => lds @/g/a=1 @/g/b=1
     ack lds =>
     world lds @/g/b=1 => lds -@/g/a
     reconnect
     say lds +@/g/* => lds @/g/b=1 -@/g/a
     ack lds =>
     running alone`,
  ],
  [
    'NAME-03 a client is not given what has left a collection, nor told that it had it for good',
    `world cds @/g/a=1, cds @/h/b=1
     world cds @/h/b=1 =>
     say cds +@/g/* +@/h/* => cds @/h/b=1 -@/g/*
     ack cds =>
     wait 60s => cds -@/g/a
     ack cds =>
     running alone`,
  ],
  [
    'NAME-03 DELTA-15 members that a client lists are not sent again, and what went is removed',
    `world lds @/g/a=1, lds @/g/b=1, lds @/g/c=1
     say lds +@/g/* @/g/a=1 @/g/b=0 @/g/gone=1 => lds @/g/b=1 @/g/c=1 -@/g/gone
     ack lds =>`,
  ],
  [
    'LEDS-01 endpoints follow the assignment that has their collection, and come and go without it',
    `world cds c=1 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/a=1
     say cds => cds c=1
     say eds +c => eds c=1
     say leds +@/c/* => leds @/c/a=1
     ack eds =>
     ack leds =>
     ack cds =>
     world cds c=1 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/a=1, leds @/c/b=1 => leds @/c/b=1
     ack leds =>
     world cds c=1 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/b=2 => leds @/c/b=2 -@/c/a
     ack leds =>
     world cds c=1 ->eds/c, eds c=1 ->leds/@/c/* => leds -@/c/b
     ack leds =>
     running alone`,
  ],
  [
    'LEDS-01 ADS-01 ADS-05 T-01 a changed cluster or assignment brings its endpoints along, be it none',
    `world cds c=1 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/a=1
     say cds => cds c=1
     say eds +c => eds c=1
     say leds +@/c/* => leds @/c/a=1
     ack eds =>
     ack leds =>
     ack cds =>
     world cds c=2 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/a=1 => cds c=2 | eds c=1 | leds @/c/a=1
     ack eds =>
     ack leds =>
     ack cds =>
     world cds c=2 ->eds/c, eds c=2 ->leds/@/c/*, leds @/c/a=1 => eds c=2 | leds @/c/a=1
     ack eds =>
     ack leds =>
     world cds c=2 ->eds/c, eds c=2 ->leds/@/c/* => leds -@/c/a
     ack leds =>
     world cds c=3 ->eds/c, eds c=2 ->leds/@/c/* => cds c=3 | eds c=2 | leds -@/c/*`,
  ],
  [
    'LEDS-01 ADS-08 endpoints of a cluster that goes stay as long as it does',
    `world cds c=1 ->eds/c, eds c=1 ->leds/@/c/*, leds @/c/a=1, rds r=1 ->cds/c
     say cds => cds c=1
     say eds +c => eds c=1
     say leds +@/c/* => leds @/c/a=1
     ack eds =>
     ack leds =>
     ack cds =>
     say rds +r => rds r=1
     ack rds =>
     world cds d=1, rds r=2 ->cds/d => cds d=1 | rds r=2
     ack cds =>
     ack rds =>
     wait 60s => cds -c | eds -c | leds -@/c/a`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => {
  runScript(wire, script.replaceAll('@/', 'xdstp://a/T/'));
});

test('NAME-02 a client that spells many names in ways of its own is closed (delta)', () => {
  const { spellingsPerTypeMax } = LIMITS;
  const names = Array.from({ length: spellingsPerTypeMax + 1 }, (_, n) => `@/g/%61${n}`);
  const asked = names.map((name) => `+${name}`).join(' ');
  runScript(
    'delta',
    `world cds a=1\nsay cds ${asked} =>\nclosed RESOURCE_EXHAUSTED`.replaceAll(
      '@/',
      'xdstp://a/T/',
    ),
  );
});
