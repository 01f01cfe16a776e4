import { test } from 'vitest';

/**
 * A test of a variant that runs at once with others, since they wait most of the time: the tests of
 * one variant run in turn.
 */
export const it = (name: string, body: () => Promise<void>): void =>
  test(name, { concurrent: false }, body);
