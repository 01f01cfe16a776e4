import type { Difference } from '../schema/index.ts';
import type { Style } from './style.ts';

type NamesBy = Difference['rules'];

/** How two Envoys differ, for people: a summary, then sections; no section for nothing. */
export function schemaDiffText(difference: Difference, style: Style): readonly string[] {
  const { from, to, added, removed, deprecated, rules } = difference;
  const sections = [
    section('added', '+', style.good, [
      ...added.messages,
      ...lines(added.fields),
      ...lines(added.values),
    ]),
    section('removed', '-', style.bad, [
      ...removed.messages,
      ...lines(removed.fields),
      ...lines(removed.values),
    ]),
    section('deprecated', '~', style.warn, [
      ...lines(deprecated.fields),
      ...lines(deprecated.values),
    ]),
    section('validated by other rules', '!', style.warn, lines(rules)),
  ].flat();
  const counts =
    `added ${countOf(added)}, removed ${countOf(removed)}, ` +
    `deprecated ${countOf({ messages: [], ...deprecated })}, other rules ${sizeOf(rules)}`;
  return [style.strong(`Envoy ${from} → ${to}`), counts, ...sections];
}

function section(
  title: string,
  sign: string,
  mark: (text: string) => string,
  names: readonly string[],
): readonly string[] {
  if (names.length === 0) return [];
  return ['', title, ...[...names].sort().map((name) => `  ${mark(sign)} ${name}`)];
}

/** `envoy.config.route.v3.RouteMatch: cookies, filter_state`. */
const lines = (names: NamesBy): readonly string[] =>
  Object.entries(names).map(([owner, members]) => `${owner}: ${members.join(', ')}`);

const countOf = ({ messages, fields, values }: Difference['added']): number =>
  messages.length + sizeOf(fields) + sizeOf(values);

const sizeOf = (names: NamesBy): number =>
  Object.values(names).reduce((sum, members) => sum + members.length, 0);
