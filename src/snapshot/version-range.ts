/** Versions such as `1.40` or `1.40.2`. */
export interface VersionRange {
  readonly from?: string;
  readonly below?: string;
}

/** A client that says no version is in no range: `C-core 1.62.0` is 1.62.0. */
export function isWithin(range: VersionRange | undefined, said: string): boolean {
  if (range === undefined) return true;
  const version = tripleOf(said);
  if (version === null) return false;
  const [from, below] = boundsOf(range);
  return compare(version, from) >= 0 && compare(version, below) < 0;
}

/** Whether some version is in both. One from 2 and below 1 meets none. */
export function doRangesMeet(a: VersionRange, b: VersionRange): boolean {
  const [fromA, belowA] = boundsOf(a);
  const [fromB, belowB] = boundsOf(b);
  const from = compare(fromA, fromB) < 0 ? fromB : fromA;
  const below = compare(belowA, belowB) < 0 ? belowA : belowB;
  return compare(from, below) < 0;
}

type Triple = readonly [major: number, minor: number, patch: number];

const FIRST: Triple = [0, 0, 0];
const LAST: Triple = [Infinity, 0, 0];

const boundsOf = ({ from, below }: VersionRange): readonly [Triple, Triple] => [
  tripleOf(from) ?? FIRST,
  tripleOf(below) ?? LAST,
];

function tripleOf(text: string | undefined): Triple | null {
  const found = /(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/.exec(text ?? '');
  return found === null ? null : [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

const compare = (a: Triple, b: Triple): number => {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
};
