import { compareText, hashFields, LIMITS } from '../base/index.ts';
import {
  createExtensionLists,
  type ExtensionLists,
  type Extensions,
  featureName,
  type NodeInfo,
  type NodeParameters,
} from '../snapshot/index.ts';
import { nameOf, readFields, readMessage, textOf } from './fields.ts';

/** Lists of all nodes, weakly. */
const LISTS = createExtensionLists();

/** `envoy.config.core.v3.Node`, as far as groups and reports need it. */
export function decodeNode(bytes: Uint8Array, lists: ExtensionLists = LISTS): NodeInfo {
  const node = newDraft();
  readMessage(bytes, {
    1: (value) => (node.id = textOf(value)),
    2: (value) => (node.cluster = textOf(value)),
    3: (value) => readScalars(value, node.metadata),
    4: (value) =>
      readMessage(value, {
        1: (text) => (node.region = textOf(text)),
        2: (text) => (node.zone = textOf(text)),
        3: (text) => (node.subZone = textOf(text)),
      }),
    5: (value) => readParameters(value, node.parameters),
    6: (value) => (node.userAgent = textOf(value)),
    7: (value) => (node.agentVersion = nameOf(value)),
    8: (value) =>
      readMessage(value, {
        1: (version) => (node.envoyVersion = semanticVersion(version)),
        2: (metadata) => readScalars(metadata, node.build),
      }),
    9: (value) => node.extensions.push(value),
    10: (value) => {
      if (node.features.size < LIMITS.featuresMax) node.features.add(featureName(nameOf(value)));
    },
  });
  const { extensions, agentVersion, ...rest } = node;
  return {
    ...rest,
    agentVersion: agentVersion === '' ? node.envoyVersion : agentVersion,
    extensions: extensionsOf(extensions, lists),
  };
}

/** The one part of a node that may differ in a later request. */
export function decodeParameters(bytes: Uint8Array): NodeParameters {
  const parameters: Draft['parameters'] = new Map();
  readMessage(bytes, { 5: (value) => readParameters(value, parameters) });
  return parameters;
}

type Draft = ReturnType<typeof newDraft>;

const newDraft = () => ({
  id: '',
  cluster: '',
  region: '',
  zone: '',
  subZone: '',
  metadata: new Map<string, string>(),
  userAgent: '',
  agentVersion: '',
  envoyVersion: '',
  build: new Map<string, string>(),
  features: new Set<string>(),
  extensions: new Array<Uint8Array>(),
  parameters: new Map<string, Map<string, string>>(),
});

/**
 * The list is long, and the same for each build: it is decoded once for all nodes that send it.
 * Envoys give it in no order. One that is too long counts as none: it cannot tell what is lacking.
 */
function extensionsOf(entries: readonly Uint8Array[], lists: ExtensionLists): Extensions | null {
  if (entries.length === 0 || entries.length > LIMITS.extensionsMax) return null;
  const size = entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (size > LIMITS.extensionBytesMax) return null;
  const texts = entries.map((entry) => Buffer.from(entry).toString('latin1')).sort(compareText);
  return lists.get(hashFields(texts), () => decodeExtensions(entries));
}

/** `envoy.config.core.v3.Extension`, each; what is switched off is as good as absent. */
function decodeExtensions(entries: readonly Uint8Array[]): Extensions {
  const names = new Set<string>();
  const types = new Set<string>();
  for (const entry of entries) {
    const own = { name: '', isDisabled: false, types: new Array<string>() };
    readFields(entry, (field, wireType, reader) => {
      if (field === 1 && wireType === 2) own.name = textOf(reader.bytes());
      else if (field === 5 && wireType === 0) own.isDisabled = reader.bool();
      else if (field === 6 && wireType === 2) own.types.push(messageOf(textOf(reader.bytes())));
      else return false;
      return true;
    });
    if (own.isDisabled) continue;
    names.add(own.name);
    for (const type of own.types) types.add(type);
  }
  return { names, types };
}

/** The full name in a type URL, or in what stands for one. */
const messageOf = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf('/') + 1);

/** An entry of a map from type URLs to `xds.core.v3.ContextParams`. */
function readParameters(entry: Uint8Array, into: Draft['parameters']): void {
  let type = '';
  const values = new Map<string, string>();
  readMessage(entry, {
    1: (text) => (type = nameOf(text)),
    2: (params) =>
      readMessage(params, {
        1: (pair) => {
          const [key, value] = readPair(pair);
          if (values.size < LIMITS.parametersMax) values.set(key, value);
        },
      }),
  });
  if (into.size < LIMITS.parametersMax) into.set(type, values);
}

function readPair(pair: Uint8Array): readonly [key: string, value: string] {
  let key = '';
  let value = '';
  readMessage(pair, { 1: (text) => (key = nameOf(text)), 2: (text) => (value = nameOf(text)) });
  return [key, value];
}

/** A `google.protobuf.Struct`: its top-level scalars, as text. */
function readScalars(bytes: Uint8Array, into: Map<string, string>): void {
  const readEntry = (entry: Uint8Array): void => {
    let key = '';
    let encoded = new Uint8Array(0);
    readMessage(entry, {
      1: (text) => (key = textOf(text)),
      2: (value) => (encoded = Uint8Array.from(value)),
    });
    const value = scalarOf(encoded);
    if (value !== null && into.size < LIMITS.metadataFieldsMax) into.set(key, value);
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
