import type { GrpcMethod, StatusCode, StreamListener, TransportStream } from './transport.ts';

/** Something that is served beside the streams of xDS. */
export interface Service {
  readonly methods: readonly GrpcMethod[];
  /** Ends the streams that are open. */
  close(): void;
}

export type Answer =
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly code: StatusCode; readonly why: string };

export const answered = (message: Uint8Array): Answer => ({ ok: true, message });
export const refused = (code: StatusCode, why: string): Answer => ({ ok: false, code, why });

/** Reads a message of a client; what cannot be read is refused. */
export function reading<T>(
  decode: (bytes: Uint8Array) => T,
  answer: (request: T) => Answer | Promise<Answer>,
): (bytes: Uint8Array) => Answer | Promise<Answer> {
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

/** Requests of one stream that may wait for their answers. */
const WAITING_MAX = 16;

/** One request, one answer. */
export const unary = (
  path: string,
  answer: (request: Uint8Array) => Answer | Promise<Answer>,
): GrpcMethod => ({
  path,
  outlivesRequests: true,
  open: (stream) => listener(stream, answer, { isUnary: true }),
});

/** Any number of requests on a stream, each answered in its turn. */
export const conversation = (
  path: string,
  answer: (request: Uint8Array) => Answer | Promise<Answer>,
): GrpcMethod => ({
  path,
  outlivesRequests: true,
  open: (stream) => listener(stream, answer, { isUnary: false }),
});

function listener(
  stream: TransportStream,
  answer: (request: Uint8Array) => Answer | Promise<Answer>,
  { isUnary }: { readonly isUnary: boolean },
): StreamListener {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let isBlocked = false;
  let isClosed = false;
  const give = async (request: Uint8Array): Promise<void> => {
    if (isClosed) return;
    const given = await Promise.resolve(answer(request)).catch(() =>
      refused('UNAVAILABLE', 'internal error'),
    );
    waiting -= 1;
    if (given.ok) isBlocked = !stream.send(given.message);
    if (!given.ok) stream.end(given.code, given.why);
    else if (isUnary) stream.end('OK', '');
  };
  return {
    onMessage: (request) => {
      waiting += 1;
      if (isBlocked || waiting > WAITING_MAX) {
        stream.end('RESOURCE_EXHAUSTED', 'too many requests; read the answers first');
        return;
      }
      last = last.then(() => give(request));
    },
    onWritable: () => {
      isBlocked = false;
    },
    onRequestsEnded: () => {
      void last.then(() => stream.end('OK', ''));
    },
    onClosed: () => {
      isClosed = true;
    },
  };
}
