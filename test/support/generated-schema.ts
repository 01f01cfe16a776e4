import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot, readPins } from '../../src/envoy/index.ts';
import { openSchema, parseFacts, type Schema } from '../../src/schema/index.ts';

/** The API of the default Envoy, with what older ones lack, as the program opens it. */
export function openGenerated(): Schema {
  const version = readPins().default;
  const path = join(packageRoot(), 'generated', `envoy-${version}.pb.gz`);
  const facts = parseFacts(readFileSync(join(packageRoot(), 'envoy', 'facts.json'), 'utf8'));
  return openSchema(version, gunzipSync(readFileSync(path)), facts);
}
