import { expect, test } from 'vitest';
import { httpFilters } from './http-filters.ts';

const names = (profile: number): readonly (string | undefined)[] =>
  httpFilters(profile, 'web').map(({ name }) => name);

test.each([
  [1, ['envoy.filters.http.router']],
  [
    2,
    [
      'helve.rateLimit.node/web',
      'helve.authorize.deny',
      'helve.jwt/web',
      'helve.authorize.allow',
      'envoy.filters.http.router',
    ],
  ],
])('profile %s never changes', (profile, wanted) => {
  expect(names(profile)).toEqual(wanted);
});

test('all filters of policies are disabled, and never optional', () => {
  for (const filter of httpFilters(2, 'web').slice(0, -1)) {
    expect(filter.disabled).toBe(true);
    expect(filter.is_optional).toBeUndefined();
    expect(filter.config_discovery?.apply_default_config_without_warming).toBeUndefined();
  }
});
