import { join } from 'node:path';
import { hasPrivateKey } from '../base/index.ts';
import type { Files } from './files.ts';
import { MATERIAL, SECRET_OBJECTS } from './material.ts';
import { openObjects, type Objects } from './objects.ts';

/**
 * All objects of a state directory. Documents may hold a private key inline: those are kept in
 * the folder of the secrets, all others in `objects/`.
 */
export async function openGuardedObjects(files: Files, dir: string): Promise<Objects> {
  const plain = await openObjects(files, dir, 'objects');
  const secret = await openObjects(files, dir, join(MATERIAL, SECRET_OBJECTS));
  return {
    write: async (objects) => {
      const isSecret = new Set([...objects].filter(isSecretObject).map(([hash]) => hash));
      const pick = (wanted: boolean): ReadonlyMap<string, Uint8Array> =>
        new Map([...objects].filter(([hash]) => isSecret.has(hash) === wanted));
      if (isSecret.size > 0) await files.createFolder(join(dir, MATERIAL, SECRET_OBJECTS));
      return (await plain.write(pick(false))) + (await secret.write(pick(true)));
    },
    read: (hash) => (secret.has(hash) ? secret : plain).read(hash),
    has: (hash) => secret.has(hash) || plain.has(hash),
    keep: async (wanted) => {
      await plain.keep(wanted);
      await secret.keep(wanted);
    },
    forget: () => {
      plain.forget();
      secret.forget();
    },
  };
}

const isSecretObject = ([, bytes]: readonly [string, Uint8Array]): boolean =>
  hasPrivateKey(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
