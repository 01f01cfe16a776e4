import type { ClientId, Origin, Span } from '../base/index.ts';
import type { Fact, Rejection } from '../delivery/index.ts';
import type { NodeView } from '../server/index.ts';
import { createLogLimit, oneLine, reportPlace } from '../server/index.ts';
import { culprits, keyText, type Resource, typeRow } from '../snapshot/index.ts';
import type { Log } from './log.ts';
import { refusalText, suspectedPlaces } from './refusal-text.ts';

type RejectedFact = Extract<Fact, { kind: 'rejected' }>;

/** Which edits each refusal can come from. Bounded; what is forgotten is shown without lines. */
export interface Nacks {
  /** Remembers the origins and logs each refusal once, with its lines. */
  take(fact: RejectedFact): Promise<void>;
  /** Lines of the accepted texts, for each refusal of these nodes. */
  locate(views: readonly NodeView[]): Promise<(view: NodeView, r: Rejection) => readonly Span[]>;
}

export interface NacksOptions {
  readonly nodeOf: (client: ClientId) => string;
  /** Null for a document that is no longer accepted. May reject. */
  readonly locate: (origins: readonly Origin[]) => Promise<readonly (Span | null)[]>;
  readonly log: Log;
  /** Wall clock, ms. */
  readonly wall: () => number;
}

const REMEMBERED_MAX = 10_000;

interface Suspects {
  readonly origins: readonly Origin[];
  /** As they were when the refusal came. */
  spans: readonly (Span | null)[];
}

export function createNacks({ nodeOf, locate, log, wall }: NacksOptions): Nacks {
  const limit = createLogLimit(wall);
  /** Oldest first. */
  const known = new Map<string, Suspects>();
  const remember = (key: string, suspects: Suspects): void => {
    known.delete(key);
    known.set(key, suspects);
    for (const oldest of known.keys()) {
      if (known.size <= REMEMBERED_MAX) break;
      known.delete(oldest);
    }
  };
  return {
    take: async (fact) => {
      const node = nodeOf(fact.client);
      // All at once: who asks for the nodes meanwhile is told of each.
      const found = fact.rejections.map((rejection) => {
        const origins = suspectedPlaces(originsOf(fact, rejection), rejection.error.message);
        const suspects: Suspects = { origins, spans: [] };
        remember(keyOf(node, rejection), suspects);
        return { rejection, suspects };
      });
      await refresh(
        found.map(({ suspects }) => suspects),
        locate,
      );
      for (const { rejection, suspects } of found) {
        logOnce({ node, rejection, spans: present(suspects.spans) }, log, limit);
      }
    },
    locate: async (views) => {
      const wanted = views.flatMap((view) =>
        (view.report?.types ?? []).flatMap(({ rejections }) =>
          rejections.flatMap((r) => known.get(keyOf(view.node.id, r)) ?? []),
        ),
      );
      await refresh(wanted, locate);
      return (view, rejection) => present(known.get(keyOf(view.node.id, rejection))?.spans ?? []);
    },
  };
}

/** Only its own parts, where the refused resource is among those that the fact shows. */
function originsOf(fact: RejectedFact, { key, version }: Rejection): readonly Origin[] {
  const index = fact.refused.findIndex(
    (r: Resource) => r.type === key.type && r.name === key.name && r.version === version,
  );
  const refused = fact.refused[index];
  if (refused === undefined) return culprits(fact.refused, fact.before);
  return culprits([refused], [fact.before[index] ?? null]);
}

/** Asks for all in one go; where a document is gone, its last line stays. */
async function refresh(wanted: readonly Suspects[], locate: NacksOptions['locate']): Promise<void> {
  if (wanted.length === 0) return;
  const found = await locate(wanted.flatMap(({ origins }) => origins)).catch(() => []);
  let at = 0;
  for (const suspects of wanted) {
    const from = at;
    suspects.spans = suspects.origins.map((_, i) => found[from + i] ?? suspects.spans[i] ?? null);
    at += suspects.origins.length;
  }
}

const present = (spans: readonly (Span | null)[]): readonly Span[] =>
  spans.filter((span) => span !== null);

const keyOf = (node: string, { key, version }: Rejection): string =>
  `${keyText(key)}@${version} ${node}`;

interface Refusal {
  readonly node: string;
  readonly rejection: Rejection;
  readonly spans: readonly Span[];
}

/** A fleet refuses as one: the first node speaks for all, the metrics count them. */
function logOnce(
  { node, rejection, spans }: Refusal,
  log: Log,
  limit: { allows(key: string): boolean },
): void {
  const { key, version } = rejection;
  const words = oneLine(rejection.error.message);
  if (!limit.allows(`${keyText(key)}@${version} ${words}`)) return;
  const { short } = typeRow(key.type);
  log.error(`NACK  ${node}  ${short} ${key.name}: ${refusalText(words, spans)}`, {
    event: 'nack',
    node,
    type: key.type,
    name: key.name,
    version,
    error: words,
    origins: spans.map(reportPlace),
  });
}
