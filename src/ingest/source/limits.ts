import { LIMITS } from '../../base/index.ts';

/** What the source may be at most. Tests lower these. */
export interface SourceLimits {
  /** Bytes of one document file. */
  readonly fileBytesMax: number;
  /** Bytes of all document files together. */
  readonly treeBytesMax: number;
  /** Files and folders under the source, documents or not; what is ignored does not count. */
  readonly treeFilesMax: number;
  /** Folders below the source. */
  readonly treeDepthMax: number;
  /** Bytes of one file that a document names. */
  readonly materialBytesMax: number;
}

export const SOURCE_LIMITS: SourceLimits = Object.freeze({
  fileBytesMax: LIMITS.fileBytesMax,
  treeBytesMax: LIMITS.treeBytesMax,
  treeFilesMax: LIMITS.treeFilesMax,
  treeDepthMax: LIMITS.treeDepthMax,
  materialBytesMax: LIMITS.materialBytesMax,
});
