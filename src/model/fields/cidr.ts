import { z } from 'zod';
import { ipProblem } from './ip.ts';
import { ownIssue, shorten } from './issue.ts';

/** Addresses that have their first bits in common. */
export interface AddressRange {
  readonly ip: string;
  readonly bits: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export const cidrField = z
  .string()
  .meta({
    description: 'A range such as 10.0.0.0/8, or one address.',
    pattern: '^[0-9a-fA-F:.]+(?:/(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?$',
  })
  .transform((text, context): AddressRange => {
    const [ip = '', bits, ...rest] = text.split('/');
    const most = ip.includes(':') ? 128 : 32;
    const count = bits === undefined ? most : Number(/^[0-9]{1,3}$/.test(bits) ? bits : -1);
    const isWhole = rest.length === 0 && count >= 0 && count <= most;
    const shown = shorten(text);
    const problem =
      ipProblem(ip) ??
      (isWhole ? null : `"${shown}" is not a range; write ${ip}/0 to ${ip}/${most}`);
    if (problem === null) return { ip, bits: count };
    context.issues.push(ownIssue('SCHEMA_IP', problem, text));
    return z.NEVER;
  });
