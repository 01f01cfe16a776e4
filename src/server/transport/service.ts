import type { StatusName } from './status.ts';
import type { GrpcMethod, StreamListener, TransportStream } from './transport.ts';

/** Something that is served beside the streams of xDS. */
export interface Service {
  readonly methods: readonly GrpcMethod[];
  /** Ends the streams that are open. */
  close(): void;
}

export type Answer =
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly code: StatusName; readonly why: string };

export const answered = (message: Uint8Array): Answer => ({ ok: true, message });
export const refused = (code: StatusName, why: string): Answer => ({ ok: false, code, why });

type Answering = (request: Uint8Array) => Answer;

/** Reads a message of a client; what cannot be read is refused. */
export function reading<T>(
  decode: (bytes: Uint8Array) => T,
  answer: (request: T) => Answer,
): Answering {
  return (bytes) => {
    const read = readable(decode, bytes);
    return read === null ? refused('INVALID_ARGUMENT', MALFORMED) : answer(read.value);
  };
}

export const MALFORMED = 'the request is malformed';

/** Null for bytes that are no such message. */
export function readable<T>(
  decode: (bytes: Uint8Array) => T,
  bytes: Uint8Array,
): { readonly value: T } | null {
  try {
    return { value: decode(bytes) };
  } catch {
    return null;
  }
}

/** One request, one answer. */
export const unary = (path: string, answer: Answering): GrpcMethod =>
  method(path, answer, { isUnary: true });

/** Any number of requests on a stream, each answered in its turn. */
export const conversation = (path: string, answer: Answering): GrpcMethod =>
  method(path, answer, { isUnary: false });

const method = (
  path: string,
  answer: Answering,
  options: { readonly isUnary: boolean },
): GrpcMethod => ({
  path,
  outlivesRequests: true,
  open: (stream) => listener(stream, answer, options),
});

function listener(
  stream: TransportStream,
  answer: Answering,
  { isUnary }: { readonly isUnary: boolean },
): StreamListener {
  let isBlocked = false;
  return {
    onMessage: (request) => {
      if (isBlocked) {
        stream.end('RESOURCE_EXHAUSTED', 'too many requests; read the answers first');
        return;
      }
      const given = answerTo(request, answer);
      if (!given.ok) {
        stream.end(given.code, given.why);
        return;
      }
      isBlocked = !stream.send(given.message);
      if (isUnary) stream.end('OK', '');
    },
    onWritable: () => {
      isBlocked = false;
    },
    onRequestsEnded: () => stream.end('OK', ''),
    onClosed: () => undefined,
  };
}

/** An exception is a bug, confined to its stream. */
function answerTo(request: Uint8Array, answer: Answering): Answer {
  try {
    return answer(request);
  } catch {
    return refused('UNAVAILABLE', 'internal error');
  }
}
