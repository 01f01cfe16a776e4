import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../base/index.ts';
import { cluster, judge } from '../../../test/support/raw-resources.ts';
import { CLUSTER_CASES, LISTENER_CASES, samplesOf } from '../../../test/support/raw-samples.ts';

/** The system suite holds each of them to the real Envoy. */
const errorsOf = (found: readonly string[]): readonly string[] =>
  found.filter((one) => !WARNINGS.has(one.slice(0, one.indexOf(':'))));

const WARNINGS: ReadonlySet<string> = new Set(
  Object.entries(CATALOGUE).flatMap(([code, { severity }]) => (severity === 'error' ? [] : [code])),
);

describe('a listener', () => {
  test.each(samplesOf(LISTENER_CASES))('$name', ({ resource, isGood }) => {
    const errors = errorsOf(judge(resource, cluster()));
    expect(errors, JSON.stringify(errors)).toHaveLength(isGood ? 0 : 1);
  });
});

describe('a cluster', () => {
  test.each(samplesOf(CLUSTER_CASES))('$name', ({ resource, isGood }) => {
    const errors = errorsOf(judge(resource));
    expect(errors, JSON.stringify(errors)).toHaveLength(isGood ? 0 : 1);
  });
});
