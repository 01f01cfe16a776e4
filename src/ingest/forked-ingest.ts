import { invariant } from '../base/index.ts';
import { newUnpacker } from './delta-packing.ts';
import { openChannel, type ForkOptions } from './process-channel.ts';
import type { Ingest, IngestListener, IngestOptions } from './port.ts';
import type { Answer } from './wire.ts';

/** The ingest in a process of its own, which ends with this one. It is not started again here. */
export function createForkedIngest(
  options: IngestOptions,
  listener: IngestListener,
  forkOptions: ForkOptions = {},
): Ingest {
  const unpack = newUnpacker();
  const { ask, tell, close } = openChannel(options, listener, forkOptions);
  return {
    start: async (seed) => startOf(await ask({ call: 'start', seed })),
    compile: async (request) => unpack(compileOf(await ask({ call: 'compile', request }))),
    locate: async (origins) => locateOf(await ask({ call: 'locate', origins })),
    render: async (view, keys) => renderOf(await ask({ call: 'render', view, keys })),
    look: (number) => tell({ kind: 'look', number }),
    close,
  };
}

type Value<Call extends Answer['call']> = Extract<Answer, { call: Call }>['value'];

const MIXED = 'an answer to another question';

function startOf(answer: Answer): Value<'start'> {
  invariant(answer.call === 'start', MIXED);
  return answer.value;
}

function compileOf(answer: Answer): Value<'compile'> {
  invariant(answer.call === 'compile', MIXED);
  return answer.value;
}

function locateOf(answer: Answer): Value<'locate'> {
  invariant(answer.call === 'locate', MIXED);
  return answer.value;
}

function renderOf(answer: Answer): Value<'render'> {
  invariant(answer.call === 'render', MIXED);
  return answer.value;
}
