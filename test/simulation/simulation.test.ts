import { expect, test } from 'vitest';
import { simulate, type Profile } from './run.ts';
import { simulateSubscriber } from './subscriber.ts';

/** Steps over all profiles; `HELVE_SIM_STEPS` asks for more. */
const STEPS = Number(process.env['HELVE_SIM_STEPS'] ?? 100_000);
const STEPS_PER_SEED = 400;
const FIRST_SEED = Number(process.env['HELVE_SIM_SEED'] ?? 1);

const QUIET = { isSpoiling: false, isLate: false, isReconnecting: false, isUnruly: false };

const PROFILES: readonly (Profile & { readonly name: string })[] = (
  ['sotw', 'delta'] as const
).flatMap((wire) => [
  { ...QUIET, name: 'calm', wire },
  { ...QUIET, name: 'late', wire, isLate: true },
  { ...QUIET, name: 'cut', wire, isReconnecting: true },
  { ...QUIET, name: 'refusing', wire, isSpoiling: true },
  { ...QUIET, name: 'unruly', wire, isUnruly: true },
  {
    name: 'all at once',
    wire,
    isSpoiling: true,
    isLate: true,
    isReconnecting: true,
    isUnruly: true,
  },
]);

test.each(PROFILES)('ADS-07 X-11 $name over $wire', (profile) => {
  const seeds = Math.ceil(STEPS / STEPS_PER_SEED / PROFILES.length);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed += 1) {
    const failure = simulate(seed, STEPS_PER_SEED, profile);
    expect(failure, `seed ${seed}, ${profile.name} over ${profile.wire}`).toBeNull();
  }
});

test.each(['sotw', 'delta'] as const)('TTL-01 NAME-03 X-11 all types, over %s', (wire) => {
  const seeds = Math.ceil(STEPS / STEPS_PER_SEED / 8);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed += 1) {
    const failure = simulateSubscriber(seed, STEPS_PER_SEED, wire);
    expect(failure, `seed ${seed}, all types over ${wire}`).toBeNull();
  }
});
