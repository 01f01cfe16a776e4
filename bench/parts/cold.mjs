// From the start of a process with an empty state directory until a client has everything, beside
// what a plain YAML parser takes to read the same files.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startFleet } from '../rig/fleet.mjs';
import { createFolder } from '../rig/folder.mjs';
import { startHelve } from '../rig/helve.mjs';
import { cpuMs, memoryMb } from '../rig/process-figures.mjs';

const run = promisify(execFile);
const PARSER = fileURLToPath(new URL('yaml-process.mjs', import.meta.url));
const TELL_MS = 5_000;
/** One that takes longer has failed: the compile process is killed after two minutes. */
const READY_MS_MAX = 180_000;

export async function measureCold({ shape, say }) {
  const what = `${shape.routes} routes and ${shape.clusters} clusters`;
  say(`cold start, ${what}: writing the files`);
  const folder = await createFolder(shape);
  const fleet = startFleet();
  let helve = null;
  const startedAt = performance.now();
  const telling = setInterval(() => {
    say(`cold start, ${what}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }, TELL_MS);
  try {
    const { stdout } = await run(process.execPath, [PARSER, join(folder.root, 'config')]);
    const yaml = JSON.parse(stdout);
    say(`cold start, ${what}: helve`);
    helve = await startHelve(folder.root);
    const found = await readyAndComplete(helve, fleet);
    return {
      routes: shape.routes,
      clusters: shape.clusters,
      hosts: shape.hosts,
      files: yaml.files,
      bytes: yaml.bytes,
      yamlMs: yaml.ms,
      ...found,
      cpuMs: cpuMs(helve.pids()),
      memoryMb: memoryMb(helve.pids()),
    };
  } finally {
    clearInterval(telling);
    fleet.end();
    await helve?.stop();
    await folder.remove();
  }
}

/** Nulls, and why, where it does not come so far. */
async function readyAndComplete(helve, fleet) {
  try {
    const readyAt = await helve.ready(READY_MS_MAX);
    const { at } = await fleet.boot({ address: helve.address, count: 1 });
    return { readyMs: readyAt - helve.startedAt, completeMs: at - helve.startedAt, why: null };
  } catch (error) {
    const words = helve.log().trim().split('\n').at(-1) ?? '';
    return { readyMs: null, completeMs: null, why: `${error.message}; ${words}`.slice(0, 300) };
  }
}
