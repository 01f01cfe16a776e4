import {
  hasFlag,
  type EnumDescriptor,
  type MessageDescriptor,
  parseEnum,
  parseMessage,
  type Syntax,
} from './descriptor.ts';
import { FILE_STATUS_OPTION, STATUS_OPTION, WORK_IN_PROGRESS } from './options.ts';
import { WireReader } from './wire-reader.ts';

/** The messages and enums of a FileDescriptorSet; each is parsed when it is first asked for. */
export interface DescriptorSet {
  message(fullName: string): MessageDescriptor | null;
  enumeration(fullName: string): EnumDescriptor | null;
  messageNames(): IterableIterator<string>;
  /** Whether the file that has the message says that it is work in progress. */
  isInUnfinishedFile(fullName: string): boolean;
}

interface Raw {
  readonly bytes: Uint8Array;
  readonly syntax: Syntax;
  /** Of the whole file. */
  readonly isUnfinished: boolean;
}

/** Names everything in a serialized FileDescriptorSet (14 ms for Envoy's); parses nothing yet. */
export function openDescriptorSet(set: Uint8Array): DescriptorSet {
  const messages = new Map<string, Raw>();
  const enums = new Map<string, Raw>();
  for (const file of descriptorFiles(set)) indexFile(file, messages, enums);
  const parsedMessages = new Map<string, MessageDescriptor>();
  const parsedEnums = new Map<string, EnumDescriptor>();
  return {
    messageNames: () => messages.keys(),
    isInUnfinishedFile: (name) => messages.get(name)?.isUnfinished === true,
    message: (name) => lazily(name, { raw: messages, parsed: parsedMessages }, parseMessage),
    enumeration: (name) => lazily(name, { raw: enums, parsed: parsedEnums }, parseEnum),
  };
}

function lazily<T>(
  name: string,
  maps: { readonly raw: ReadonlyMap<string, Raw>; readonly parsed: Map<string, T> },
  parse: (name: string, bytes: Uint8Array, syntax: Syntax) => T,
): T | null {
  const known = maps.parsed.get(name);
  if (known !== undefined) return known;
  const raw = maps.raw.get(name);
  if (raw === undefined) return null;
  const parsed = parse(name, raw.bytes, raw.syntax);
  maps.parsed.set(name, parsed);
  return parsed;
}

/** The FileDescriptorProtos of a set, serialized. */
export function* descriptorFiles(set: Uint8Array): Generator<Uint8Array> {
  const reader = new WireReader(set);
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x0a) yield reader.bytes();
    else reader.skip(tag & 7);
  }
}

function indexFile(file: Uint8Array, messages: Map<string, Raw>, enums: Map<string, Raw>): void {
  const reader = new WireReader(file);
  const nested: { tag: number; bytes: Uint8Array }[] = [];
  let scope = '';
  let syntax: Syntax = 'proto2';
  let isUnfinished = false;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x12) scope = reader.string();
    else if (tag === 0x22 || tag === 0x2a) nested.push({ tag, bytes: reader.bytes() });
    else if (tag === 0x42) isUnfinished = isWorkInProgress(reader.bytes());
    else if (tag === 0x62) syntax = reader.string() === 'proto3' ? 'proto3' : 'proto2';
    else reader.skip(tag & 7);
  }
  for (const { tag, bytes } of nested) {
    if (tag === 0x22) indexMessage(scope, { bytes, syntax, isUnfinished }, messages, enums);
    else enums.set(join(scope, nameOf(bytes)), { bytes, syntax, isUnfinished });
  }
}

const isWorkInProgress = (options: Uint8Array): boolean =>
  [FILE_STATUS_OPTION, STATUS_OPTION].some((one) => hasFlag(options, one, WORK_IN_PROGRESS));

function indexMessage(
  scope: string,
  raw: Raw,
  messages: Map<string, Raw>,
  enums: Map<string, Raw>,
): void {
  const reader = new WireReader(raw.bytes);
  const name = join(scope, nameOf(raw.bytes));
  messages.set(name, raw);
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x1a) {
      indexMessage(name, { ...raw, bytes: reader.bytes() }, messages, enums);
    } else if (tag === 0x22) {
      const bytes = reader.bytes();
      enums.set(join(name, nameOf(bytes)), { ...raw, bytes });
    } else reader.skip(tag & 7);
  }
}

const join = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);

/** Field 1 of both DescriptorProto and EnumDescriptorProto. */
function nameOf(bytes: Uint8Array): string {
  const reader = new WireReader(bytes);
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x0a) return reader.string();
    reader.skip(tag & 7);
  }
  return '';
}
