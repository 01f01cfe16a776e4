import { shortName } from './json.ts';
import type { Place } from './place.ts';
import type { Need } from './types.ts';

/** Places that are kept of one thing: an example is enough, but each thing must be told. */
const PLACES_MAX = 10;

const NO_NEEDS: readonly Need[] = Object.freeze([]);

/** Collects what one walk met that not every pinned Envoy takes. Mostly nothing. */
export class NeedList {
  #needs: Need[] | null = null;
  #places: Map<string, number> | null = null;

  field(message: string, field: string, since: string, place: Place): void {
    const words = `"${field}" of ${shortName(message)} exists since Envoy ${since}`;
    this.#add(words, since, place, { isKey: true });
  }

  value(label: string, name: string, since: string, place: Place): void {
    this.#add(`${label} is ${name}, which exists since Envoy ${since}`, since, place);
  }

  type(message: string, since: string, place: Place): void {
    this.#add(`${message} exists since Envoy ${since}`, since, place);
  }

  /** `words` of a rule that only older Envoys have. */
  rule(what: string, words: string, { since, place }: { since: string; place: Place }): void {
    const [wrong = words] = words.split('; ');
    this.#add(`${what} ${wrong}, which Envoy takes since ${since}`, since, place);
  }

  finish(): readonly Need[] {
    return this.#needs ?? NO_NEEDS;
  }

  #add(message: string, since: string, place: Place, key: Pick<Need, 'isKey'> = {}): void {
    this.#places ??= new Map();
    const count = this.#places.get(message) ?? 0;
    if (count === PLACES_MAX) return;
    this.#places.set(message, count + 1);
    (this.#needs ??= []).push({ pointer: place.pointer, message, since, ...key });
  }
}
