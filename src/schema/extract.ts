import { compareText } from '../base/index.ts';
import { bytesOption } from './descriptor.ts';
import { fileHeader, protoEnd } from './descriptor-scan.ts';
import { openDescriptorSet } from './descriptor-set.ts';
import { type BinaryFile, findSection } from './elf.ts';
import { RULES_OPTION } from './options.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export type Extraction =
  | {
      readonly ok: true;
      /** A `google.protobuf.FileDescriptorSet`, dependencies before their users. */
      readonly set: Uint8Array;
      readonly files: number;
    }
  | { readonly ok: false; readonly reason: string };

/** The linker section that Envoy's protobuf keeps serialized descriptors in. */
const SECTION = 'protodesc_cold';
const V3_FILES_MIN = 400;
const RULES_MIN = 1_000;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** No descriptor of Envoy's API is as large as this. */
const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Reads Envoy's whole API out of an Envoy binary (decision D1). The ELF section is scanned where
 * there is one, else the whole file. A set that is too small to be Envoy's is refused.
 */
export function extractDescriptors(file: BinaryFile): Extraction {
  const found = new Map<string, Uint8Array>();
  const section = findSection(file, SECTION);
  if (section !== null && section.length <= 64 * WINDOW_BYTES) {
    scan(file.read(section.offset, section.length), found);
  }
  if (found.size === 0) scanWindows(file, found);
  const v3 = [...found.keys()].filter((name) => name.includes('/v3/')).length;
  if (v3 < V3_FILES_MIN) {
    return { ok: false, reason: `only ${String(v3)} files of Envoy's v3 API were found` };
  }
  const rules = countRules(found.values());
  if (rules < RULES_MIN) {
    return { ok: false, reason: `only ${String(rules)} validation rules were found` };
  }
  const ordered = inDependencyOrder(found);
  if (!ordered.ok) return { ok: false, reason: `the file ${ordered.missing} is missing` };
  return { ok: true, set: concatenate(ordered.files), files: found.size };
}

function scanWindows(file: BinaryFile, found: Map<string, Uint8Array>): void {
  for (let at = 0; at < file.size; at += WINDOW_BYTES) {
    // Windows overlap, so that a descriptor across the seam is whole in one of them.
    scan(file.read(at, WINDOW_BYTES + FILE_BYTES_MAX), found);
  }
}

/** Descriptors lie anywhere in the bytes, with padding between them. The longest copy wins. */
function scan(bytes: Uint8Array, found: Map<string, Uint8Array>): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = text.indexOf('.proto');
  while (at !== -1) {
    const header = fileHeader(text, at + '.proto'.length);
    if (header !== null) {
      const end = protoEnd(text, header.start);
      const known = found.get(header.name)?.length ?? 0;
      if (end - header.start > Math.max(known, header.length)) {
        found.set(header.name, new Uint8Array(text.subarray(header.start, end)));
      }
      if (end > at) at = end - '.proto'.length;
    }
    at = text.indexOf('.proto', at + 1);
  }
}

/** Fields with a `validate.rules` option, in messages of any depth. */
function countRules(files: Iterable<Uint8Array>): number {
  const set = openDescriptorSet(concatenate([...files]));
  let count = 0;
  for (const name of set.messageNames()) {
    for (const field of set.message(name)?.fields ?? []) {
      if (bytesOption(field.options, RULES_OPTION) !== null) count++;
    }
  }
  return count;
}

type Ordered =
  | { readonly ok: true; readonly files: readonly Uint8Array[] }
  | { readonly ok: false; readonly missing: string };

/** By name, but each file after those it imports, so that equal sets have equal bytes. */
function inDependencyOrder(found: ReadonlyMap<string, Uint8Array>): Ordered {
  const files: Uint8Array[] = [];
  const seen = new Set<string>();
  const missing: string[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const file = found.get(name);
    if (file === undefined) {
      missing.push(name);
      return;
    }
    for (const dependency of dependenciesOf(file)) visit(dependency);
    files.push(file);
  };
  for (const name of [...found.keys()].sort(compareText)) visit(name);
  const [first] = missing;
  return first === undefined ? { ok: true, files } : { ok: false, missing: first };
}

function dependenciesOf(file: Uint8Array): readonly string[] {
  const reader = new WireReader(file);
  const names: string[] = [];
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === 0x1a) names.push(reader.string());
    else reader.skip(tag & 7);
  }
  return names;
}

function concatenate(files: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter();
  for (const file of files) {
    writer.uint32(0x0a);
    writer.bytes(file);
  }
  return writer.finish();
}
