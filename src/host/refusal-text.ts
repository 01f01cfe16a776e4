import { formatSpan, type Origin, type Span } from '../base/index.ts';

/** A port that somebody else has is no mistake of the document's, but its `port:` is the cure. */
const TAKEN = /cannot bind '([^']+)': Address already in use/;

/** Where to look for what a refusal can come from: of a port that is taken, at its field. */
export function suspectedPlaces(origins: readonly Origin[], words: string): readonly Origin[] {
  if (!TAKEN.test(words)) return origins;
  return origins.map(({ doc, pointer }) => ({ doc, pointer: `${pointer}/port` }));
}

/** Envoy's words with the edits that they can come from, or what they mean where that is known. */
export function refusalText(words: string, spans: readonly Span[]): string {
  const taken = TAKEN.exec(words)?.[1];
  if (taken === undefined) {
    return spans.length === 0 ? words : `${words}; from ${spans.map(formatSpan).join(', ')}`;
  }
  const places = spans.map(({ file, line }) => `${file}:${line}`);
  const where = places.length === 0 ? '' : ` (${places.join(', ')})`;
  return `${taken} is in use; change \`port:\`${where}`;
}
