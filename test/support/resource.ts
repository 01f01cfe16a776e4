import { version } from '../../src/base/index.ts';
import { NO_TRAITS, type Resource, type TypeId } from '../../src/snapshot/index.ts';

/** A resource that refers to nothing, with bytes that no Envoy would read. */
export const resource = (name: string, at = '1', type: TypeId = 'Cluster'): Resource => ({
  type,
  name,
  version: version(`${name}@${at}`),
  bytes: Buffer.from(name),
  refs: [],
  parts: [],
  secret: type === 'Secret',
  traits: NO_TRAITS,
});
