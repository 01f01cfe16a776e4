import { printable } from '../base/index.ts';
import type { NodeReport } from '../server/index.ts';
import { isTooOld } from './node-state.ts';
import { placeText } from './place-text.ts';
import type { Style } from './style.ts';

interface NodeLinesView {
  readonly style: Style;
  /** Prints each. Default false: the first of a kind, and how many more there are. */
  readonly all?: boolean;
  /** What prints each: `--all`. */
  readonly allBy: string;
}

/** What is said below a table of nodes: what is the same for many is said once, and for whom. */
interface Note {
  readonly id: string;
  /** Its lines, for these nodes. */
  readonly say: (ids: string) => readonly string[];
}

/** Refusals in Envoy's words, with the edits that they can come from. */
export function nackLines(nodes: readonly NodeReport[], view: NodeLinesView): readonly string[] {
  const notes = nodes.flatMap(({ id, types }) =>
    types.flatMap(({ type, rejected, error, nacked }): readonly Note[] => {
      const isUnnamed = rejected.length === 0 && error !== null && nacked !== '';
      return [
        ...(isUnnamed ? [{ id, say: nack(view.style, type, error) }] : []),
        ...rejected.map((one) => {
          const say = nack(view.style, `${type} ${one.name}`, one.error);
          const from = one.origins.map((origin) => `      from ${placeText(origin)}`);
          return { id, say: (ids: string) => [...say(ids), ...from] };
        }),
      ];
    }),
  );
  return merged(notes, view, 'refusals');
}

const nack =
  (style: Style, what: string, error: string): Note['say'] =>
  (ids) => [[style.bad('NACK'), ids, printable(what), printable(error)].join('  ')];

/** Nodes that get nothing new, and what to do. */
export function tooOldLines(nodes: readonly NodeReport[], view: NodeLinesView): readonly string[] {
  const notes = nodes.filter(isTooOld).map(({ id, envoyVersion, floorMissed, groups }): Note => {
    const who = groups.length === 0 ? 'helve.yaml' : groups.map(printable).join(', ');
    const version = printable(envoyVersion);
    const floor = printable(floorMissed ?? '');
    return {
      id,
      say: (ids) => [
        `${view.style.bad('TOO OLD')}  ${ids}  Envoy ${version} is older than ${floor} ` +
          `(\`envoy:\` of ${who}): nothing new is sent; upgrade, or lower the floor`,
      ],
    };
  });
  return merged(notes, view, 'versions that are too old');
}

/** Answers that are withheld, and what for: one cluster that does not warm is enough. */
export function waitLines(nodes: readonly NodeReport[], view: NodeLinesView): readonly string[] {
  const notes = nodes.flatMap(({ id, types }) =>
    types.flatMap(({ type, waitsFor }): readonly Note[] => {
      if (waitsFor.length === 0) return [];
      const say = (ids: string) => [
        [ids, `${type} waits for`, printable(waitsFor.join(', '))].join('  '),
      ];
      return [{ id, say }];
    }),
  );
  return merged(notes, view, 'that wait');
}

/** Several Envoys of one id. One connection more is there for a moment where one was cut. */
export function doubleLines(nodes: readonly NodeReport[], view: NodeLinesView): readonly string[] {
  const notes = nodes
    .filter(({ connections }) => connections > 2)
    .map(({ id, connections }): Note => {
      const text = `${connections} connections share this id; give each Envoy its own`;
      return { id, say: (ids) => [`${ids}  ${text}`] };
    });
  return merged(notes, view, 'shared ids');
}

/**
 * What nodes are not sent, since their build cannot take it. The tables of such listeners wait with
 * them, and are not told.
 */
export function unsupportedLines(
  nodes: readonly NodeReport[],
  view: NodeLinesView,
): readonly string[] {
  const notes = nodes.flatMap(({ id, connected, unsupported }) =>
    (connected ? unsupported : [])
      .filter(({ through }) => through === null)
      .map(({ message, origin }): Note => {
        const from = origin === null ? '' : `${placeText(origin)}  `;
        const text = `${view.style.bad('NODE_UNSUPPORTED')}  ${from}${printable(message)}`;
        return { id, say: (ids) => [text, `      on ${ids}`] };
      }),
  );
  return merged(notes, view, 'that a build cannot take');
}

const NOTES_SHOWN = 20;
const IDS_SHOWN = 5;

function merged(
  notes: readonly Note[],
  { style, all = false, allBy }: NodeLinesView,
  what: string,
): readonly string[] {
  const found = new Map<string, { readonly say: Note['say']; readonly ids: Set<string> }>();
  for (const { id, say } of notes) {
    const text = say('').join('\n');
    const known = found.get(text) ?? { say, ids: new Set() };
    found.set(text, known);
    known.ids.add(id);
  }
  const shown = all ? [...found.values()] : [...found.values()].slice(0, NOTES_SHOWN);
  const rest = found.size - shown.length;
  const more = `and ${rest} more ${what}; ${allBy} shows them`;
  return [
    ...shown.flatMap(({ say, ids }) => say(idsText([...ids]))),
    ...(rest === 0 ? [] : [style.faint(more)]),
  ];
}

function idsText(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_SHOWN).map(printable).join(', ');
  return ids.length <= IDS_SHOWN ? shown : `${shown} and ${ids.length - IDS_SHOWN} more`;
}
