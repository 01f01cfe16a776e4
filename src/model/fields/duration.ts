import { z } from 'zod';
import { describe, ownIssue, shorten, typeMessage } from './issue.ts';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const FORM = /^([0-9]{1,12})(ms|s|m|h|d)$/;
/** Of which no part is 0 alone, for editors. */
const MORE_THAN_NONE = '^0{0,11}[1-9][0-9]{0,11}(?:ms|s|m|h|d)$';
const EXAMPLE = 'write e.g. 250ms, 3s, 5m, 1h, 1d';
const DURATION_MS_MAX = 3650 * UNIT_MS.d;

export type ParsedDuration =
  { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly message: string };

/** `250ms`, `3s`, `5m`, `1h`, `1d`: from 1 ms to ten years. */
function parseDuration(text: string): ParsedDuration {
  const match = FORM.exec(text);
  const unit = match?.[2];
  if (match === null || !isUnit(unit)) {
    const whole = wholeForm(text);
    const help = whole === null ? EXAMPLE : `write ${whole}`;
    return { ok: false, message: `"${shorten(text)}" is not a duration; ${help}` };
  }
  const ms = Number(match[1]) * UNIT_MS[unit];
  if (ms === 0) return { ok: false, message: `a duration must be at least 1ms; ${EXAMPLE}` };
  if (ms > DURATION_MS_MAX) {
    return { ok: false, message: `"${text}" is too long; a duration is at most 3650d` };
  }
  return { ok: true, ms };
}

/** `1.5s` is `1500ms`, and `30 sec` is `30s`. Null where it is not that clear. */
function wholeForm(text: string): string | null {
  const [, number = '', word = ''] =
    /^([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*([A-Za-z]+)$/.exec(text) ?? [];
  const unit = isUnit(word) ? word : WORDS[word.toLowerCase()];
  if (unit === undefined) return null;
  const ms = Number(number) * UNIT_MS[unit];
  if (!Number.isInteger(ms) || ms < 1) return null;
  return number.includes('.') ? `${ms}ms` : `${Number(number)}${unit}`;
}

/** What units are called elsewhere. */
const WORDS: Readonly<Record<string, keyof typeof UNIT_MS>> = {
  day: 'd',
  days: 'd',
  hour: 'h',
  hours: 'h',
  hr: 'h',
  millis: 'ms',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  msec: 'ms',
  sec: 's',
  second: 's',
  seconds: 's',
  secs: 's',
};

const notText = (issue: { readonly input: unknown }): string =>
  typeMessage('SCHEMA_DURATION', `${describe(issue.input)} is not a duration; ${EXAMPLE}`);

/** A duration in ms. */
export const durationMs = z
  .string({ error: notText })
  .meta({
    description: 'A duration: 250ms, 3s, 5m, 1h or 1d.',
    pattern: MORE_THAN_NONE,
    examples: ['3s'],
  })
  .transform((text, context) => {
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.ms;
    context.issues.push(ownIssue('SCHEMA_DURATION', parsed.message, text));
    return z.NEVER;
  });

/** A duration in ms, or null for `none`. */
export const durationMsOrNone = z
  .string({ error: notText })
  .meta({
    description: 'A duration, or none for no limit.',
    pattern: `${MORE_THAN_NONE}|^none$`,
    examples: ['3s'],
  })
  .transform((text, context): number | null => {
    if (text === 'none') return null;
    const parsed = parseDuration(text);
    if (parsed.ok) return parsed.ms;
    const message = `${parsed.message}, or none`;
    context.issues.push(ownIssue('SCHEMA_DURATION', message, text));
    return z.NEVER;
  });

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_MS {
  return unit !== undefined && Object.hasOwn(UNIT_MS, unit);
}
