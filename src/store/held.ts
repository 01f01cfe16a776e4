import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { NodeHeld } from '../snapshot/index.ts';
import { errorText, type Files } from './files.ts';
import { HELD, MATERIAL } from './material.ts';
import { replaceFile } from './replace-file.ts';
import { createSerial } from './serial.ts';

/**
 * What nodes still use and the accepted revision lacks. A file of its own beside the compiled
 * cache: it is small and changes between commits, and a failed write of it costs nothing else.
 */
export interface HeldFile {
  /** Empty where there is none; null where it is damaged. Rejects where it cannot be read now. */
  read(): Promise<readonly NodeHeld[] | null>;
  /** Replaces it; nothing held is no file. What went wrong, or null. */
  save(nodes: readonly NodeHeld[]): Promise<string | null>;
  idle(): Promise<void>;
}

export function openHeldFile(files: Files, dir: string): HeldFile {
  const path = join(MATERIAL, HELD);
  const serial = createSerial();
  const replace = async (nodes: readonly NodeHeld[]): Promise<string | null> => {
    try {
      if (nodes.length === 0) await files.remove(join(dir, path));
      else await replaceFile(files, dir, path, encodeHeld(nodes));
      return null;
    } catch (error) {
      return errorText(error);
    }
  };
  return {
    read: async () => {
      const bytes = await files.read(join(dir, path));
      return bytes === null ? [] : decodeHeld(bytes);
    },
    save: (nodes) => serial.run(() => replace(nodes)),
    idle: () => serial.idle(),
  };
}

/** A first line with the format, the nodes (what they share is written once), and a hash. */
function encodeHeld(nodes: readonly NodeHeld[]): readonly Uint8Array[] {
  const body = Buffer.concat([MAGIC, serialize(nodes)]);
  return [body, createHash('sha256').update(body).digest()];
}

/** Null where the bytes are damaged, foreign, or of another format. */
function decodeHeld(bytes: Buffer): readonly NodeHeld[] | null {
  const body = bytes.subarray(0, -HASH_BYTES);
  if (body.length < MAGIC.length || !body.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const expected = createHash('sha256').update(body).digest();
  if (!expected.equals(bytes.subarray(-HASH_BYTES))) return null;
  try {
    const nodes: unknown = deserialize(body.subarray(MAGIC.length));
    return Array.isArray(nodes) && nodes.every(isNodeHeld) ? nodes : null;
  } catch {
    // Written by a Node.js whose serialisation this one does not read.
    return null;
  }
}

const MAGIC = Buffer.from('helve-held 1\n');
const HASH_BYTES = 32;

// The hash proves that helve wrote it; this only tells its own formats apart.
const isNodeHeld = (value: unknown): value is NodeHeld =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'envoyVersion' in value &&
  'goneAt' in value &&
  'resources' in value &&
  Array.isArray(value.resources);
