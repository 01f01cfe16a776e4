import type { Fact } from '../../delivery/index.ts';

/** Collects facts until the end of the turn of the loop. */
export function factBatches(deliver: (facts: readonly Fact[]) => void): (fact: Fact) => void {
  let batch: Fact[] = [];
  return (fact) => {
    batch.push(fact);
    if (batch.length > 1) return;
    setImmediate(() => {
      const full = batch;
      batch = [];
      deliver(full);
    });
  };
}
