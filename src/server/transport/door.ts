import type { Socket } from 'node:net';
import { LIMITS } from '../../base/index.ts';

/** Lets connections in, a few at a time: to open one costs more than what most of them say. */
export interface Door {
  /** `enter` is called when it is its turn; `entered` ends the turn: it has said something. */
  wait(socket: Socket, enter: (entered: () => void) => void): void;
  readonly waiting: () => number;
}

export interface DoorOptions {
  /** Default `LIMITS.connectionsOpeningMax`. */
  readonly openingMax?: number;
  /** Default `LIMITS.connectionWaitMsMax`. */
  readonly waitMsMax?: number;
  /** Who is let in and says nothing does not keep others out for longer, ms. Default 50. */
  readonly turnMsMax?: number;
}

const TURN_MS_MAX = 50;

/**
 * However many come at once, in each turn of the loop only these few are new, and edits and ACKs
 * have their place between them. A socket that waits is not read from. One that has waited for
 * too long is closed: a client that is still there comes again, by its own back-off.
 */
export function createDoor({
  openingMax = LIMITS.connectionsOpeningMax,
  waitMsMax = LIMITS.connectionWaitMsMax,
  turnMsMax = TURN_MS_MAX,
}: DoorOptions = {}): Door {
  const waiting = new Set<Waiting>();
  let opening = 0;

  const open = (one: Waiting): void => {
    waiting.delete(one);
    clearTimeout(one.timer);
    opening += 1;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(turn);
      opening -= 1;
      // In the next turn of the loop: what else is due comes first.
      setImmediate(next);
    };
    const turn = setTimeout(over, turnMsMax).unref();
    one.socket.once('close', over);
    one.enter(over);
  };
  const next = (): void => {
    for (const one of waiting) {
      if (opening >= openingMax) return;
      open(one);
    }
  };
  return {
    wait: (socket, enter) => {
      const timer = setTimeout(() => socket.destroy(), waitMsMax).unref();
      const one: Waiting = { socket, enter, timer };
      waiting.add(one);
      socket.once('close', () => {
        clearTimeout(timer);
        waiting.delete(one);
      });
      next();
    },
    waiting: () => waiting.size,
  };
}

interface Waiting {
  readonly socket: Socket;
  readonly enter: (entered: () => void) => void;
  readonly timer: NodeJS.Timeout;
}
