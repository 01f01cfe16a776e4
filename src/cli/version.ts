import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '../base/index.ts';
import { packageRoot } from '../envoy/index.ts';

/** helve's version, from its package.json. */
export function helveVersion(): string {
  const value: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const isObject = typeof value === 'object' && value !== null && 'version' in value;
  const version = isObject ? value.version : null;
  invariant(typeof version === 'string', 'package.json is damaged; install helve again');
  return version;
}
