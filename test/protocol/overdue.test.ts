import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Refusals of what was late, of what is held, and by clients whose content is not known. */
const BOTH: Rows = [
  [
    'a client that does not answer for some endpoints keeps no cluster that has gone',
    `world cds a=1, cds old=1, eds a=1
     say cds => cds a=1 old=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=1, eds a=2 => eds a=2
     wait 60s => cds a=1 // cds -old`,
  ],
  [
    'DELTA-23 TRN-15 an accepted response counts although a later one is open',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     wait 5s =>
     world cds a=bad, cds b=1 => cds a=bad b=1 // cds a=bad
     ack1 cds =>
     nack cds "a is bad" =>
     world cds a=bad, cds b=2 => cds a=1 b=2 // cds b=2
     ack cds =>
     world cds b=2 =>
     wait 20s => cds b=2 // cds -a`,
  ],
  [
    'a held resource that is refused gives way to what came after it',
    `world cds a=1, eds a=bad
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=bad
     world cds a=1, eds a=2 =>
     world cds b=1, eds b=1 =>
     nack eds => cds a=1 b=1 | eds a=2 b=1 // cds b=1 | eds a=2 | eds b=1`,
  ],
  [
    'a held resource never falls back on what was refused before',
    `world cds a=1, eds a=bad1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=bad1
     nack eds =>
     world cds a=1, eds a=bad2 => eds a=bad2
     nack eds =>
     world cds a=1, eds a=bad3 => eds a=bad3
     world cds b=1, eds b=1 =>
     nack eds => cds a=1 b=1 | eds b=1 // cds b=1 | eds b=1
     ack cds =>
     ack eds =>
     wait 20s => cds b=1 // cds -a`,
  ],
  [
    'ADS-03 who asks for endpoints and not for clusters holds some: its routes wait for these',
    `world cds a=1, cds b=1, eds a=1, eds b=1, lds l=1 -> rds/l, rds l=1 -> cds/b
     say eds +a => eds a=1
     ack eds =>
     say lds =>
     wait 1s =>
     say cds => cds a=1 b=1 | eds a=1 b=1 | lds l=1 // cds a=1 b=1 | eds a=1 | eds b=1 | lds l=1`,
  ],
  [
    'ADS-03 the routes of an Envoy that starts with refused clusters wait for those that follow',
    `world cds a=bad, lds l=1 -> rds/l, rds l=1 -> cds/a
     say cds => cds a=bad
     nack cds =>
     say lds => lds l=1
     world cds b=1 !slow, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b => cds b=1
     ack lds =>
     say rds +l =>
     say eds +b => eds b=1
     ack eds =>
     ack cds => rds l=2`,
  ],
  [
    'ADS-03 ADS-07 a table that follows a listener on its way waits for the clusters it leads to',
    `world cds a=1, eds a=1, lds l=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     say lds => lds l=1
     ack lds =>
     world cds a=1, eds a=1, lds l=2 -> rds/l, rds l=1 -> cds/a => lds l=2
     world cds a=1, cds b=1 !slow, eds a=1, eds b=1, lds l=2 -> rds/l, rds l=2 -> cds/b
       => cds a=1 b=1 | eds b=1 // cds b=1 | eds b=1
     say rds +k => // rds -k
     ack eds =>
     ack lds =>
     ack cds =>
     wait 5s =>
     say rds +l => rds l=2`,
  ],
];

const DELTA: Rows = [
  [
    'a refused child that nobody had asked for is not what the client had before',
    `world cds a=1, eds a=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=1, cds c=1, eds a=1, eds c=bad => cds c=1 | eds c=bad
     reconnect =>
     say cds a=1 => cds c=1
     say eds +a a=1 => eds c=bad
     nack eds =>
     say eds +c => eds -c`,
  ],
  [
    'DELTA-14 what was refused twice, with others and alone, is removed like what was accepted',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=2, cds b=bad => cds a=2 b=bad
     nack cds => cds a=2 | cds b=bad
     ack1 cds =>
     nack cds =>
     world cds a=2 =>
     wait 20s => cds -b`,
  ],
];

const SOTW: Rows = [
  [
    'SOTW-03 what came before a refusal, and got no answer of its own, was accepted',
    `world cds a=1
     say cds => cds a=1
     ack cds =>
     world cds a=1, cds b=1 => cds a=1 b=1
     wait 5s =>
     world cds a=1, cds b=bad => cds a=1 b=bad
     nackLast cds "b is bad" =>
     world cds a=2, cds b=bad => cds a=2 b=1`,
  ],
  [
    'T-25 what was accepted in place of a refusal is given to the next stream',
    `world cds a=1, eds a=1
     world cds a=1, eds a=bad1 =>
     say cds => cds a=1
     say eds +a => eds a=bad1
     ack cds =>
     nack eds =>
     world cds a=1, eds a=bad2 => eds a=bad2
     nack eds =>
     world cds b=1, eds b=1 => cds a=1 b=1 | eds a=1 b=1
     ack cds =>
     ack eds =>
     reconnect =>
     say cds version old => cds a=1 b=1
     say eds +a version old => eds a=1 b=1`,
  ],
  [
    'T-25 what was accepted before a refusal is held, not what a revision in between had',
    `world cds a=1, eds a=1
     say cds => cds a=1
     ack cds =>
     say eds +a => eds a=1
     ack eds =>
     world cds a=1, eds a=bad1 => eds a=bad1
     nack eds =>
     world cds a=1, eds a=bad2 => eds a=bad2
     nack eds =>
     world cds b=1, eds b=1 => cds a=1 b=1 | eds b=1
     reconnect =>
     say cds version old => cds a=1 b=1
     say eds +a version old => eds a=1 b=1`,
  ],
  [
    'TRN-15 the set without its culprits is an update: it waits for what is open',
    `world cds a=1, cds b=1
     say cds => cds a=1 b=1
     ack cds =>
     world cds a=bad, cds b=1, cds c=1 => cds a=bad b=1 c=1
     wait 5s =>
     world cds a=bad, cds b=1, cds c=2 => cds a=bad b=1 c=2
     nack cds "a is bad" =>
     wait 4s =>
     wait 1s => cds a=1 b=1 c=2`,
  ],
  [
    'T-25 a client of unknown content gets what stands in for a refusal at once',
    `world lds a=1, lds old=1
     world lds a=bad =>
     reconnect =>
     say lds version old => lds a=bad
     nack lds "a is bad" => lds a=1
     ack lds =>`,
  ],
  [
    'T-25 who has accepted nothing on the stream is not taken to have what stood in',
    `world lds a=1, lds b=1
     world lds a=1, lds b=bad1 =>
     world lds a=2, lds b=bad2 =>
     reconnect =>
     say lds version old => lds a=2 b=bad2
     nack lds "b is bad" => lds a=2 b=bad1
     nack lds "b is bad" => lds a=2 b=1
     ack lds =>
     facts rejected:b? rejected:b?`,
  ],
  [
    'T-31 routes of a client of unknown content that refuses the new ones keep their clusters',
    `world cds a=1, eds a=1, lds l=1 -> rds/l, rds l=1 -> cds/a
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=bad -> cds/b =>
     reconnect =>
     say cds version old => cds a=1 b=1
     say eds +a +b version old => eds a=1 b=1
     say lds version old => lds l=1
     say rds +l version old => rds l=bad
     ack cds =>
     ack eds =>
     ack lds =>
     nack rds =>
     wait 900s =>
     world cds b=1, eds b=1, lds l=1 -> rds/l, rds l=2 -> cds/b => rds l=2
     ack rds =>
     wait 900s => cds b=1`,
  ],
  [
    'of endpoints that were refused with others, what was accepted before stands in',
    `world eds a=1, eds b=1
     say eds +a +b => eds a=1 b=1
     ack eds =>
     world eds a=2, eds b=bad => eds a=2 b=bad
     nack eds => eds a=2 | eds b=bad
     ack1 eds =>
     nack eds =>
     reconnect =>
     say eds +a +b version old => eds a=2 b=1`,
  ],
];

test.each([
  ...rowsOf(BOTH, ['sotw', 'delta']),
  ...rowsOf(SOTW, ['sotw']),
  ...rowsOf(DELTA, ['delta']),
])('%s (%s)', (_name, wire, script) => runScript(wire, script));
