import { z } from 'zod';
import { envoyVersion } from '../fields/envoy-version.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { object } from '../fields/object.ts';
import type { GroupMatch } from './group-match.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: NodeGroup`. */
export interface NodeGroupValue {
  readonly match: GroupMatch;
  /** `major.minor` of the oldest Envoy; null: `envoy:` of helve.yaml, else 1.36. */
  readonly envoy: string | null;
}

const pattern = z.string().min(1).max(500);
const ofNode = (what: string) =>
  pattern.exactOptional().meta({ description: `${what}; * matches any text.` });
const textsOf = (what: string) =>
  z
    .record(z.string(), pattern)
    .exactOptional()
    .meta({ description: `${what}; * matches any text.` });

/** Names of what a node has many of, which are looked up. */
const whole = z
  .string()
  .min(1)
  .max(500)
  .superRefine((text, context) => {
    if (!text.includes('*')) return;
    const message = `"${shorten(text)}" has a *, and the names here are whole ones; write each`;
    context.issues.push(ownIssue('SCHEMA_ENUM', message, text));
  });

const VERSION = /^\d{1,6}\.\d{1,6}(?:\.\d{1,6})?$/;

const version = z
  .string()
  .meta({ pattern: VERSION.source })
  .superRefine((text, context) => {
    if (VERSION.test(text)) return;
    const message = `"${shorten(text)}" is no version; write e.g. "1.40" or "1.40.2"`;
    context.issues.push(ownIssue('SCHEMA_TYPE', message, text));
  });

const versions = object({
  from: version.exactOptional().meta({ description: 'The first that matches, as "1.38".' }),
  below: version.exactOptional().meta({ description: 'The first that no longer does.' }),
})
  .superRefine(({ from, below }, context) => {
    if (from !== undefined || below !== undefined) return;
    const message = 'this would match every version; add from or below';
    context.issues.push(ownIssue('SCHEMA_REQUIRED', message, {}));
  })
  .meta({ minProperties: 1 });

const match = object({
  id: ofNode('Of the node'),
  cluster: ofNode('Of the node'),
  region: ofNode('Of the node'),
  zone: ofNode('Of the node'),
  subZone: ofNode('Of the node'),
  metadata: textsOf('Keys of the node metadata'),
  userAgent: ofNode('What the client is, as envoy or "gRPC*"'),
  version: versions
    .exactOptional()
    .meta({ description: 'Of the user agent: of an Envoy its release.' }),
  features: z
    .array(whole)
    .min(1)
    .exactOptional()
    .meta({ description: 'Client features: the node has all of them.' }),
  extensions: z.array(whole).min(1).exactOptional().meta({
    description: 'Extensions, by their names or the messages of their configs: it has all of them.',
  }),
  parameters: textsOf('Dynamic parameters, of any type of resource'),
})
  .superRefine((value, context) => {
    if (Object.keys(value).length > 0) return;
    const message = 'this would match no node by anything; add id, cluster, region or metadata';
    context.issues.push(ownIssue('SCHEMA_REQUIRED', message, value));
  })
  .meta({ minProperties: 1 });

const schema = documentSchema(
  {
    match: match.meta({ description: 'All given fields must match.' }),
    envoy: envoyVersion.optional().meta({ description: 'The oldest Envoy in it, as "1.40".' }),
  },
  ['identity', 'rollout'],
);

export const nodeGroup = newKind(schema, ({ match: given, envoy = null }): NodeGroupValue => ({
  match: given,
  envoy,
}));
