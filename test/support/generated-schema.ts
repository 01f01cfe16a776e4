import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot, readPins } from '../../src/envoy/index.ts';
import { openSchema, type Schema } from '../../src/schema/index.ts';

/** The API of the default Envoy, as `npm run generate` read it out of the binary. */
export function openGenerated(): Schema {
  const version = readPins().default;
  const path = join(packageRoot(), 'generated', `envoy-${version}.pb.gz`);
  return openSchema(version, gunzipSync(readFileSync(path)));
}
