import { z } from 'zod';
import { describe, ownIssue, shorten, typeMessage } from './issue.ts';

/** So many in each interval: `100/s` is {amount: 100, perMs: 1000}. */
export interface Rate {
  /** 1 to 1,000,000,000. */
  readonly amount: number;
  readonly perMs: number;
}

const UNIT_MS = { s: 1000, min: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const TIMES = { '': 1, k: 1000, M: 1_000_000 } as const;
const FORM = /^([0-9]{1,9})(k|M|)\/(s|min|hour|day)$/;
const AMOUNT_MAX = 1_000_000_000;
const EXAMPLE = 'write e.g. 100/s, 60/min, 100k/day';

/** A rate: `100/s`, `60/min`, `1000/hour`, `100k/day`. */
export const rateField = z
  .string({
    error: ({ input }) =>
      typeMessage('SCHEMA_TYPE', `${describe(input)} is not a rate; ${EXAMPLE}`),
  })
  .meta({
    description: 'A rate: 100/s, 60/min, 1000/hour or 100k/day.',
    pattern: FORM.source,
    examples: ['100/s'],
  })
  .transform((text, context): Rate => {
    const [, digits = '', times = '', unit = ''] = FORM.exec(text) ?? [];
    if (!isUnit(unit) || !isTimes(times)) {
      const [, count = '', word = ''] = /^([0-9]{1,9}[kM]?)\s*\/\s*([A-Za-z]+)$/.exec(text) ?? [];
      const known = WORDS.get(word.toLowerCase());
      const help = known === undefined ? EXAMPLE : `write ${count}/${known}`;
      const message = `"${shorten(text)}" is not a rate; ${help}`;
      context.issues.push(ownIssue('SCHEMA_TYPE', message, text));
      return z.NEVER;
    }
    const amount = Number(digits) * TIMES[times];
    if (amount >= 1 && amount <= AMOUNT_MAX) return { amount, perMs: UNIT_MS[unit] };
    const message = `a rate is 1 to ${AMOUNT_MAX} in each interval, got ${amount}`;
    context.issues.push(ownIssue('SCHEMA_RANGE', message, text));
    return z.NEVER;
  });

/** What units are called elsewhere. */
const WORDS: ReadonlyMap<string, keyof typeof UNIT_MS> = new Map([
  ['sec', 's'],
  ['second', 's'],
  ['m', 'min'],
  ['minute', 'min'],
  ['h', 'hour'],
  ['hr', 'hour'],
  ['d', 'day'],
]);

const isUnit = (unit: string): unit is keyof typeof UNIT_MS => Object.hasOwn(UNIT_MS, unit);

const isTimes = (times: string): times is keyof typeof TIMES => Object.hasOwn(TIMES, times);
