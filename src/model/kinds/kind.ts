import { z } from 'zod';
import { reportIssues } from '../fields/issues.ts';
import { documentName } from '../fields/name.ts';
import { object } from '../fields/object.ts';
import type { Json } from '../json.ts';
import type { Report } from '../report.ts';

/** What every document of the language may carry besides its kind's fields. */
const HEAD = {
  kind: z.string().meta({ description: 'What the document is.' }),
  name: documentName,
  owner: documentName
    .optional()
    .meta({ description: 'Who is asked about it. Default: the first segment of the name.' }),
  description: z.string().optional().meta({ description: 'For people.' }),
  labels: z.record(z.string(), z.string()).optional().meta({ description: 'For people.' }),
};

/** What says who owns a document: its own field, the team in its name, or its bare name. */
export type OwnerSource = 'field' | 'team' | 'name';

interface HeadInput {
  readonly name: string;
  readonly owner?: string | undefined;
  readonly description?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

interface Head {
  readonly name: string;
  readonly owner: string;
  readonly ownerFrom: OwnerSource;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the meaning of a document needs besides its fields. */
export interface KindContext {
  readonly report: Report;
  /** Normalises a path that the document names, and lists the file as material. */
  nameFile(path: string, pointer: string): string;
  /** Lists an environment variable as material, and gives what stands for its path. */
  nameVariable(name: string, pointer: string): string;
}

/** One kind: its schema, and what a document that satisfies it means. */
export interface Kind<Value> {
  readonly schema: z.ZodType;
  /** Null where the document has errors; they were reported. */
  read(source: Json, context: KindContext): { readonly head: Head; readonly value: Value } | null;
}

/**
 * The schema of a kind's documents. `later` names fields of the language that this version does
 * not have yet.
 */
export function documentSchema<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  later: readonly string[] = [],
): z.ZodObject<typeof HEAD & Shape, z.core.$strict> {
  return object({ ...HEAD, ...shape }, later);
}

/** A kind from its schema and its meaning, which reports what no single field can tell. */
export function newKind<Schema extends z.ZodType<HeadInput>, Value>(
  schema: Schema,
  meaning: (input: z.output<Schema>, context: KindContext) => Value,
): Kind<Value> {
  return {
    schema,
    read(source, context) {
      const parsed: z.ZodSafeParseResult<z.output<Schema>> = schema.safeParse(source);
      if (!parsed.success) {
        reportIssues(parsed.error.issues, { source, schema, report: context.report });
        return null;
      }
      const value = meaning(parsed.data, context);
      return context.report.errors > 0 ? null : { head: headOf(parsed.data), value };
    },
  };
}

const NO_LABELS: Head['labels'] = Object.freeze({});

function headOf(input: HeadInput): Head {
  return {
    name: input.name,
    owner: input.owner ?? input.name.replace(/\/.*$/, ''),
    ownerFrom: input.owner !== undefined ? 'field' : input.name.includes('/') ? 'team' : 'name',
    description: input.description ?? '',
    labels: input.labels ?? NO_LABELS,
  };
}
