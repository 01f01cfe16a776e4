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
    ...shown(sourceOf(places, name, { ranked, route })),
  });
  /** What has no words of its own is shown as it is written. */
  const asWritten = (name: string): readonly Setting[] => {
    const found = sourceOf(places, name, { ranked, route });
    return found.by === 'default'
      ? []
      : [{ name, value: flowText(found.written), ...shown(found) }];
  };
  // A hedge retries, too.
  const retryField =
    sourceOf(places, 'retry', { ranked, route }).by === 'default' ? 'hedge' : 'retry';
  const { timeout, idleTimeout, retry, mirrors, upgrades } = outcome;
  const perTry = retry?.perTry ?? null;
  const retries =
    retry === null
      ? 'none'
      : `${retry.times} on ${retry.when}${perTry === null ? '' : `, ${perTry} each`}`;
  return [
    from('timeout', timeout ?? 'none'),
    ...(idleTimeout === null ? [] : [from('idleTimeout', idleTimeout)]),
    { ...from(retryField, retries), name: 'retry' },
    ...['hedge', 'rewrite', 'sticky'].flatMap(asWritten),
    ...(upgrades.length === 0 ? [] : [from('websocket', upgrades.join(', '))]),
    ...mirrors.map(({ cluster, share }) => from('mirror', `${percent(share)} to ${cluster}`)),
  ];
}

/** `5%`, `33.3%`. */
const percent = (share: number): string => `${Number((share * 100).toFixed(1))}%`;

interface Source extends Pick<Setting, 'by' | 'place'> {
  readonly written: Written;
}

const shown = ({ by, place }: Source): Pick<Setting, 'by' | 'place'> => ({ by, place });

function sourceOf(
  { written, place }: Places,
  name: string,
  { ranked, route }: Pick<Of, 'ranked' | 'route'>,
): Source {
  if (ranked === null || route === null) return DEFAULT;
  const own = { doc: route.id, pointer: `${ranked.rule.pointer}/${name}` };
  const wide = { doc: route.id, pointer: `/${name}` };
  const [narrow, broad] = [written(own), written(wide)];
  if (narrow !== undefined) return { by: 'rule', place: place(own), written: narrow };
  if (broad !== undefined) return { by: 'document', place: place(wide), written: broad };
  return DEFAULT;
}

const DEFAULT: Source = { by: 'default', place: null, written: null };

/** `{prefix: /v2}`: as YAML has it in one line. */
const flowText = (value: Written): string =>
  JSON.stringify(value)
    .replace(/"([\w/.-]+)":/g, '$1: ')
    .replace(/"([\w/.-]+)"/g, '$1')
    .replace(/,(?=\S)/g, ', ');
