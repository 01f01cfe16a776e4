import type { NodeInfo } from '../../snapshot/index.ts';
import { readFields, readMessage, textOf } from '../../xds/index.ts';

type Test = (text: string) => boolean;

/** Whether a node is meant. */
export type NodeMatch = (node: NodeInfo) => boolean;

/** A matcher that is well formed, and that is not served. */
export class UnservedMatcherError extends Error {
  override readonly name = 'UnservedMatcherError';
}

/** `envoy.type.matcher.v3.NodeMatcher`: the id and each of the metadata must match. */
export function decodeNodeMatcher(bytes: Uint8Array): NodeMatch {
  const all: NodeMatch[] = [];
  readMessage(bytes, {
    1: (value) => {
      const test = decodeString(value);
      all.push(({ id }) => test(id));
    },
    2: (value) => all.push(decodeStruct(value)),
  });
  return (node) => all.every((matches) => matches(node));
}

/** `StructMatcher`: of metadata, helve keeps the fields on top that are scalars, as text. */
function decodeStruct(bytes: Uint8Array): NodeMatch {
  const path: string[] = [];
  let test: Test = () => false;
  readMessage(bytes, {
    2: (segment) => readMessage(segment, { 1: (key) => path.push(textOf(key)) }),
    3: (value) => (test = decodeValue(value)),
  });
  const [key = '', ...deeper] = path;
  if (deeper.length > 0)
    throw new UnservedMatcherError('metadata is matched by its top fields only');
  return ({ metadata }) => {
    const value = metadata.get(key);
    return value !== undefined && test(value);
  };
}

/** `ValueMatcher`. */
function decodeValue(bytes: Uint8Array): Test {
  let test: Test = () => false;
  readFields(bytes, (field, wireType, reader) => {
    if (field === 3 && wireType === 2) test = decodeString(reader.bytes());
    else if (field === 4 && wireType === 0) test = equals(String(reader.bool()));
    else if (field === 5 && wireType === 0) test = reader.bool() ? () => true : () => false;
    else throw new UnservedMatcherError('values are matched by string, bool or presence only');
    return true;
  });
  return test;
}

const TEXTS: Readonly<Record<number, (own: string) => Test>> = {
  1: equals,
  2: (own) => (text) => text.startsWith(own),
  3: (own) => (text) => text.endsWith(own),
  7: (own) => (text) => text.includes(own),
};

/** `StringMatcher`. Expressions are not served: a client could make them run for long. */
function decodeString(bytes: Uint8Array): Test {
  let own = '';
  let isFolded = false;
  let make: (own: string) => Test = equals;
  readFields(bytes, (field, wireType, reader) => {
    const found = TEXTS[field];
    if (found !== undefined && wireType === 2) {
      make = found;
      own = textOf(reader.bytes());
    } else if (field === 6 && wireType === 0) isFolded = reader.bool();
    else {
      throw new UnservedMatcherError('strings match by exact, prefix, suffix or contains only');
    }
    return true;
  });
  const fold = (text: string): string => (isFolded ? text.toLowerCase() : text);
  const test = make(fold(own));
  return (text) => test(fold(text));
}

function equals(own: string): Test {
  return (text) => text === own;
}
