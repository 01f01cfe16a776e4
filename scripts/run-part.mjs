// Runs a program as one part of a check: collects its output, tells how long it took.
import { spawn } from 'node:child_process';

/**
 * @typedef {object} PartResult
 * @property {boolean} isOk
 * @property {string} output stdout and stderr, in the order of arrival
 * @property {number} seconds
 *
 * @param {readonly string[]} command
 * @param {{ cwd: string, onOutput?: (text: string) => void, signal?: AbortSignal }} options
 * @returns {Promise<PartResult>}
 */
export function runPart(command, { cwd, onOutput, signal }) {
  const [program, ...args] = command;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const done = (isOk) =>
      resolve({ isOk, output, seconds: (performance.now() - startedAt) / 1000 });
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        onOutput?.(text);
      });
    }
    child.once('error', (error) => {
      output += error.message;
      done(false);
    });
    child.once('close', (code) => done(code === 0));
  });
}
