import { expect, test } from 'vitest';
import { simulate, type Profile } from './run.ts';

/** Steps over all profiles; `HELVE_SIM_STEPS` asks for more. */
const STEPS = Number(process.env['HELVE_SIM_STEPS'] ?? 24_000);
const STEPS_PER_SEED = 400;
const FIRST_SEED = Number(process.env['HELVE_SIM_SEED'] ?? 1);

const PROFILES: readonly (Profile & { readonly name: string })[] = (
  ['sotw', 'delta'] as const
).flatMap((wire) => [
  { name: 'calm', wire, isSpoiling: false, isLate: false, isReconnecting: false },
  { name: 'late', wire, isSpoiling: false, isLate: true, isReconnecting: false },
  { name: 'cut', wire, isSpoiling: false, isLate: false, isReconnecting: true },
  { name: 'refusing', wire, isSpoiling: true, isLate: false, isReconnecting: false },
  { name: 'all at once', wire, isSpoiling: true, isLate: true, isReconnecting: true },
]);

test.each(PROFILES)('ADS-07 X-11 $name over $wire', (profile) => {
  const seeds = Math.ceil(STEPS / STEPS_PER_SEED / PROFILES.length);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed += 1) {
    const failure = simulate(seed, STEPS_PER_SEED, profile);
    expect(failure, `seed ${seed}, ${profile.name} over ${profile.wire}`).toBeNull();
  }
});
