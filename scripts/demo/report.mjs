// What the demo says at its end.

/** @param {{ requests: number, failed: number }} stats */
export function soFar({ requests, failed }) {
  if (failed === 0) return `no request failed so far (${requests} sent)`;
  return `${failed} of ${requests} requests FAILED so far`;
}

/**
 * The table of steps, the totals and the verdict.
 *
 * @param {{ requests: number, failed: number, failures: readonly object[] }} stats
 * @param {readonly { name: string, took: string, failed: number }[]} steps
 * @returns {readonly string[]}
 */
export function report(stats, steps) {
  const name = Math.max(...steps.map((step) => step.name.length));
  const took = Math.max(...steps.map((step) => step.took.length));
  const line = (a, b, c) => `${a.padEnd(name)}  ${b.padStart(took)}  ${c.padStart(15)}`;
  return [
    '',
    line('', '', 'failed requests'),
    ...steps.map((step) => line(step.name, step.took, String(step.failed))),
    '',
    ...totals(stats),
  ];
}

export function totals({ requests, failed, failures }) {
  return [
    `requests ${requests}, failures ${failed}`,
    ...failures.slice(0, 10).map((f) => `  at ${f.atMs} ms: ${f.reason} (${f.target})`),
    failed === 0
      ? 'Every change went live, the mistake did not, and no request was lost.'
      : 'Requests were lost: this is not what helve promises. Please report it.',
  ];
}
