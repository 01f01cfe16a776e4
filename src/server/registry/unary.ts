import { type TypeId, typeRow } from '../../snapshot/index.ts';
import { CONTROL_PLANE, controlPlane, decodeRequest, frameOf } from '../../xds/index.ts';
import type { StreamListener, TransportStream } from '../transport/transport.ts';
import type { Asked, Fetch, Fetched } from './fetch.ts';

/** Serves one unary call: its first message is answered whole, and whatever follows is not read. */
export function serveFetch(fetch: Fetch, stream: TransportStream, scope: TypeId): StreamListener {
  let isAnswered = false;
  const asked: Asked = { via: 'grpc', scope, peer: stream.peer };
  return {
    onMessage: (message) => {
      if (isAnswered) return;
      isAnswered = true;
      const decoded = decodeRequest('sotw', message, { withNode: true });
      const fetched = decoded.ok
        ? fetch.ask(decoded.request, asked)
        : fetch.refuse({ code: decoded.code, message: decoded.why }, asked);
      answer(stream, fetched, fetch.identifier);
    },
    onWritable: () => undefined,
    onClosed: () => {
      isAnswered = true;
    },
  };
}

function answer(stream: TransportStream, fetched: Fetched, identifier: string): void {
  if (fetched.kind === 'refused') {
    stream.end(fetched.code, fetched.message);
    return;
  }
  if (fetched.kind === 'answer') {
    const { type, version, resources } = fetched;
    const { body } = frameOf('sotw', typeRow(type), { version, resources, removed: [] });
    // The last of a field counts: the constant one is in the body.
    stream.send(body, identifier === CONTROL_PLANE ? undefined : controlPlane('sotw', identifier));
  }
  // A whole configuration takes its time to be read.
  stream.end('OK', '', LINGER_MS);
}

const LINGER_MS = 60_000;
