import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** `resource_errors`. 5 is NOT_FOUND, 13 is INTERNAL. */
const BOTH: Rows = [
  [
    'ERR-01 ERR-02 what is asked for and does not exist is said once, until it does',
    `errors
     world eds a=1
     say eds +a +x => eds a=1 !x:5 // eds -x !x:5 | eds a=1
     ack eds =>
     world eds a=2 => eds a=2
     ack eds =>
     world eds a=2, eds x=1 => eds x=1
     ack eds =>
     facts switched reached switched reached switched reached`,
  ],
  [
    'ERR-01 nothing but the error, where nothing else is asked for',
    `errors
     world eds a=1
     say eds +x => eds !x:5 // eds -x !x:5
     ack eds =>
     again eds =>
     say eds +y => eds !y:5 // eds -y !y:5`,
  ],
  [
    'ERR-01 ERR-02 what goes is said once it is gone, and again where it comes and goes',
    `errors
     world eds a=1, eds b=1
     say eds +a +b => eds a=1 b=1 // eds a=1 | eds b=1
     ack eds =>
     world eds a=1 =>
     wait 14s =>
     wait 6s => eds !b:5 // eds -b !b:5
     ack eds =>
     world eds a=1, eds b=2 => eds b=2
     ack eds =>
     world eds a=1 =>
     wait 20s => eds !b:5 // eds -b !b:5`,
  ],
  [
    'ERR-01 who leaves it out and asks again is told again',
    `errors
     world eds a=1
     say eds +a +x => eds a=1 !x:5 // eds -x !x:5 | eds a=1
     ack eds =>
     say eds -x =>
     say eds +x => eds !x:5 // eds -x !x:5`,
  ],
  [
    'ERR-02 what the node refused is there: it keeps what it has',
    `errors
     world rds r=1, rds s=1
     say rds +r +s => rds r=1 | rds s=1
     nack rds "bad" => rds s=1
     ack rds =>
     reconnect =>
     say rds +r +s +t => rds s=1 !r:13 !t:5 // rds -r -t !r:13 !t:5 | rds s=1`,
  ],
  [
    'ERR-02 what its build cannot take is there',
    `errors
     builtin http
     world ecds e=1 !needs:golang, ecds f=1
     say ecds +e +f => ecds f=1 !e:13 // ecds -e !e:13 | ecds f=1`,
  ],
  [
    'ERR-03 a complete set stays complete beside an error',
    `errors
     world cds a=1, cds b=1
     say cds +a +b +x => cds a=1 b=1 !x:5 // cds a=1 b=1 -x !x:5
     ack cds =>
     world cds a=2, cds b=1 => cds a=2 b=1 // cds a=2`,
  ],
  [
    'ERR-03 what waits to be sent is not missing',
    `errors
     world cds c=1 !slow
     say cds => cds c=1
     ack cds =>
     say rds +r => rds !r:5 // rds -r !r:5
     ack rds =>
     world cds c=2 !slow, rds r=1 -> cds/c => cds c=2
     say rds +s => rds !s:5 // rds -s !s:5
     ack rds =>
     ack cds => rds r=1`,
  ],
  [
    'ERR-01 once also while other names that were asked for wait to be sent',
    `errors
     world cds c=1 !slow, rds r=1 -> cds/c
     say cds version old c=0 => cds c=1
     say rds version old +r +x r=0 => rds !x:5 // rds -x !x:5
     ack rds =>
     ack cds => rds r=1
     ack rds =>`,
  ],
  [
    'ERR-04 of "all" nothing is missing',
    `errors
     world eds z=1
     say cds * => cds
     ack cds =>
     world cds a=1 => cds a=1
     ack cds =>
     world cds b=1 => cds a=1 b=1 // cds b=1
     ack cds =>
     wait 20s => cds b=1 // cds -a`,
  ],
  [
    'ERR-03 ERR-04 what is named beside "all" is said, and all is sent',
    `errors
     world cds a=1
     say cds * +x => cds a=1 !x:5 // cds a=1 -x !x:5
     ack cds =>`,
  ],
  [
    'ERR-05 off by default: nothing is said',
    `world eds a=1
     say eds +a +x => eds a=1 // eds -x | eds a=1
     ack eds =>`,
  ],
];

const DELTA: Rows = [
  [
    'ERR-04 of a collection without members its own name',
    `errors
     world cds other=1
     say cds +@/g/* +@/g/a => cds -@/g/* -@/g/a !@/g/*:5 !@/g/a:5
     ack cds =>
     world cds other=1, cds @/g/b=1 => cds @/g/b=1
     ack cds =>
     world cds other=1 =>
     wait 20s => cds -@/g/b !@/g/*:5`,
  ],
  [
    'ERR-01 an unknown alias has an answer of its own',
    `errors
     world rds r=1, vhds r/h=1 !domains:h
     say vhds +r/x => vhds ?r/x`,
  ],
];

test.each([...rowsOf(BOTH, ['sotw', 'delta']), ...rowsOf(DELTA, ['delta'])])(
  '%s (%s)',
  (_name, wire, script) => {
    runScript(wire, script.replaceAll('@/', 'xdstp://helve/envoy.config.cluster.v3.Cluster/'));
  },
);
