import type { envoy } from '../../schema/index.ts';
import { typeUrl } from '../lower/type-url.ts';

/** Switches a filter on that has no message of its own for routes. */
export const SWITCHED_ON: envoy.Any = Object.freeze({
  '@type': typeUrl('envoy.config.route.v3.FilterConfig'),
  config: Object.freeze({}),
});

/** Lets nobody pass: no policy allows anything. */
export const DENY_ALL: envoy.Any = Object.freeze({
  '@type': typeUrl('envoy.extensions.filters.http.rbac.v3.RBAC'),
  rules: Object.freeze({ action: 'ALLOW' } as const),
});
