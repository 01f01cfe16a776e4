import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { assertNever, LIMITS } from '../base/index.ts';
import { ownFile } from './own-file.ts';
import type { IngestListener, IngestOptions } from './port.ts';
import {
  isFromProcess,
  type Answer,
  type FromProcess,
  type Question,
  type ToProcess,
} from './wire.ts';

export interface ForkOptions {
  /** Program of the process. Default: the one beside this file. */
  readonly entry?: URL;
  /** Options of its node, none by default: those of this process are not meant for it. */
  readonly execArgv?: readonly string[];
  /**
   * How long it may take to answer, ms; then it is killed. Default `LIMITS.compileMsMax`, which its
   * start always has.
   */
  readonly answerMsMax?: number;
}

/** The way to the ingest process and back. */
export interface Channel {
  /** Rejects where the process is gone, has too much to answer, or takes too long. */
  readonly ask: (question: Question) => Promise<Answer>;
  /** What cannot be sent any more is dropped. */
  readonly tell: (message: ToProcess) => void;
  readonly close: () => Promise<void>;
}

/** Questions that wait for an answer; more are rejected. */
export const QUESTIONS_MAX = 256;
/** Characters of one line of the process's stderr that are logged. */
const LOG_CHARS_MAX = 2_000;
/** So often in `answerMsMax` it is asked whether it is there, where nothing else is asked. */
const PINGS = 4;
/** How long `close` waits for the process to end by itself; less than its caller waits for it. */
const CLOSE_MS_MAX = 1_000;

/** Starts the process. */
export function openChannel(
  options: IngestOptions,
  listener: IngestListener,
  forkOptions: ForkOptions,
): Channel {
  const { entry = ownFile('ingest-process'), answerMsMax = LIMITS.compileMsMax } = forkOptions;
  const child = fork(fileURLToPath(entry), [String(process.pid)], {
    serialization: 'advanced',
    execArgv: [...(forkOptions.execArgv ?? [])],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const questions = createQuestions((ms) => {
    child.kill('SIGKILL');
    die(`it was killed: it gave no answer for ${ms / 1000} s`);
  });
  let isClosing = false;

  const tell = (message: ToProcess): void => {
    // What cannot be sent is answered by the death that follows.
    if (child.connected) child.send(message, () => undefined);
  };
  const die = (why: string): void => {
    clearInterval(pings);
    if (questions.end(`the ingest process ended: ${why}`) && !isClosing) listener.onDeath(why);
  };
  const askFor = (question: Question): Promise<Answer> =>
    questions.ask(question.call === 'start' ? LIMITS.compileMsMax : answerMsMax, (id) => {
      tell({ kind: 'ask', id, question });
    });
  const pings = setInterval(() => {
    if (questions.isIdle()) void askFor({ call: 'ping' }).catch(() => undefined);
  }, answerMsMax / PINGS);
  child.on('message', (message) => {
    if (!isFromProcess(message)) return;
    // Before the listener's own work, during which the next scan can be made ready.
    if (message.kind === 'scan') tell({ kind: 'taken' });
    if (message.kind === 'answer') questions.answer(message.id, message.answer);
    else if (!isClosing) hear(listener, message);
  });
  child.on('error', (error) => die(error.message));
  child.on('exit', (code, signal) => die(signal ?? `exit code ${code ?? 'unknown'}`));
  forwardLines(child, (line) => listener.onLog('warn', line));
  tell({ kind: 'open', options });

  return {
    ask: askFor,
    tell,
    close: async () => {
      isClosing = true;
      await end(child);
      die('it was closed');
    },
  };
}

function hear(listener: IngestListener, message: Exclude<FromProcess, { kind: 'answer' }>): void {
  switch (message.kind) {
    case 'scan':
      listener.onScan(message.scan);
      return;
    case 'log':
      listener.onLog(message.level, message.message);
      return;
    default:
      assertNever(message);
  }
}

interface Questions {
  ask(msMax: number, send: (id: number) => void): Promise<Answer>;
  /** Nothing waits for an answer. */
  isIdle(): boolean;
  answer(id: number, answer: Answer): void;
  /** Rejects all, now and later; false where it was ended before. */
  end(why: string): boolean;
}

/** `onLate`: one of them has waited for as long as it may. */
function createQuestions(onLate: (ms: number) => void): Questions {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: string | null = null;
  return {
    ask: (msMax, send) =>
      new Promise((resolve, reject) => {
        if (ended !== null) reject(new Error(ended));
        else if (pending.size >= QUESTIONS_MAX) reject(new Error('the ingest process is overrun'));
        else {
          lastId += 1;
          pending.set(lastId, { resolve, reject, timer: setTimeout(onLate, msMax, msMax) });
          send(lastId);
        }
      }),
    isIdle: () => pending.size === 0,
    answer(id, answer) {
      const question = pending.get(id);
      clearTimeout(question?.timer);
      question?.resolve(answer);
      pending.delete(id);
    },
    end(why) {
      if (ended !== null) return false;
      ended = why;
      for (const { reject, timer } of pending.values()) {
        clearTimeout(timer);
        reject(new Error(why));
      }
      pending.clear();
      return true;
    },
  };
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

function forwardLines(child: ChildProcess, tell: (line: string) => void): void {
  if (child.stderr === null) return;
  createInterface({ input: child.stderr }).on('line', (line) => {
    tell(line.slice(0, LOG_CHARS_MAX));
  });
}

/** The end of the channel is the sign; a process that is stuck is killed. */
function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS_MAX);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    if (child.connected) child.disconnect();
  });
}
