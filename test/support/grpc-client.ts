import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

type Message = Readonly<Record<string, unknown>>;

/** What a stream hears. */
export interface Hearing<T> {
  /** The next message; rejects where the stream ends first. */
  next(): Promise<T>;
  /** What came and was not taken yet. */
  readonly heard: readonly T[];
  /** Resolves to the status code with which the server ended the stream. */
  readonly ended: Promise<number>;
}

/** A stream whose client says and hears plain objects. */
export interface PlainStream extends Hearing<Message> {
  send(message: Message): void;
  /** No more requests. */
  end(): void;
  /** Goes without a word. */
  cancel(): void;
}

export interface PlainClient {
  /** A unary call: the answer, or the status code. */
  call(method: string, message: Message): Promise<Message | number>;
  open(method: string): PlainStream;
  close(): void;
}

/** The methods of a service of a file in proto/, by name. */
export function methodsOf<T>(
  proto: string,
  service: string,
): (name: string) => MethodDefinition<Message, T> {
  const path = fileURLToPath(new URL(`../../proto/${proto}.proto`, import.meta.url));
  const methods = loadSync(path, { keepCase: true, enums: String, longs: Number })[
    service
  ] as unknown as Readonly<Record<string, MethodDefinition<Message, T>>>;
  return (name) => {
    const found = methods[name];
    if (found === undefined) throw new Error(`${proto}.proto has no ${name}`);
    return found;
  };
}

/** A client of one service: it shares no code with helve. */
export function plainClient(address: string, proto: string, service: string): PlainClient {
  const methodOf = methodsOf<Message>(proto, service);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  return {
    close: () => {
      client.close();
    },
    call: (name, message) =>
      new Promise((resolve) => {
        const { path: at, requestSerialize, responseDeserialize } = methodOf(name);
        client.makeUnaryRequest(
          at,
          requestSerialize,
          responseDeserialize,
          message,
          (error, value) => {
            resolve(value ?? error?.code ?? -1);
          },
        );
      }),
    open: (name) => {
      const { path: at, requestSerialize, responseDeserialize } = methodOf(name);
      return plainStream(client.makeBidiStreamRequest(at, requestSerialize, responseDeserialize));
    },
  };
}

function plainStream(call: ClientDuplexStream<Message, Message>): PlainStream {
  return {
    ...hearing(call),
    send: (message) => {
      call.write(message);
    },
    end: () => {
      call.end();
    },
    cancel: () => {
      call.cancel();
    },
  };
}

export function hearing<T>(call: ClientReadableStream<T>): Hearing<T> {
  const heard: T[] = [];
  const news = new EventTarget();
  let code: number | null = null;
  const ended = new Promise<number>((resolve) => {
    const end = (status: number): void => {
      code ??= status;
      resolve(code);
      news.dispatchEvent(new Event('news'));
    };
    call.on('error', (error: ServiceError) => {
      end(error.code);
    });
    call.on('status', (status: { code: number }) => {
      end(status.code);
    });
  });
  call.on('data', (message: T) => {
    heard.push(message);
    news.dispatchEvent(new Event('news'));
  });
  return {
    heard,
    ended,
    next: async () => {
      for (;;) {
        const first = heard.shift();
        if (first !== undefined) return first;
        if (code !== null) throw new Error(`the stream ended with status ${code}`);
        await once(news, 'news');
      }
    },
  };
}
