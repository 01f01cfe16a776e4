// One Envoy, as far as a control plane can see: a connection, a delta ADS stream, the names that
// its clusters and listeners lead to, and an ACK for everything at once.
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import {
  REQUEST_HEADERS,
  TYPE,
  decodeResponse,
  encodeRequest,
  endpointsOfCluster,
  ledToByListener,
  newFrameReader,
  tableOfScope,
} from './wire.mjs';

/** Those of Envoy. */
const STREAM_WINDOW = 16 * 1024 * 1024;
const CONNECTION_WINDOW = 24 * 1024 * 1024;
/** Node's own limit would end sessions that a large push is on its way to. */
const SESSION_MEMORY_MB = 1_000;

/**
 * @param {object} options
 * @param {string} options.address
 * @param {string} options.node
 * @param {(bytes: Buffer, response: object) => void} options.onResponse after its ACK
 * @param {() => void} options.onBooted everything that was asked for has come once
 * @param {(error: Error) => void} options.onError
 */
export function openDeltaClient({ address, node, onResponse, onBooted, onError }) {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port), noDelay: true });
  const session = connectHttp2(`http://${address}`, {
    createConnection: () => socket,
    settings: { initialWindowSize: STREAM_WINDOW, enablePush: false },
    maxSessionMemory: SESSION_MEMORY_MB,
  });
  session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW));
  const stream = session.request(REQUEST_HEADERS);
  for (const one of [session, stream, socket]) one.on('error', onError);
  stream.once('trailers', (trailers) => {
    onError(new Error(`the stream ended: ${trailers['grpc-status']} ${trailers['grpc-message']}`));
  });
  const wishes = newWishes((request) => stream.write(encodeRequest(request)), onBooted);
  stream.on(
    'data',
    newFrameReader((bytes) => {
      const response = decodeResponse(bytes, !wishes.isBooted());
      stream.write(encodeRequest({ type: response.type, nonce: response.nonce }));
      wishes.take(response);
      onResponse(bytes, response);
    }),
  );
  wishes.begin(node);
  return {
    bytesRead: () => socket.bytesRead,
    ping: () =>
      new Promise((resolve, reject) => {
        session.ping((error, ms) => (error === null ? resolve(ms) : reject(error)));
      }),
    close: () => {
      for (const one of [session, stream, socket]) {
        one.removeListener('error', onError).on('error', () => undefined);
      }
      socket.destroy();
    },
  };
}

/** Asks in Envoy's order: clusters, their endpoints, listeners, and what those lead to. */
function newWishes(send, onBooted) {
  const asked = new Map();
  let awaited = 0;
  let isBooted = false;
  const ask = (type, names) => {
    const known = asked.get(type) ?? new Set();
    const fresh = [...new Set(names)].filter((name) => !known.has(name));
    if (fresh.length === 0) return;
    asked.set(type, new Set([...known, ...fresh]));
    awaited += fresh.length;
    send({ type, subscribe: fresh });
  };
  const begun = new Set();
  const begin = (type, node = null) => {
    if (begun.has(type)) return;
    begun.add(type);
    awaited += 1;
    send({ type, node });
  };
  const led = {
    [TYPE.cluster]: (all) => {
      ask(
        TYPE.endpoints,
        all.flatMap((bytes) => endpointsOfCluster(bytes) ?? []),
      );
      begin(TYPE.listener);
    },
    [TYPE.listener]: (all) => {
      const found = all.map(ledToByListener);
      ask(
        TYPE.extension,
        found.flatMap(({ extensions }) => extensions),
      );
      if (found.some(({ hasScopes }) => hasScopes)) begin(TYPE.scope);
      ask(
        TYPE.route,
        found.flatMap(({ routes }) => routes),
      );
    },
    [TYPE.scope]: (all) => ask(TYPE.route, all.flatMap(tableOfScope)),
  };
  const answered = new Set();
  return {
    begin: (node) => begin(TYPE.cluster, node),
    isBooted: () => isBooted,
    take: ({ type, resources }) => {
      if (isBooted) return;
      if (begun.has(type)) awaited -= answered.has(type) ? 0 : 1;
      else awaited -= resources.length;
      answered.add(type);
      led[type]?.(resources.map(({ bytes }) => bytes));
      if (awaited > 0) return;
      isBooted = true;
      onBooted();
    },
  };
}
