import type { Origin } from '../../base/index.ts';
import type { MaterialFile } from '../../model/index.ts';
import type { Finding } from '../lower/finding.ts';

/** Why a named file has no bytes. */
export const fileProblem = (file: MaterialFile | null, path: string, origin: Origin): Finding =>
  file?.kind === 'refused'
    ? { code: file.problem.code, message: file.problem.message, origin, related: [] }
    : {
        code: 'FILE_UNREADABLE',
        message: `${path} cannot be read; check that it exists`,
        origin,
        related: [],
      };
