import { parentPort } from 'node:worker_threads';
import { DISK, errorCode, errorText } from './files.ts';
import { isQuestion, type Answer, type Call, type Question } from './threaded-files.ts';

// The program of the thread that writes: the same operations, away from the loop that serves.
parentPort?.on('message', (message: unknown) => {
  if (isQuestion(message)) void answer(message);
});

async function answer({ id, call }: Question): Promise<void> {
  parentPort?.postMessage(
    await perform(call).then(
      (bytes): Answer => ({ id, ok: true, bytes }),
      (error: unknown): Answer => ({
        ...{ id, ok: false },
        ...{ code: errorCode(error), message: errorText(error) },
      }),
    ),
  );
}

async function perform(call: Call): Promise<Uint8Array | null> {
  switch (call.kind) {
    case 'read':
      return DISK.read(call.path);
    case 'write':
      await DISK.write(call.path, call.chunks);
      return null;
    case 'writeAt':
      await DISK.writeAt(call.path, call.position, call.data);
      return null;
    case 'rename':
      await DISK.rename(call.from, call.to);
      return null;
  }
}
