import type { JsonObject } from '../types.ts';
import { allOf, type Checked, countOf, isOn, listOf, plural, type Rule, textOf } from './rule.ts';

/** Rules of bytes; the rule's own bytes come as base64, as decoding spells them. */
export function bytesRules(rules: JsonObject): Rule | null {
  const rule = allOf([
    lengthRule(countOf(rules, 'len'), 'exactly', (has, want) => has === want),
    lengthRule(countOf(rules, 'min_len'), 'at least', (has, want) => has >= want),
    lengthRule(countOf(rules, 'max_len'), 'at most', (has, want) => has <= want),
    partRule(rules, 'const', 'are not', (value, part) => value.equals(part)),
    partRule(rules, 'prefix', 'do not begin with', (value, part) =>
      value.subarray(0, part.length).equals(part),
    ),
    partRule(rules, 'suffix', 'do not end with', (value, part) =>
      value.subarray(Math.max(0, value.length - part.length)).equals(part),
    ),
    partRule(rules, 'contains', 'lack', (value, part) => value.includes(part)),
    listRule(rules, 'in'),
    listRule(rules, 'not_in'),
    ...addressRules(rules),
  ]);
  if (rule === null || !isOn(rules, 'ignore_empty')) return rule;
  return (value) => (bytesOf(value)?.length === 0 ? null : rule(value));
}

function bytesOf(value: Checked): Buffer | null {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : null;
}

function bytesRule(check: (value: Buffer) => string | null): Rule {
  return (value) => {
    const bytes = bytesOf(value);
    return bytes === null ? null : check(bytes);
  };
}

function lengthRule(
  wanted: number | null,
  words: string,
  holds: (has: number, want: number) => boolean,
): Rule | null {
  if (wanted === null) return null;
  return bytesRule((value) =>
    holds(value.length, wanted)
      ? null
      : `has ${plural(value.length, 'byte')}; write ${words} ${String(wanted)}`,
  );
}

function partRule(
  rules: JsonObject,
  name: string,
  words: string,
  holds: (value: Buffer, part: Buffer) => boolean,
): Rule | null {
  const text = textOf(rules, name);
  if (text === null) return null;
  const part = Buffer.from(text, 'base64');
  const spelled = `0x${part.toString('hex')}`;
  return bytesRule((value) =>
    holds(value, part) ? null : `holds bytes that ${words} ${spelled}; change them`,
  );
}

function listRule(rules: JsonObject, name: 'in' | 'not_in'): Rule | null {
  const given = listOf(rules, name);
  if (given === null) return null;
  const set = new Set(given);
  return bytesRule((value) =>
    set.has(value.toString('base64')) === (name === 'in')
      ? null
      : 'holds bytes that are not allowed here; change them',
  );
}

function addressRules(rules: JsonObject): readonly Rule[] {
  const forms: readonly (readonly [string, readonly number[]])[] = [
    ['ip', [4, 16]],
    ['ipv4', [4]],
    ['ipv6', [16]],
  ];
  return forms
    .filter(([name]) => isOn(rules, name))
    .map(([, sizes]) =>
      bytesRule((value) =>
        sizes.includes(value.length)
          ? null
          : `has ${plural(value.length, 'byte')}; an IP address has ${sizes.join(' or ')}`,
      ),
    );
}
