import { lstat, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { diagnostic, hashBytes, type Span } from '../../base/index.ts';
import { variableIn } from '../../model/index.ts';
import { errnoOf, errnoText } from './errno.ts';
import type { NamedMaterial } from './generation.ts';
import { NOT_REGULAR, readRegular, tooLarge, type ReadFault } from './read.ts';
import { isWithin, type Roots } from './roots.ts';
import { isRacy, isSameStamp, stampOf, type Stamp } from './stamp.ts';

/** A file that is to be read because documents name it. */
export interface WantedFile {
  /** As the documents give it: relative to the source, or absolute. */
  readonly path: string;
  /** The place that names it, for findings. */
  readonly where: () => Span | null;
}

export interface MaterialOptions {
  readonly rootReal: string;
  readonly roots: Roots;
  readonly bytesMax: number;
  /** An environment variable, as it was when helve was started. */
  readonly variable: (name: string) => string | undefined;
  /** Wall clock, ms. */
  readonly wall: () => number;
}

/** Reads a named file, unless `known` shows it as it still is. Null: it changed meanwhile. */
export async function readMaterial(
  options: MaterialOptions,
  wanted: WantedFile,
  known: NamedMaterial | null,
): Promise<NamedMaterial | null> {
  const variable = variableIn(wanted.path);
  if (variable !== null) return readVariable(options, wanted, variable, known);
  const place = await placeOf(options, wanted.path);
  if (place.kind === 'fault') return refused(wanted, place.real, place.fault, known);
  const { real, stamp } = place;
  if (known !== null && isUnchanged(known, real, stamp)) return known;
  const readAt = options.wall();
  const result = readRegular(real, options.bytesMax);
  if (result.kind === 'moved') return null;
  if (result.kind === 'fault') return refused(wanted, real, result.fault, known);
  if (!isSameStamp(result.stamp, stamp)) return null;
  const hash = hashBytes(result.bytes);
  const isStill = known?.real === real && known.file.kind === 'read' && known.file.hash === hash;
  const isExposedKey = (stamp.mode & OTHERS_READ) !== 0 && isPrivateKey(result.bytes);
  return {
    file: isStill ? known.file : { kind: 'read', path: wanted.path, hash, bytes: result.bytes },
    real,
    stamp,
    // A change of its mode is told like one of its bytes: the warning comes and goes with it.
    content: isExposedKey ? `${hash} exposed` : hash,
    isRacy: isRacy(stamp, readAt),
    isExposedKey,
  };
}

/** A variable cannot change while helve runs, so that nothing watches it. */
function readVariable(
  { variable, bytesMax }: MaterialOptions,
  wanted: WantedFile,
  name: string,
  known: NamedMaterial | null,
): NamedMaterial {
  const value = variable(name);
  if (value === undefined) return refused(wanted, '', unset(name), known);
  const bytes = Buffer.from(value);
  if (bytes.length > bytesMax) return refused(wanted, '', tooLarge(bytes.length, bytesMax), known);
  const hash = hashBytes(bytes);
  if (known?.file.kind === 'read' && known.file.hash === hash) return known;
  const file = { kind: 'read' as const, path: wanted.path, hash, bytes };
  return { file, real: '', stamp: null, content: hash, isRacy: false, isExposedKey: false };
}

const unset = (name: string): ReadFault => ({
  code: 'VAR_UNDEFINED',
  message: `the environment variable ${name} is not set; set it where helve is started`,
});

/** Whether the file still stands as it was read: the second look at it. */
export async function isMaterialStill(
  options: MaterialOptions,
  path: string,
  read: NamedMaterial,
): Promise<boolean> {
  if (variableIn(path) !== null) return true;
  const place = await placeOf(options, path);
  if (place.kind === 'fault') return read.content === faultKey(place.fault);
  return read.real === place.real && read.stamp !== null && isSameStamp(read.stamp, place.stamp);
}

const OTHERS_READ = 0o004;

const isPrivateKey = (bytes: Buffer): boolean => bytes.includes('PRIVATE KEY-----');

const isUnchanged = (known: NamedMaterial, real: string, stamp: Stamp): boolean =>
  known.stamp !== null && !known.isRacy && known.real === real && isSameStamp(known.stamp, stamp);

type Place =
  | { readonly kind: 'found'; readonly real: string; readonly stamp: Stamp }
  | { readonly kind: 'fault'; readonly real: string; readonly fault: ReadFault };

async function placeOf(options: MaterialOptions, path: string): Promise<Place> {
  const absolute = resolve(options.rootReal, path);
  try {
    const real = await realpath(absolute);
    if (!isWithin(options.roots, real)) return { kind: 'fault', real, fault: escape(real) };
    const stats = await lstat(real);
    if (!stats.isFile()) {
      return { kind: 'fault', real, fault: { code: 'FILE_NOT_REGULAR', message: NOT_REGULAR } };
    }
    const isTooLarge = stats.size > options.bytesMax;
    if (isTooLarge) return { kind: 'fault', real, fault: tooLarge(stats.size, options.bytesMax) };
    return { kind: 'found', real, stamp: stampOf(stats) };
  } catch (error) {
    const isLoop = errnoOf(error) === 'ELOOP';
    // What lies outside is not even looked for: its absence would be told otherwise.
    const isOutside = !isLoop && !isWithin(options.roots, absolute);
    if (isOutside) return { kind: 'fault', real: '', fault: escape(absolute) };
    return { kind: 'fault', real: '', fault: isLoop ? LOOP : missing(error) };
  }
}

const LOOP: ReadFault = {
  code: 'PATH_LOOP',
  message: 'symbolic links form a loop; break the loop',
};

const missing = (error: unknown): ReadFault => ({
  code: 'FILE_UNREADABLE',
  message: `${errnoText(error)}; check the path and its permissions`,
});

const escape = (real: string): ReadFault => ({
  code: 'PATH_ESCAPE',
  message: `${real} is outside the source; move the file, or use --allow-path`,
});

const faultKey = (fault: ReadFault): string => `${fault.code} ${fault.message}`;

function refused(
  wanted: WantedFile,
  real: string,
  fault: ReadFault,
  known: NamedMaterial | null,
): NamedMaterial {
  const { path } = wanted;
  const span = wanted.where();
  const words = variableIn(path) === null ? `${path}: ${fault.message}` : fault.message;
  const problem = diagnostic(fault.code, words, { span });
  const content = faultKey(fault);
  const was = known?.file.kind === 'refused' ? known.file.problem.span : undefined;
  const isStill = known?.content === content && isSameSpan(was ?? null, span);
  const file = isStill ? known.file : { kind: 'refused' as const, path, problem };
  return { file, real, stamp: null, content, isRacy: false, isExposedKey: false };
}

const isSameSpan = (a: Span | null, b: Span | null): boolean =>
  a?.file === b?.file && a?.line === b?.line && a?.col === b?.col;
