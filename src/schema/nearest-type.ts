import { nearestName } from '../base/index.ts';
import { shortName } from './json.ts';

const LENGTH_DIFFERENCE_MAX = 3;

/** The known type that a wrong name most likely means: same last part first, else a near text. */
export function nearestType(name: string, known: Iterable<string>): string | null {
  const all = [...known];
  const last = shortName(name).toLowerCase();
  const alike = all.filter((other) => shortName(other).toLowerCase() === last);
  if (alike.length === 1) return alike[0] ?? null;
  const candidates = (alike.length > 0 ? alike : all).filter(
    (other) => alike.length > 0 || Math.abs(other.length - name.length) <= LENGTH_DIFFERENCE_MAX,
  );
  return nearestName(name, candidates);
}
