/**
 * The candidate nearest to `word`, or null where none is near: a typo is at most a third of the
 * word (at least one edit) away. Compares without case; ties go to the first by text.
 */
export function nearestName(word: string, candidates: Iterable<string>): string | null {
  const typed = word.toLowerCase().slice(0, COMPARED_CHARS_MAX);
  let limit = Math.max(1, Math.floor(Math.max(typed.length, 3) / 3));
  let best: string | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    if (best === null || distance < limit || candidate < best) best = candidate;
    limit = distance;
  }
  return best;
}

/** `; did you mean "x"?`, or an empty text. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearestName(word, candidates);
  return near === null ? '' : `; did you mean "${near}"?`;
}

const COMPARED_CHARS_MAX = 200;

/** Optimal string alignment: a swap of two neighbours counts as one edit. Stops beyond `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let rowMin = i;
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(value);
      rowMin = Math.min(rowMin, value);
    }
    if (rowMin > limit) return limit + 1;
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}
