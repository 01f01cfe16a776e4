import type { envoy } from '../../schema/index.ts';

/**
 * The one ConfigSource that helve writes. Envoy tells subscriptions apart by its bytes, so that any
 * other spelling would make every listener and cluster fetch its children anew.
 */
export const ADS_SOURCE = Object.freeze({
  ads: Object.freeze({}),
  resource_api_version: 'V3',
} as const satisfies envoy.ConfigSource);
