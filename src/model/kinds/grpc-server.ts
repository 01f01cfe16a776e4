import { z } from 'zod';
import { IP_FORM } from '../fields/form.ts';
import { ipProblem } from '../fields/ip.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { portField } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { reportRepeated } from '../fields/duplicates.ts';
import type { AuthorizePolicy } from '../policies/authorize.ts';
import { policyUsesOf } from '../policies/policy-set.ts';
import { POLICIES, POLICY_NAMES } from '../policies/table.ts';
import { documentSchema, newKind, type KindContext } from './kind.ts';
import { LATER_POLICY_KEYS } from './later.ts';

/** `kind: GrpcServer`: an application that serves gRPC itself, and asks by xDS whom. */
export interface GrpcServerValue {
  /** As the application says it to gRPC: an IP address in canonical form. */
  readonly address: string;
  readonly port: number;
  /** `server_listener_resource_name_template` of its bootstrap; `%s` is address and port. */
  readonly template: string;
  /** Null: plaintext. */
  readonly tls: GrpcServerTls | null;
  /** Null: everybody may call. */
  readonly authorize: AuthorizePolicy | null;
  /** NodeGroup names; null: every node. */
  readonly nodes: readonly string[] | null;
}

/** Instances of certificate providers, as the bootstrap of the application names them. */
export interface GrpcServerTls {
  readonly provider: string;
  /** Null: callers are not asked for certificates. */
  readonly clients: { readonly provider: string; readonly isRequired: boolean } | null;
}

const DEFAULT_TEMPLATE = 'grpc/server?xds.resource.listening_address=%s';

const provider = z.string().min(1).max(200);

const listenAddress = z
  .string()
  .meta({
    description: 'The IP address that the application gives to gRPC, 0.0.0.0 and :: included.',
    pattern: IP_FORM,
  })
  .superRefine((text, context) => {
    const problem = ipProblem(text);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_IP', problem, text));
  });

const template = z
  .string()
  .max(200)
  .meta({
    description:
      'server_listener_resource_name_template of its bootstrap; ' +
      `%s is the address. Default ${DEFAULT_TEMPLATE}.`,
    pattern: '%s',
  })
  .superRefine((text, context) => {
    if (text.split('%s').length === 2) return;
    const message = 'the template has no single %s, which stands for the address; write it once';
    context.issues.push(ownIssue('SCHEMA_FORMAT', message, text));
  });

const tls = object({
  provider: provider.meta({
    description: 'The certificate provider in its bootstrap that has its certificate.',
  }),
  clients: object({
    provider: provider.meta({
      description: 'The certificate provider that has the CAs of callers.',
    }),
    mode: oneOf(['require', 'request'])
      .optional()
      .meta({ description: 'Whether a caller without a certificate is let in. Default require.' }),
  })
    .optional()
    .meta({ description: 'Callers are asked for certificates.' }),
}).meta({ description: 'Default: plaintext.' });

/** A policy that gRPC does not know would be passed over in silence. */
function otherPolicies(): Readonly<Record<string, z.ZodOptional<z.ZodType>>> {
  const field = (name: string): z.ZodType =>
    z
      .unknown()
      .meta({ description: 'Not here: gRPC knows authorize alone.', not: {} })
      .superRefine((input, context) => {
        const message =
          `gRPC servers know authorize alone and would pass over ${name}; remove it, or have an ` +
          'Envoy in front';
        context.issues.push(ownIssue('POLICY_PLACE', message, input, { isKey: true }));
      });
  const names = [...POLICY_NAMES.filter((name) => name !== 'authorize'), 'policies'];
  return Object.fromEntries(names.map((name) => [name, field(name).optional()]));
}

const schema = documentSchema(
  {
    address: listenAddress,
    port: portField,
    template: template.optional(),
    tls: tls.optional(),
    nodes: z
      .array(documentName)
      .min(1)
      .optional()
      .meta({ description: 'NodeGroups that get it. Default: every node that asks for it.' }),
    authorize: POLICIES.authorize.field.optional(),
    ...otherPolicies(),
  },
  LATER_POLICY_KEYS,
);

export const grpcServer = newKind(schema, (input, context): GrpcServerValue => {
  const { address, port, nodes = null } = input;
  if (nodes !== null) reportRepeated(nodes, '/nodes', context.report);
  const own = policyUsesOf({ authorize: input.authorize }, '', context);
  const [authorize = null] = own.flatMap((use) => (use.key === 'authorize' ? [use.value] : []));
  if (authorize !== null) reportConditions(authorize, input.tls?.clients !== undefined, context);
  return {
    address,
    port,
    template: input.template ?? DEFAULT_TEMPLATE,
    tls: tlsOf(input.tls),
    authorize,
    nodes,
  };
});

function tlsOf(input: z.output<typeof tls> | undefined): GrpcServerTls | null {
  if (input === undefined) return null;
  const { provider: own, clients } = input;
  return {
    provider: own,
    clients:
      clients === undefined
        ? null
        : { provider: clients.provider, isRequired: clients.mode !== 'request' },
  };
}

/** Who is asked for by a token would never be found. */
function reportConditions(
  { allow, deny }: AuthorizePolicy,
  isAsked: boolean,
  { report }: KindContext,
): void {
  for (const [list, matches] of Object.entries({ allow, deny })) {
    for (const [index, { claims, certificates }] of matches.entries()) {
      const pointer = `/authorize/${list}/${index}`;
      if (claims.length > 0) {
        const message =
          'gRPC servers verify no tokens, and nobody would have a claim; ask for certificate, ' +
          'address or headers, or have an Envoy in front';
        report.error('POLICY_PLACE', { pointer: `${pointer}/jwt`, isKey: true }, message);
      }
      if (certificates.length > 0 && !isAsked) {
        const message = 'nobody is asked for a certificate; add tls with clients';
        report.error('POLICY_NEEDS', { pointer: `${pointer}/certificate`, isKey: true }, message);
      }
    }
  }
}
