import { z } from 'zod';
import { looksLikeIpv4 } from '../fields/ip.ts';
import { hostOrIssue, parseHostPattern, type ParsedHost } from '../fields/host.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { POLICIES, POLICY_NAMES } from '../policies/table.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { documentSchema, newKind, type KindContext } from './kind.ts';
import { LATER_POLICY_KEYS } from './later.ts';
import { reportDuplicates } from '../fields/duplicates.ts';
import { placeTarget, streamTargetField, type RouteTarget } from './target.ts';
import {
  POLICY_FIELDS,
  reportStreamTarget,
  tcpField,
  tcpOptionsOf,
  type TcpOptions,
} from './tcp.ts';

/** `kind: TcpRoute`: TLS connections that are passed on as they are, by the name they ask for. */
export interface TcpRouteValue {
  /** At least one, each once. */
  readonly listeners: readonly string[];
  /** Lower case, `*.suffix` or a name; at least one, each once. */
  readonly sni: readonly string[];
  readonly to: RouteTarget;
  readonly tcp: TcpOptions;
  /** Policy keys that it says it goes without. */
  readonly without: readonly string[];
}

const SNI_MAX = 1000;
const NONE = 'none';

/** Keys that decide who may pass. */
const SECURITY: ReadonlySet<string> = new Set(
  POLICY_NAMES.filter((name) => POLICIES[name].isSecurity),
);

const serverName = z
  .string()
  .meta({
    description: 'A host name, or *.suffix for every name below it.',
    examples: ['db.example.com'],
  })
  .transform((text, context) => hostOrIssue(parseServerName(text), text, context));

const schema = documentSchema(
  {
    listeners: z
      .array(documentName)
      .min(1)
      .meta({ description: 'Listeners of protocol https, tls or tcp.' }),
    sni: z.array(serverName).min(1).max(SNI_MAX).meta({
      description: 'The server names in the first message of TLS. A name beats *.suffix.',
    }),
    to: streamTargetField,
    tcp: tcpField.optional(),
    ...policiesToGoWithout(),
  },
  [...LATER_POLICY_KEYS],
);

/** What it passes on is encrypted: of a policy it can only say that it knows it goes without. */
function policiesToGoWithout(): Readonly<Record<string, z.ZodOptional<z.ZodType>>> {
  const words = 'a TcpRoute cannot read what it passes on';
  const field = (name: string): z.ZodType => {
    const isWaivable = SECURITY.has(name);
    const help = isWaivable ? 'remove it, or write none to say that it goes without' : 'remove it';
    return z
      .unknown()
      .meta({
        ...(isWaivable
          ? { description: 'Only none: it passes on what it cannot read.', const: NONE }
          : { description: 'Not here: it passes on what it cannot read.', not: {} }),
      })
      .superRefine((input, context) => {
        if (isWaivable && input === NONE) return;
        const message = `${words}, so ${name} cannot stand here; ${help}`;
        context.issues.push(ownIssue('POLICY_PLACE', message, input, { isKey: true }));
      });
  };
  return Object.fromEntries(POLICY_FIELDS.map((name) => [name, field(name).optional()]));
}

export const tcpRoute = newKind(schema, (input, context): TcpRouteValue => {
  reportRepeated(input.listeners, '/listeners', context);
  reportRepeated(input.sni, '/sni', context);
  const to = placeTarget(input.to, '/to', context);
  reportStreamTarget(to, 'tcp', context.report);
  const { listeners, sni, tcp, ...rest } = input;
  const without = POLICY_FIELDS.filter((name) => Object.hasOwn(rest, name));
  return { listeners, sni, to, tcp: tcpOptionsOf(tcp), without };
});

function reportRepeated(names: readonly string[], pointer: string, context: KindContext): void {
  const entries = names.map((text, index) => ({
    text,
    at: { pointer: pointerTo(pointer, index) },
  }));
  const words = { code: 'SCHEMA_DUPLICATE', what: 'the name', help: 'remove one' } as const;
  reportDuplicates(context.report, entries, words);
}

/** Clients ask for names only, and Envoy knows no wildcard but a whole first label. */
function parseServerName(text: string): ParsedHost {
  const refused = (message: string): ParsedHost => ({ ok: false, code: 'SCHEMA_HOST', message });
  if (text === '*') {
    return refused('a TcpRoute takes names; what is left goes where the `to` of a listener leads');
  }
  const parsed = parseHostPattern(text);
  if (!parsed.ok) return parsed;
  if (looksLikeIpv4(parsed.host) || parsed.host.startsWith('[')) {
    return refused(`"${parsed.host}" is an address, and clients ask for names only; write a name`);
  }
  return parsed;
}
