import { z } from 'zod';
import { envoyVersion } from '../fields/envoy-version.ts';
import { ownIssue } from '../fields/issue.ts';
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

const match = object({
  id: pattern.optional().meta({ description: 'Of the node; * matches any text.' }),
  cluster: pattern.optional().meta({ description: 'Of the node; * matches any text.' }),
  region: pattern.optional().meta({ description: 'Of the node; * matches any text.' }),
  zone: pattern.optional().meta({ description: 'Of the node; * matches any text.' }),
  metadata: z
    .record(z.string(), pattern)
    .optional()
    .meta({ description: 'Keys of the node metadata; * matches any text.' }),
})
  .superRefine((value, context) => {
    if (Object.values(value).some((part) => part !== undefined)) return;
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
  match: definedOf(given),
  envoy,
}));

/** Without the keys that were not written. */
function definedOf({ id, cluster, region, zone, metadata }: z.output<typeof match>): GroupMatch {
  return {
    ...(id === undefined ? {} : { id }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
