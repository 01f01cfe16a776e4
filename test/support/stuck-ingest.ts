// The ingest process, which gets stuck once it is told to look: its main thread never comes back.
// On stderr it says so, and when it is asked whether it is there.
import { writeSync } from 'node:fs';
import '../../src/ingest/ingest-process.ts';
import { isToProcess } from '../../src/ingest/wire.ts';

process.on('message', (message) => {
  if (!isToProcess(message)) return;
  if (message.kind === 'ask' && message.question.call === 'ping') say('ping');
  if (message.kind !== 'look') return;
  say(`stuck ${process.pid}`);
  for (;;);
});

function say(text: string): void {
  writeSync(process.stderr.fd, `${text}\n`);
}
