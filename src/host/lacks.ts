import { formatSpan, LIMITS, type Origin, type Span } from '../base/index.ts';
import { createLogLimit, type NodeView, reportPlace } from '../server/index.ts';
import { type Lack, typeRow } from '../snapshot/index.ts';
import type { Log } from './log.ts';

/** What nodes cannot take, with the lines that ask for it. */
export interface Lacks {
  /** Says it in the log, once for a fleet of one build. */
  take(view: NodeView): Promise<void>;
  /** Lines of the accepted texts. */
  locate(views: readonly NodeView[]): Promise<(lack: Lack) => Span | null>;
}

export interface LacksOptions {
  /** Null for a document that is no longer accepted. May reject. */
  readonly locate: (origins: readonly Origin[]) => Promise<readonly (Span | null)[]>;
  readonly log: Log;
  /** Wall clock, ms. */
  readonly wall: () => number;
}

export function createLacks({ locate, log, wall }: LacksOptions): Lacks {
  const limit = createLogLimit(wall);
  const spansOf = async (lacks: Iterable<Lack>): Promise<ReadonlyMap<Origin, Span | null>> => {
    const origins = [...new Set([...lacks].flatMap(({ origin }) => origin ?? []))];
    const found = await locate(origins).catch(() => []);
    return new Map(origins.map((origin, at) => [origin, found[at] ?? null]));
  };
  return {
    take: async ({ node, lacking }) => {
      const shown = shownOf(lacking).filter(({ resource, extension, through }) =>
        through === undefined
          ? limit.allows(`${resource.type} ${resource.name} ${resource.version} ${extension}`)
          : false,
      );
      const spans = await spansOf(shown);
      for (const lack of shown) {
        const span = (lack.origin === null ? null : spans.get(lack.origin)) ?? null;
        const { type, name } = lack.resource;
        const place = span === null ? '' : `${formatSpan(span)}  `;
        log.error(`${place}NODE_UNSUPPORTED  node ${node.id}: ${lackText(lack)}`, {
          event: 'unsupported',
          node: node.id,
          ...{ type, name, extension: lack.extension },
          origins: span === null ? [] : [reportPlace(span)],
        });
      }
    },
    locate: async (views) => {
      const spans = await spansOf(new Set(views.flatMap(({ lacking }) => shownOf(lacking))));
      return ({ origin }) => (origin === null ? null : (spans.get(origin) ?? null));
    },
  };
}

/** The first of them tell enough. */
export const shownOf = (lacks: readonly Lack[]): readonly Lack[] =>
  lacks.slice(0, LIMITS.diagnosticsMax);

/** `LDS web needs …`: what is wrong, and what to do. */
export function lackText({ resource, extension, through, needsDelta }: Lack): string {
  const subject = `${typeRow(resource.type).short} ${resource.name}`;
  if (through !== undefined) {
    return `${subject} waits with the listener "${through}", which needs ${extension}`;
  }
  if (needsDelta === true) {
    return (
      `${subject} needs ${extension}, which works over delta only, so it is not sent over this ` +
      'SotW stream; set `api_type: DELTA_GRPC` in the ads_config of its bootstrap, or keep it ' +
      'from this node'
    );
  }
  return (
    `${subject} needs ${extension}, which its Envoy has not built in, so it is not sent; ` +
    'run a build that has it, or keep it from this node'
  );
}
