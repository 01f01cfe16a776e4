import { test } from 'vitest';
import { rowsOf, type Rows } from './support/rows.ts';
import { runScript } from './support/script.ts';

/** Envoy's unified client over SotW: what a response leaves out is gone, and is missed. */
const MISSED = '"Unexpected number of resources in ExtensionConfigDS response: 0"';
const ROWS: Rows = [
  [
    'T-45 a refusal of what was left out is answered with all of it, and tells of nothing bad',
    `envoy
     world ecds a=1, ecds b=1, ecds c=1
     say ecds +a +b +c => ecds a=1 | ecds b=1 | ecds c=1
     ack1 ecds =>
     nack ecds ${MISSED} =>
     nack ecds ${MISSED} => ecds a=1 b=1 c=1
     ack ecds =>
     running alone
     facts switched reached
     world ecds a=1, ecds b=2, ecds c=1 => ecds a=1 b=2 c=1
     ack ecds =>
     running alone`,
  ],
  [
    'T-45 what was missed while all was on its way is not said again',
    `envoy
     world ecds a=1, ecds b=1
     say ecds +a => ecds a=1
     ack ecds =>
     say ecds +b => ecds b=1
     nack ecds ${MISSED} => ecds a=1 b=1
     ack ecds =>
     world ecds a=2, ecds b=2 => ecds a=2 b=2
     ack ecds =>
     running alone`,
  ],
  [
    'T-45 content that is refused there is found among what changed, and the rest goes on',
    `envoy
     world ecds a=1, ecds b=1, ecds c=1
     say ecds +a +b +c => ecds a=1 | ecds b=1 | ecds c=1
     ack1 ecds =>
     nack ecds ${MISSED} =>
     nack ecds ${MISSED} => ecds a=1 b=1 c=1
     ack ecds =>
     world ecds a=2, ecds b=1, ecds c=1 => ecds a=2 b=1 c=1
     nack ecds "no" =>
     facts switched reached rejected:a
     world ecds a=2, ecds b=2, ecds c=1 => ecds a=1 b=2 c=1
     ack ecds =>
     world ecds a=3, ecds b=2, ecds c=1 => ecds a=3 b=2 c=1
     ack ecds =>
     running alone`,
  ],
  [
    'T-45 who goes on missing what is there has refused it',
    `envoy
     world ecds a=1
     say ecds +a => ecds a=1
     nack ecds ${MISSED} => ecds a=1
     nack ecds ${MISSED} => ecds a=1
     nack ecds ${MISSED} =>
     facts rejected:a`,
  ],
];

test.each(rowsOf(ROWS, ['sotw']))('%s (%s)', (_name, wire, script) => {
  runScript(wire, script);
});
