import { z } from 'zod';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { object, oneOf } from '../fields/object.ts';
import type { Json, JsonObject } from '../json.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { documentSchema, newKind, type KindContext } from './kind.ts';

/** `kind: Patch`: fields that the language lacks, merged into what another document generates. */
export interface PatchValue {
  readonly target: PatchTarget;
  /** A part of the target's message, in ProtoJSON; not yet checked against Envoy's API. */
  readonly merge: JsonObject;
}

export interface PatchTarget {
  readonly kind: (typeof TARGETS)[number];
  readonly name: string;
  /** Of a Route; null: all of its rules. */
  readonly rule: string | null;
}

const TARGETS = ['Cluster', 'Endpoints', 'Listener', 'Route', 'TcpRoute'] as const;

const target = object({
  kind: oneOf(TARGETS).meta({ description: 'The kind of the document that is patched.' }),
  name: documentName.meta({ description: 'The name of that document.' }),
  rule: z
    .string()
    .min(1)
    .max(400)
    .optional()
    .meta({ description: 'One rule of a Route. Default: each of its rules.' }),
}).superRefine(({ kind, rule }, context) => {
  if (rule === undefined || kind === 'Route') return;
  const message = `rule is for kind: Route, and a ${kind} has none; remove it`;
  context.issues.push(ownIssue('SCHEMA_ONE_OF', message, rule, { path: ['rule'], isKey: true }));
});

const schema = documentSchema({
  target: target.meta({ description: 'What is patched.' }),
  merge: z
    .record(z.string(), z.unknown())
    .meta({ description: "Fields of Envoy's message, by their names in its documentation." }),
});

export const patch = newKind(schema, (input, context): PatchValue => {
  const { kind, name, rule = null } = input.target;
  const merge: JsonObject = objectOf(input.merge);
  if (Object.keys(merge).length === 0) {
    const message = 'the patch sets nothing; write fields in merge';
    context.report.error('SCHEMA_REQUIRED', { pointer: '/merge' }, message);
  }
  reportNulls(merge, '/merge', context);
  return { target: { kind, name, rule }, merge };
});

/** It came out of JSON, which zod does not remember. */
function objectOf(value: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (isJson(inner) ? [[key, inner] as const] : [])),
  );
}

const isJson = (value: unknown): value is Json =>
  value === null || ['boolean', 'number', 'string', 'object'].includes(typeof value);

function reportNulls(value: Json, pointer: string, context: KindContext): void {
  if (value === null) {
    const message = 'a patch sets fields and takes none away; write a value';
    context.report.error('SCHEMA_NULL', { pointer }, message);
    return;
  }
  if (typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    reportNulls(inner, pointerTo(pointer, key), context);
  }
}
