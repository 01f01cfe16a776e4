import type { Readable as NodeReadable } from 'node:stream';
import { LIMITS } from '../../base/index.ts';
import { inflate, type Unreadable } from './inflate.ts';
import { createMessageReader } from './message-reader.ts';
import type { Readable } from './reading.ts';

/** The messages of a client, one at a time. */
export interface Incoming extends Readable {
  /** What still comes is read and dropped: it must not fill the window of its connection. */
  close(): void;
}

export interface IncomingOptions {
  /** The client's `grpc-encoding`. */
  readonly encoding: string;
  readonly onMessage: (message: Buffer) => void;
  /** It has said all that it will. */
  readonly onEnd: () => void;
  readonly onUnreadable: (reason: Unreadable) => void;
}

export function createIncoming(stream: NodeReadable, options: IncomingOptions): Incoming {
  const reader = createMessageReader(LIMITS.requestBytesMax);
  let isPaused = false;
  let isInflating = false;
  let hasEnded = false;
  let isClosed = false;

  const close = (): void => {
    isClosed = true;
    stream.resume();
  };
  const refuse = (reason: Unreadable): void => {
    if (isClosed) return;
    close();
    options.onUnreadable(reason);
  };
  const inflateOne = async (bytes: Buffer): Promise<void> => {
    isInflating = true;
    const inflated = await inflate(bytes, options.encoding, LIMITS.requestBytesMax);
    isInflating = false;
    if (isClosed) return;
    if (!inflated.ok) {
      refuse(inflated);
      return;
    }
    options.onMessage(inflated.bytes);
    flow();
  };
  const canGoOn = (): boolean => !isPaused && !isInflating && !isClosed;
  /** Gives what is there, as long as it is taken. */
  const flow = (): void => {
    while (canGoOn()) {
      const message = reader.next();
      if (message === null) {
        if (!hasEnded) break;
        close();
        options.onEnd();
      } else if ('tooLarge' in message) {
        const why = `a message has ${message.tooLarge} bytes, of ${LIMITS.requestBytesMax} allowed`;
        refuse({ code: 'RESOURCE_EXHAUSTED', why });
      } else if (message.isCompressed) {
        void inflateOne(message.bytes);
      } else {
        options.onMessage(message.bytes);
      }
    }
    if (isClosed || canGoOn()) stream.resume();
    else stream.pause();
  };
  stream.on('data', (chunk: Buffer) => {
    if (isClosed) return;
    reader.push(chunk);
    flow();
  });
  stream.on('end', () => {
    hasEnded = true;
    flow();
  });
  return {
    pause: () => {
      isPaused = true;
      stream.pause();
    },
    resume: () => {
      isPaused = false;
      flow();
    },
    close,
  };
}
