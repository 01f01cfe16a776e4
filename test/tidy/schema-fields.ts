import { isList, isMap, type Json } from '../../src/model/index.ts';

/** As much of a JSON Schema as is made of the kinds. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly type?: string;
  readonly not?: object;
  /** Fields that are read only to be refused. */
  readonly refused?: readonly string[];
}

export const nodeOf = (value: unknown): SchemaNode =>
  typeof value === 'object' && value !== null ? value : {};

/**
 * The fields of a schema at any depth and the words that they take, each with the path where it was
 * met first. What is spelled alike at several places is one: the key is the object that has it.
 */
export function fieldsOf(node: SchemaNode, at: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (outer: SchemaNode, path: string): void => {
    for (const form of formsOf(outer)) {
      for (const word of wordsOf(form)) note(keyOf(form, word), `${path}: ${word}`);
      for (const [name, child] of propertiesOf(form)) {
        note(keyOf(form, name), `${path}.${name}`);
        visit(child, `${path}.${name}`);
      }
      const { items, additionalProperties: more } = form;
      if (items !== undefined) visit(items, `${path}[]`);
      if (typeof more === 'object') visit(more, `${path}.*`);
    }
  };
  const note = (key: string, path: string): void => {
    if (!found.has(key)) found.set(key, path);
  };
  visit(node, at);
  return found;
}

/** The keys of those that a document has. */
export function keysIn(node: SchemaNode, value: Json | undefined): readonly string[] {
  const found: string[] = [];
  for (const form of formsOf(node)) {
    if (isList(value)) {
      for (const item of value) found.push(...keysIn(form.items ?? {}, item));
    } else if (isMap(value)) {
      const properties = new Map(propertiesOf(form));
      const more = nodeOf(form.additionalProperties);
      for (const [name, inner] of Object.entries(value)) {
        const child = properties.get(name);
        if (child !== undefined) found.push(keyOf(form, name));
        found.push(...keysIn(child ?? more, inner));
      }
    } else found.push(keyOf(form, String(value)));
  }
  return found;
}

/** A field takes one of several forms: what all of them have is its own. */
const formsOf = (node: SchemaNode): readonly SchemaNode[] => [
  node,
  ...(node.anyOf ?? []).flatMap(formsOf),
];

/** `const` is a word that has to be written: it has no other. */
function wordsOf({ enum: words, const: only, type }: SchemaNode): readonly string[] {
  if (only !== undefined) return [`${only}`];
  return words?.map(String) ?? (type === 'boolean' ? ['true', 'false'] : []);
}

const propertiesOf = ({
  properties = {},
  refused = [],
}: SchemaNode): readonly (readonly [string, SchemaNode])[] =>
  Object.entries(properties).filter(
    ([name, { not }]) =>
      !refused.includes(name) && (not === undefined || Object.keys(not).length > 0),
  );

const texts = new WeakMap<SchemaNode, string>();

function keyOf(form: SchemaNode, name: string): string {
  const text = texts.get(form) ?? JSON.stringify(form);
  texts.set(form, text);
  return `${name} ${text}`;
}
