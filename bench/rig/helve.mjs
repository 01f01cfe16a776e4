// `helve serve` as a user starts it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../scripts/free-ports.mjs';
import { endWithUs, stopChild } from './children.mjs';
import { now, until } from './clock.mjs';
import { childrenOf } from './process-figures.mjs';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Starts it over `<root>/config`; `ready` resolves to the moment it serves. */
export async function startHelve(root) {
  const [xdsPort, adminPort] = await freePorts(2);
  const address = `127.0.0.1:${xdsPort}`;
  const admin = `127.0.0.1:${adminPort}`;
  const flags = ['--xds', address, '--admin', admin, '--state', join(root, 'state')];
  const startedAt = now();
  const args = [MAIN, 'serve', join(root, 'config'), ...flags, '--log-level', 'warn'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  endWithUs(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-4_000);
  });
  const status = async () => (await fetch(`http://${admin}/v1/status`)).json();
  return {
    address,
    admin,
    startedAt,
    status,
    /** The serving process, and the one that compiles. */
    pids: () => [child.pid, ...childrenOf(child.pid)],
    servingPid: child.pid,
    log: () => log,
    ready: (limitMs) =>
      until(
        'helve is ready',
        async () => {
          if (child.exitCode !== null) throw new Error(`helve ended:\n${log}`);
          const reply = await fetch(`http://${admin}/readyz`).catch(() => null);
          return reply?.status === 200 ? now() : null;
        },
        limitMs,
      ),
    /** Waits until another revision than `before` is accepted. */
    accepted: (before) =>
      until('the edit is accepted', async () => {
        const { accepted } = await status();
        return accepted !== null && accepted.revision !== before ? accepted.revision : null;
      }),
    stop: () => stopChild(child),
  };
}
