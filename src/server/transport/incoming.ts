import type { Readable as NodeReadable } from 'node:stream';
import { LIMITS } from '../../base/index.ts';
import { inflate, type Unreadable } from './inflate.ts';
import { createMessageReader } from './message-reader.ts';
import type { Readable } from './reading.ts';

/** After so long, what others have sent has its turn, ms. */
const SLICE_MS_MAX = 1;

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
  /** What comes next would be no better: it is to be closed. */
  readonly onUnreadable: (reason: Unreadable) => void;
}

export function createIncoming(stream: NodeReadable, options: IncomingOptions): Incoming {
  const reader = createMessageReader(LIMITS.requestBytesMax);
  let isPaused = false;
  /** The next message waits: the one before inflates, or others have their turn. */
  let isWaiting = false;
  let hasEnded = false;
  let isClosed = false;

  const close = (): void => {
    isClosed = true;
    stream.resume();
  };
  const inflateOne = async (bytes: Buffer): Promise<void> => {
    isWaiting = true;
    const inflated = await inflate(bytes, options.encoding, LIMITS.requestBytesMax);
    if (isClosed) return;
    if (inflated.ok) options.onMessage(inflated.bytes);
    else options.onUnreadable(inflated);
    goOn();
  };
  const goOn = (): void => {
    isWaiting = false;
    flow();
  };
  const canGoOn = (): boolean => !isPaused && !isWaiting && !isClosed;
  /** Gives what is there, as long as it is taken. */
  const flow = (): void => {
    const until = performance.now() + SLICE_MS_MAX;
    while (canGoOn()) {
      const message = reader.next();
      if (message === null) {
        if (!hasEnded) break;
        close();
        options.onEnd();
      } else if ('tooLarge' in message) {
        options.onUnreadable(tooLarge(message.tooLarge));
      } else if (message.isCompressed) {
        void inflateOne(message.bytes);
      } else {
        options.onMessage(message.bytes);
        if (!canGoOn() || performance.now() < until) continue;
        isWaiting = true;
        setImmediate(goOn);
      }
    }
    if (isClosed || canGoOn()) stream.resume();
    else stream.pause();
  };
  stream.on('data', (chunk: Buffer) => {
    if (!isClosed) reader.push(chunk);
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

const tooLarge = (bytes: number): Unreadable => ({
  code: 'RESOURCE_EXHAUSTED',
  why: `a message has ${bytes} bytes, of ${LIMITS.requestBytesMax} allowed`,
});
