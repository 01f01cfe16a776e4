import { Worker } from 'node:worker_threads';
import { assertNever } from '../base/index.ts';
import { newPacker } from './delta-packing.ts';
import { ownFile } from './own-file.ts';
import { createInlineIngest } from './inline-ingest.ts';
import type { Ingest } from './port.ts';
import { createScanValve } from './scan-valve.ts';
import { isToProcess, type Answer, type FromProcess, type Question } from './wire.ts';

// The program of the ingest process: the inline ingest behind the channel to its parent. Its life
// is its parent's: signals that a terminal or a supervisor sends to the whole group are the
// parent's to answer, and the end of the channel, however it comes, is its own end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => {
  // eslint-disable-next-line no-restricted-properties -- it is a program, and has nothing to save
  process.exit(0);
});
// The same where this thread is too busy to be told: see there.
const orphanWatch = new Worker(ownFile('orphan-watch'), { argv: process.argv.slice(2) });
orphanWatch.unref();
orphanWatch.on('error', ({ message }) => {
  const text = `without its parent, a stuck compile process would not end: ${message}`;
  send({ kind: 'log', level: 'warn', message: text });
});

let ingest: Ingest | null = null;
const pack = newPacker();
const valve = createScanValve((scan) => send({ kind: 'scan', scan }));

process.on('message', (message) => {
  if (!isToProcess(message)) return;
  switch (message.kind) {
    case 'open':
      ingest ??= createInlineIngest(message.options, {
        onScan: (scan) => valve.offer(scan),
        onDeath: () => undefined,
        onLog: (level, text) => send({ kind: 'log', level, message: text }),
      });
      return;
    case 'ask':
      // A fault rejects, nobody catches it, and that ends the process with the fault on stderr.
      void answer(message.id, message.question);
      return;
    case 'look':
      ingest?.look(message.number);
      return;
    case 'taken':
      valve.taken();
      return;
    default:
      assertNever(message);
  }
});

async function answer(id: number, question: Question): Promise<void> {
  if (ingest !== null) send({ kind: 'answer', id, answer: await answerOf(ingest, question) });
}

async function answerOf(opened: Ingest, question: Question): Promise<Answer> {
  switch (question.call) {
    case 'start':
      return { call: 'start', value: await opened.start(question.seed) };
    case 'compile':
      return { call: 'compile', value: pack(await opened.compile(question.request)) };
    case 'locate':
      return { call: 'locate', value: await opened.locate(question.origins) };
    case 'render':
      return { call: 'render', value: await opened.render(question.view, question.keys) };
    case 'ping':
      return { call: 'ping', value: null };
    default:
      return assertNever(question);
  }
}

function send(message: FromProcess): void {
  // A channel that is closed is the end of this process too, by its own event.
  process.send?.(message, undefined, {}, () => undefined);
}
