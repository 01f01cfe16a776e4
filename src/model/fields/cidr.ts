import { z } from 'zod';
import { canonicalIpv6, ipProblem } from './ip.ts';
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
    const ofAddress = ipProblem(ip);
    if (ofAddress !== null) {
      context.issues.push(ownIssue('SCHEMA_IP', ofAddress, text));
      return z.NEVER;
    }
    if (isWhole) {
      const first = firstAddress(ip, count);
      if (first === ip) return { ip, bits: count };
      const help = `write ${first}/${count} for the range, or ${ip} for the one address`;
      context.issues.push(
        ownIssue('SCHEMA_CIDR', `"${shown}" is not where a range begins; ${help}`, text),
      );
      return z.NEVER;
    }
    const problem = `"${shown}" is not a range; write ${ip}/0 to ${ip}/${most}`;
    context.issues.push(ownIssue('SCHEMA_CIDR', problem, text));
    return z.NEVER;
  });

/** The address with only its first bits, in its canonical form. */
function firstAddress(ip: string, bits: number): string {
  if (!ip.includes(':')) {
    const parts = ip.split('.').map(Number);
    return parts.map((part, at) => part & mask(bits - at * 8, 8)).join('.');
  }
  const [head = '', tail] = ip.split('::');
  const [before, after] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const zeros = Array.from({ length: missing }, () => '0');
  const groups = [...(before ?? []), ...zeros, ...(after ?? [])];
  const masked = groups.map((group, at) => Number.parseInt(group, 16) & mask(bits - at * 16, 16));
  const text = masked.map((group) => group.toString(16)).join(':');
  return canonicalIpv6(text) ?? text;
}

/** As many leading ones of so many bits. */
function mask(ones: number, width: number): number {
  const kept = Math.min(Math.max(ones, 0), width);
  return (2 ** kept - 1) * 2 ** (width - kept);
}
