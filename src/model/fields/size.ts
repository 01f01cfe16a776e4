import { z } from 'zod';
import { describe, ownIssue, shorten, typeMessage } from './issue.ts';

const UNIT_BYTES = { B: 1, KiB: 1024, MiB: 1024 * 1024, GiB: 1024 * 1024 * 1024 } as const;
const FORM = /^([0-9]{1,9})(B|KiB|MiB|GiB)$/;
const EXAMPLE = 'write e.g. 512B, 64KiB, 1MiB';

/** `64KiB`, in bytes: between two bounds, both included. */
export const sizeBytes = (min: SizeText, max: SizeText) =>
  z
    .string({
      error: ({ input }) =>
        typeMessage('SCHEMA_SIZE', `${describe(input)} is not a size; ${EXAMPLE}`),
    })
    .meta({ description: `A size, e.g. 64KiB; ${min} to ${max}.`, pattern: FORM.source })
    .transform((text, context): number => {
      const bytes = bytesOf(text);
      if (bytes === null) {
        const binary = binaryForm(text);
        const help = binary === null ? EXAMPLE : `write ${binary}`;
        const message = `"${shorten(text)}" is not a size; ${help}`;
        context.issues.push(ownIssue('SCHEMA_SIZE', message, text));
        return z.NEVER;
      }
      if (bytes >= (bytesOf(min) ?? 0) && bytes <= (bytesOf(max) ?? Infinity)) return bytes;
      const message = `${text} is out of range; write ${min} to ${max}`;
      context.issues.push(ownIssue('SCHEMA_RANGE', message, text));
      return z.NEVER;
    });

/** `60k`, `60KB` and `60 kb` may be meant as 60KiB. */
function binaryForm(text: string): string | null {
  const [, count = '', letter = ''] = /^([0-9]{1,9})\s*([kmg])i?b?$/i.exec(text) ?? [];
  return letter === '' ? null : `${count}${letter.toUpperCase()}iB`;
}

type SizeText = `${number}${keyof typeof UNIT_BYTES}`;

function bytesOf(text: string): number | null {
  const match = FORM.exec(text);
  const unit = match?.[2];
  return match === null || !isUnit(unit) ? null : Number(match[1]) * UNIT_BYTES[unit];
}

function isUnit(unit: string | undefined): unit is keyof typeof UNIT_BYTES {
  return unit !== undefined && Object.hasOwn(UNIT_BYTES, unit);
}
