import { Writer } from 'protobufjs/minimal.js';
import { readMessage, tag, textOf } from '../../xds/index.ts';
import { answered, conversation, reading, type Service } from '../transport/service.ts';
import { STATUS } from '../transport/status.ts';
import { type Descriptors, indexDescriptors } from './descriptors.ts';

export interface ReflectionOptions {
  /** Full names of what is served. */
  readonly services: readonly string[];
  /** A FileDescriptorSet; asked for once, when a client first asks for a file. */
  readonly readDescriptors: () => Uint8Array;
}

const VERSIONS = ['v1', 'v1alpha'] as const;

/** `grpc.reflection`: what `grpcurl` finds out about the port (SRV-02). */
export function createReflection(options: ReflectionOptions): Service {
  const own = VERSIONS.map((version) => `grpc.reflection.${version}.ServerReflection`);
  const services = [...options.services, ...own].sort();
  let index: Descriptors | null = null;
  const descriptors = (): Descriptors => (index ??= indexDescriptors(options.readDescriptors()));
  return {
    methods: own.map((service) =>
      conversation(
        `/${service}/ServerReflectionInfo`,
        reading(decodeRequest, (request) =>
          answered(encodeResponse(request, answerOf(request.asked, { services, descriptors }))),
        ),
      ),
    ),
    // Its streams have nothing that the end of their connection does not end.
    close: () => undefined,
  };
}

interface ReflectionRequest {
  readonly bytes: Uint8Array;
  readonly host: Uint8Array;
  readonly asked: Asked;
}

type Asked =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'services' }
  | { readonly kind: 'other' };

/** `ServerReflectionRequest`. */
function decodeRequest(bytes: Uint8Array): ReflectionRequest {
  let host: Uint8Array = new Uint8Array();
  let asked: Asked = { kind: 'other' };
  readMessage(bytes, {
    1: (value) => (host = Uint8Array.from(value)),
    3: (name) => (asked = { kind: 'file', name: textOf(name) }),
    4: (name) => (asked = { kind: 'symbol', name: textOf(name) }),
    7: () => (asked = { kind: 'services' }),
  });
  return { bytes, host, asked };
}

type Found =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'services'; readonly names: readonly string[] }
  | { readonly kind: 'error'; readonly code: number; readonly why: string };

function answerOf(
  asked: Asked,
  { services, descriptors }: { services: readonly string[]; descriptors: () => Descriptors },
): Found {
  switch (asked.kind) {
    case 'services':
      return { kind: 'services', names: services };
    case 'file':
    case 'symbol': {
      const known = descriptors();
      const bytes = asked.kind === 'file' ? known.file(asked.name) : known.fileOf(asked.name);
      if (bytes !== null) return { kind: 'file', bytes };
      return { kind: 'error', code: STATUS.NOT_FOUND, why: 'no file here has it' };
    }
    case 'other':
      return { kind: 'error', code: STATUS.UNIMPLEMENTED, why: 'extensions are not looked up' };
  }
}

/** `ServerReflectionResponse`. */
function encodeResponse({ host, bytes }: ReflectionRequest, found: Found): Uint8Array {
  const writer = Writer.create().uint32(tag(1)).bytes(host).uint32(tag(2)).bytes(bytes);
  switch (found.kind) {
    case 'file':
      writer.uint32(tag(4)).fork().uint32(tag(1)).bytes(found.bytes).ldelim();
      break;
    case 'services':
      writer.uint32(tag(6)).fork();
      for (const name of found.names) {
        writer.uint32(tag(1)).fork().uint32(tag(1)).string(name).ldelim();
      }
      writer.ldelim();
      break;
    case 'error':
      writer.uint32(tag(7)).fork().uint32(8).int32(found.code);
      writer.uint32(tag(2)).string(found.why).ldelim();
  }
  return writer.finish();
}
