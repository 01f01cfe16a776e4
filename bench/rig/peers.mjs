// Servers that helve is compared with. Each serves a recording, prints its address, and pushes the
// table that a line on its stdin names.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithUs, firstLine, stopChild } from './children.mjs';

const run = promisify(execFile);
const HERE = (path) => fileURLToPath(new URL(path, import.meta.url));
const REPLAY = HERE('replay-process.mjs');
const SOURCE = HERE('../peer');
const BINARY = HERE('../../build/bench/peer');
/** Where Go is when the path does not have it. */
const USUAL_GO = '/usr/local/go/bin/go';

export const FLOOR = { name: 'node:http2', command: [process.execPath, REPLAY] };

/** Builds the peer in Go. Resolves to it, or to why there is none. */
export async function buildLinear(say) {
  const go = await findGo();
  if (go === null) return { peer: null, why: 'Go is not installed' };
  say('building the peer in Go (the first time its modules are downloaded and compiled)');
  try {
    await run(go, ['build', '-o', BINARY, '.'], { cwd: SOURCE });
    return { peer: { name: 'go-control-plane', command: [BINARY] }, why: null };
  } catch (error) {
    return {
      peer: null,
      why: `it does not build: ${String(error.stderr).trim().split('\n').at(-1)}`,
    };
  }
}

async function findGo() {
  const found = await run('go', ['version']).catch(() => null);
  if (found !== null) return 'go';
  return existsSync(USUAL_GO) ? USUAL_GO : null;
}

/** Starts a peer with a recording. */
export async function startPeer({ command }, recording) {
  const [program, ...args] = command;
  const child = spawn(program, [...args, recording.index], { stdio: 'pipe' });
  endWithUs(child);
  const address = await firstLine(child);
  return {
    address,
    pids: () => [child.pid],
    /** Resolves to a function that pushes the table with this marker. */
    edit: async (marker) => {
      const file = await recording.edited(marker);
      return () => child.stdin.write(`${recording.table.name} ${file}\n`);
    },
    stop: () => stopChild(child),
  };
}
