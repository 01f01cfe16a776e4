import { z } from 'zod';
import { KINDS } from '../../src/model/kinds/table.ts';
import { compiledBlock, documentsOf } from './compiled.ts';

const HEAD = `# Kinds and their fields

Generated from the schemas in \`src/model/kinds\` by \`npm run docs\`; a test keeps it fresh.

A document is \`kind\`, \`name\` and the fields of that kind. \`[]\` is each item of a list, \`*\` each
key of a map. Fields in bold must be there; where a field has several forms, each has its lines.
An unknown field is an error with the nearest name.
`;

/** A document of each kind, out of a case whose output a real Envoy accepts. */
const EXAMPLES: Readonly<Record<keyof typeof KINDS, string>> = {
  Certificate: 'certificates',
  Cluster: 'cluster-addresses',
  Endpoints: 'endpoints-document',
  GrpcServer: 'grpc-server',
  Listener: 'listener-of-groups',
  NodeGroup: 'listener-of-groups',
  Patch: 'patches',
  Policy: 'policy-headers',
  Route: 'route-timeout-rewrite',
  Secret: 'secrets',
  TcpRoute: 'tcp-routes',
  Trust: 'cluster-tls',
};

/** The resource in which the example is seen, its type and name; a NodeGroup only chooses. */
const COMPILED: Readonly<Record<keyof typeof KINDS, readonly [string, string] | null>> = {
  Certificate: ['Secret', 'cert/shop'],
  Cluster: ['Cluster', 'shop/cart'],
  Endpoints: ['ClusterLoadAssignment', 'app'],
  GrpcServer: ['Listener', 'grpc/server?xds.resource.listening_address=10.0.0.1:50051'],
  Listener: ['Listener', 'inner'],
  NodeGroup: null,
  Patch: ['Cluster', 'a'],
  Policy: ['RouteConfiguration', 'web'],
  Route: ['RouteConfiguration', 'web'],
  Secret: ['Secret', 'secret/alpha-key'],
  TcpRoute: ['Listener', 'public'],
  Trust: ['Secret', 'trust/internal'],
};

function compiledOf(kind: string, files: readonly string[]): string {
  const [, seen] = Object.entries(COMPILED).find(([name]) => name === kind) ?? [];
  if (seen === undefined || seen === null) return '';
  const [type, name] = seen;
  return compiledBlock(files, { folder: folderOf(kind), type, name });
}

const folderOf = (kind: string): string =>
  Object.entries(EXAMPLES).find(([name]) => name === kind)?.[1] ?? '';

/** The text of docs/reference/kinds.md; `files` are those of the golden cases. */
export function kindsPage(files: readonly string[]): string {
  const sections = Object.entries(KINDS).map(([kind, { schema }]) => {
    const example = exampleOf(kind, files);
    return `\n## ${kind}\n\n${tableOf(schema)}\n\`\`\`yaml\n${example}\n\`\`\`\n${compiledOf(kind, files)}`;
  });
  return HEAD + sections.join('');
}

/** A row for each field of a schema, at any depth. */
export function tableOf(schema: z.ZodType): string {
  const node = nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const rows = rowsOf(node, '').map(
    ({ path, isRequired, type, meaning }) =>
      `| ${isRequired ? `**\`${path}\`**` : `\`${path}\``} | ${type} | ${meaning} |\n`,
  );
  return `| field | value | meaning |\n|---|---|---|\n${[...new Set(rows)].join('')}`;
}

function exampleOf(kind: string, files: readonly string[]): string {
  const folder = folderOf(kind);
  const own = documentsOf(files, folder).find((text) =>
    new RegExp(`^kind: ${kind}$`, 'm').test(text),
  );
  if (own === undefined) throw new Error(`no document of kind ${kind} in test/golden/${folder}`);
  return own.trim();
}

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly additionalProperties?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly not?: object;
  /** Fields that are read only to be refused. */
  readonly refused?: readonly string[];
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});

interface Row {
  readonly path: string;
  readonly isRequired: boolean;
  readonly type: string;
  readonly meaning: string;
}

/** Rows of what stands below a node. */
function rowsOf(node: Node, base: string): readonly Row[] {
  const rows: Row[] = [];
  const own = new Set(node.required ?? []);
  const refused = new Set(node.refused ?? []);
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if (refused.has(name) || (child.not !== undefined && Object.keys(child.not).length === 0))
      continue;
    const path = base === '' ? name : `${base}.${name}`;
    const meaning = meaningOf(child).replaceAll('|', '\\|');
    rows.push({ path, isRequired: own.has(name), type: typeOf(child), meaning });
    rows.push(...rowsOf(child, path));
  }
  for (const form of node.anyOf ?? []) rows.push(...rowsOf(form, base));
  if (node.items !== undefined) rows.push(...rowsOf(node.items, `${base}[]`));
  const more = node.additionalProperties;
  if (isNode(more)) rows.push(...rowsOf(more, `${base}.*`));
  return rows;
}

const meaningOf = ({ description, items, anyOf }: Node): string =>
  description ?? items?.description ?? anyOf?.find((form) => form.description)?.description ?? '';

function typeOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.type === 'array')
    return `list of ${node.items === undefined ? 'any' : typeOf(node.items)}`;
  if (node.type === 'object') return 'map';
  if (node.type === 'integer') return `integer${limits(node)}`;
  return node.type ?? 'text';
}

function limits({ minimum, maximum }: Node): string {
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return `, ${minimum} to ${maximum}`;
  if (isBound(minimum)) return `, from ${minimum}`;
  return isBound(maximum) ? `, to ${maximum}` : '';
}
