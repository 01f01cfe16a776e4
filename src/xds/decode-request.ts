import { LIMITS, nonce as asNonce, redactWords } from '../base/index.ts';
import { canonicalName, typeByUrl, type NodeInfo, type NodeParameters } from '../snapshot/index.ts';
import { decodeNode, decodeParameters } from './decode-node.ts';
import {
  addName,
  MalformedError,
  nameOf,
  readFields,
  readMessage,
  textOf,
  TooManyError,
} from './fields.ts';
import type { ErrorDetail, Request, Wire } from './request.ts';

export type Decoded =
  | { readonly ok: true; readonly request: Request }
  | {
      readonly ok: false;
      readonly why: string;
      readonly code: 'INVALID_ARGUMENT' | 'RESOURCE_EXHAUSTED';
    };

/**
 * Decodes one request of a stream; the node only with `withNode`. Never throws: `why` says what
 * is wrong with malformed bytes, or which limit they exceed.
 */
export function decodeRequest(
  wire: Wire,
  bytes: Uint8Array,
  { withNode }: { readonly withNode: boolean },
): Decoded {
  if (bytes.byteLength > LIMITS.requestBytesMax) {
    const why = `the request is larger than ${LIMITS.requestBytesMax} bytes`;
    return { ok: false, why, code: 'RESOURCE_EXHAUSTED' };
  }
  const draft = newDraft();
  try {
    readMessage(
      bytes,
      wire === 'sotw' ? sotwFields(draft, withNode) : deltaFields(draft, withNode),
    );
  } catch (error) {
    if (error instanceof TooManyError) {
      return { ok: false, why: error.message, code: 'RESOURCE_EXHAUSTED' };
    }
    const why = error instanceof MalformedError ? error.message : 'its bytes are not protobuf';
    return { ok: false, why: `the request is malformed: ${why}`, code: 'INVALID_ARGUMENT' };
  }
  return { ok: true, request: requestOf(wire, draft) };
}

interface Draft {
  typeUrl: string;
  node: NodeInfo | null;
  parameters: NodeParameters | null;
  nonce: string;
  error: ErrorDetail | null;
  versionInfo: string;
  readonly names: Set<string>;
  readonly unsubscribe: Set<string>;
  readonly initialVersions: Map<string, string>;
  readonly spellings: Map<string, string>;
}

type Fields = Readonly<Record<number, (value: Uint8Array) => void>>;

/** A nonce is ours, so it is short. */
const NONCE_BYTES_MAX = 100;

const newDraft = (): Draft => ({
  typeUrl: '',
  node: null,
  parameters: null,
  nonce: '',
  error: null,
  versionInfo: '',
  names: new Set(),
  unsubscribe: new Set(),
  initialVersions: new Map(),
  spellings: new Map(),
});

function requestOf(wire: Wire, draft: Draft): Request {
  return {
    wire,
    typeUrl: draft.typeUrl,
    type: typeByUrl(draft.typeUrl)?.id ?? null,
    node: draft.node,
    parameters: draft.parameters,
    nonce: draft.nonce === '' ? '' : asNonce(draft.nonce),
    error: draft.error,
    versionInfo: draft.versionInfo,
    names: [...draft.names],
    unsubscribe: [...draft.unsubscribe],
    initialVersions: draft.initialVersions,
    spellings: draft.spellings,
  };
}

/** `envoy.service.discovery.v3.DiscoveryRequest`. */
const sotwFields = (draft: Draft, withNode: boolean): Fields => ({
  1: (value) => (draft.versionInfo = nameOf(value)),
  2: (value) => takeNode(draft, value, withNode),
  3: (value) => addName(draft.names, askedName(draft, nameOf(value))),
  4: (value) => (draft.typeUrl = nameOf(value)),
  5: (value) => (draft.nonce = nonceOf(value)),
  6: (value) => (draft.error = errorOf(value)),
  7: (value) => addName(draft.names, askedName(draft, locatorName(value))),
});

/** `envoy.service.discovery.v3.DeltaDiscoveryRequest`. */
const deltaFields = (draft: Draft, withNode: boolean): Fields => ({
  1: (value) => takeNode(draft, value, withNode),
  2: (value) => (draft.typeUrl = nameOf(value)),
  3: (value) => addName(draft.names, askedName(draft, nameOf(value))),
  4: (value) => addName(draft.unsubscribe, canonicalName(nameOf(value))),
  5: (value) => addInitialVersion(draft.initialVersions, value),
  6: (value) => (draft.nonce = nonceOf(value)),
  7: (value) => (draft.error = errorOf(value)),
  8: (value) => addName(draft.names, askedName(draft, locatorName(value))),
  9: (value) => addName(draft.unsubscribe, canonicalName(locatorName(value))),
});

/** Of a later node only what may differ is read (TRN-04). */
function takeNode(draft: Draft, bytes: Uint8Array, withNode: boolean): void {
  if (withNode) draft.node = decodeNode(bytes);
  draft.parameters = draft.node?.parameters ?? decodeParameters(bytes);
}

/** A name that is asked for; of several spellings of one the last counts. */
function askedName({ spellings }: Draft, name: string): string {
  const canonical = canonicalName(name);
  if (canonical === name) spellings.delete(canonical);
  else spellings.set(canonical, name);
  return canonical;
}

function nonceOf(bytes: Uint8Array): string {
  if (bytes.byteLength > NONCE_BYTES_MAX) throw new MalformedError('its nonce is not one of ours');
  return textOf(bytes);
}

/** `google.rpc.Status`. Envoy echoes what it refuses: redacted before anybody sees the text. */
function errorOf(bytes: Uint8Array): ErrorDetail {
  let code = 0;
  let message = '';
  readFields(bytes, (field, wireType, reader) => {
    if (field === 1 && wireType === 0) code = reader.int32();
    else if (field === 2 && wireType === 2) message = redactWords(textOf(reader.bytes()));
    else return false;
    return true;
  });
  return { code, message };
}

/** A `ResourceLocator` is an ordinary name here; variants are not served (NAME-06). */
function locatorName(bytes: Uint8Array): string {
  let name = '';
  readMessage(bytes, { 1: (value) => (name = nameOf(value)) });
  return name;
}

function addInitialVersion(into: Map<string, string>, entry: Uint8Array): void {
  let name = '';
  let version = '';
  readMessage(entry, {
    1: (value) => (name = canonicalName(nameOf(value))),
    2: (value) => (version = nameOf(value)),
  });
  into.set(name, version);
  if (into.size > LIMITS.namesPerTypeMax) {
    throw new TooManyError(
      `TOO_MANY_NAMES: it lists more than ${LIMITS.namesPerTypeMax} resources`,
    );
  }
}
