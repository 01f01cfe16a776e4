import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openSchema } from '../../schema/index.ts';
import { ADS_SOURCE } from './ads-source.ts';

test('ENV-04 T-03 the bytes of the ConfigSource never change', () => {
  const set = readFileSync(new URL('../../../generated/envoy-1.40.0.pb.gz', import.meta.url));
  const schema = openSchema('1.40.0', gunzipSync(set));
  const { bytes, problems } = schema.encode('envoy.config.core.v3.ConfigSource', ADS_SOURCE);
  expect(problems).toEqual([]);
  // ads (field 3): empty; resource_api_version (field 6): V3. Other bytes are other subscriptions.
  expect(Buffer.from(bytes).toString('hex')).toBe('1a003002');
});
