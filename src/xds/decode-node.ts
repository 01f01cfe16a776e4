import type { NodeInfo } from '../snapshot/index.ts';
import { nameOf, readFields, readMessage, textOf } from './fields.ts';

/** Metadata fields beyond these are ignored: they are a client's claim, and kept per client. */
const METADATA_FIELDS_MAX = 200;
const FEATURES_MAX = 100;

/** `envoy.config.core.v3.Node`, as far as groups and reports need it. */
export function decodeNode(bytes: Uint8Array): NodeInfo {
  let id = '';
  let cluster = '';
  let region = '';
  let zone = '';
  let userAgent = '';
  let envoyVersion = '';
  const metadata = new Map<string, string>();
  const features = new Set<string>();
  readMessage(bytes, {
    1: (value) => (id = textOf(value)),
    2: (value) => (cluster = textOf(value)),
    3: (value) => readMetadata(value, metadata),
    4: (value) =>
      readMessage(value, {
        1: (text) => (region = textOf(text)),
        2: (text) => (zone = textOf(text)),
      }),
    6: (value) => (userAgent = textOf(value)),
    8: (value) => readMessage(value, { 1: (version) => (envoyVersion = semanticVersion(version)) }),
    10: (value) => {
      if (features.size < FEATURES_MAX) features.add(nameOf(value));
    },
  });
  return { id, cluster, region, zone, metadata, userAgent, envoyVersion, features };
}

/** A `google.protobuf.Struct`: its top-level scalars, as text. */
function readMetadata(bytes: Uint8Array, into: Map<string, string>): void {
  const readEntry = (entry: Uint8Array): void => {
    let key = '';
    let encoded = new Uint8Array(0);
    readMessage(entry, {
      1: (text) => (key = textOf(text)),
      2: (value) => (encoded = Uint8Array.from(value)),
    });
    const value = scalarOf(encoded);
    if (value !== null && into.size < METADATA_FIELDS_MAX) into.set(key, value);
  };
  readMessage(bytes, { 1: readEntry });
}

function scalarOf(bytes: Uint8Array): string | null {
  let found: string | null = null;
  readFields(bytes, (field, wireType, reader) => {
    if (field === 2 && wireType === 1) found = String(reader.double());
    else if (field === 3 && wireType === 2) found = textOf(reader.bytes());
    else if (field === 4 && wireType === 0) found = String(reader.bool());
    else return false;
    return true;
  });
  return found;
}

function semanticVersion(bytes: Uint8Array): string {
  const numbers = [0, 0, 0];
  readFields(bytes, (field, wireType, reader) => {
    if (field > 3 || wireType !== 0) return false;
    numbers[field - 1] = reader.uint32();
    return true;
  });
  return numbers.join('.');
}
