import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../src/envoy/provision.ts';
import { run } from '../../../src/envoy/run.ts';

const VERSION = '1.85.3';
const INSTALL_MS_MAX = 600_000;

/**
 * The folder that `import grpc` finds gRPC's C core in: the pinned package, fetched with pip into
 * the cache once for each Python.
 */
export async function ensureGrpcio(): Promise<string> {
  const python = await run('python3', ['-c', 'import sys; print(sys.implementation.cache_tag)']);
  if (python.code !== 0) throw new Error('python3 with pip is needed: it runs a client of gRPC');
  const folder = join(cacheFolder(), 'grpcio', `${VERSION}-${python.stdout.trim()}`);
  const isThere = await access(join(folder, 'grpc')).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const work = `${folder}.${process.pid}.tmp`;
  await mkdir(work, { recursive: true });
  const args = ['install', '--quiet', '--no-input', '--only-binary=:all:', '--target', work];
  const pip = await run('python3', ['-m', 'pip', ...args, `grpcio==${VERSION}`], {
    timeoutMs: INSTALL_MS_MAX,
  });
  if (pip.code !== 0) {
    await rm(work, { recursive: true, force: true });
    throw new Error(`grpcio ${VERSION} cannot be had with pip: ${pip.stderr.slice(-500)}`);
  }
  await rename(work, folder);
  return folder;
}
