import type { Origin, Span } from '../../base/index.ts';
import type { Json as Written, NativeDocument } from '../../model/index.ts';
import type { Ranked } from './order-words.ts';
import type { RouteOutcome } from './outcome.ts';

/** How a request is forwarded, and who says so. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly by: 'rule' | 'document' | 'default';
  readonly place: Span | null;
}

interface Places {
  readonly written: (origin: Origin) => Written | undefined;
  readonly place: (origin: Origin) => Span | null;
}

interface Of {
  readonly ranked: Ranked | null;
  readonly route: NativeDocument<'Route'> | null;
  readonly outcome: RouteOutcome;
}

/** Fields of a rule, or of its document for all of its rules. */
export function settingsOf(places: Places, { ranked, route, outcome }: Of): readonly Setting[] {
  if (outcome.kind !== 'forward') return [];
  const from = (name: string, value: string): Setting => ({
    name,
    value,
    ...sourceOf(places, name, { ranked, route }),
  });
  const { timeout, idleTimeout, retry, mirrors, upgrades } = outcome;
  const perTry = retry?.perTry ?? null;
  const retries =
    retry === null
      ? 'none'
      : `${retry.times} on ${retry.when}${perTry === null ? '' : `, ${perTry} each`}`;
  return [
    from('timeout', timeout ?? 'none'),
    ...(idleTimeout === null ? [] : [from('idleTimeout', idleTimeout)]),
    from('retry', retries),
    ...(upgrades.length === 0 ? [] : [from('websocket', upgrades.join(', '))]),
    ...mirrors.map(({ cluster, share }) => from('mirror', `${percent(share)} to ${cluster}`)),
  ];
}

/** `5%`, `33.3%`. */
const percent = (share: number): string => `${Number((share * 100).toFixed(1))}%`;

function sourceOf(
  { written, place }: Places,
  name: string,
  { ranked, route }: Pick<Of, 'ranked' | 'route'>,
): Pick<Setting, 'by' | 'place'> {
  if (ranked === null || route === null) return { by: 'default', place: null };
  const own = { doc: route.id, pointer: `${ranked.rule.pointer}/${name}` };
  if (written(own) !== undefined) return { by: 'rule', place: place(own) };
  const wide = { doc: route.id, pointer: `/${name}` };
  if (written(wide) !== undefined) return { by: 'document', place: place(wide) };
  return { by: 'default', place: null };
}
