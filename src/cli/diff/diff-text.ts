import { formatSpan, printable, type Span } from '../../base/index.ts';
import type { Json } from '../../model/index.ts';
import type { Style } from '../style.ts';
import { formatTable } from '../table.ts';
import type { DocumentChange, MaterialChange } from './document-diff.ts';
import { shortType, type GroupDiff, type TypeDiff } from './wire-diff.ts';

export interface FolderDiff {
  readonly documents: readonly DocumentChange[];
  readonly material: readonly MaterialChange[];
  readonly groups: readonly GroupDiff[];
}

export const isEmptyDiff = ({ documents, material, groups }: FolderDiff): boolean =>
  documents.length + material.length === 0 &&
  groups.every(({ types, drains }) => types.length + drains.length === 0);

/** `helve diff`, for people: documents and their fields, then what nodes get, then what drains. */
export function diffText(diff: FolderDiff, style: Style): readonly string[] {
  if (isEmptyDiff(diff)) return ['no difference'];
  return [
    ...diff.documents.flatMap((one) => documentLines(one, style)),
    ...diff.material.map(({ name, before, after }) =>
      printable(`~ material ${name}  ${before ?? 'none'} → ${after ?? 'none'}`),
    ),
    ...groupLines(diff.groups, style),
  ];
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function documentLines(
  { change, document, place, fields }: DocumentChange,
  style: Style,
): readonly string[] {
  const paint = { added: style.good, removed: style.bad, changed: style.warn }[change];
  const title = style.strong(printable(document));
  const head = `${paint(SIGNS[change])} ${title}${placed(place, style)}`;
  const rows = fields.map(({ path, before, after }) => [`    ${path}`, changeText(before, after)]);
  const [first, ...others] = rows.map((row) => row.map(printable));
  if (first === undefined) return [head];
  const lines = formatTable(first, others);
  const width = Math.max(...lines.map((line) => line.length));
  return [
    head,
    ...lines.map((line, at) => `${line.padEnd(width)}${placed(fields[at]?.place ?? null, style)}`),
  ];
}

function placed(place: Span | null, style: Style): string {
  return place === null ? '' : `  ${style.faint(formatSpan(place))}`;
}

function changeText(before: Json | undefined, after: Json | undefined): string {
  if (before === undefined) return `+ ${valueText(after)}`;
  if (after === undefined) return `- ${valueText(before)}`;
  return `${valueText(before)} → ${valueText(after)}`;
}

const VALUE_CHARS_MAX = 60;

function valueText(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

/** Groups that get the same are told together. */
function groupLines(groups: readonly GroupDiff[], style: Style): readonly string[] {
  const byText = new Map<string, { readonly lines: readonly string[]; readonly names: string[] }>();
  for (const { group, ...diff } of groups) {
    const known = byText.get(JSON.stringify(diff));
    const name = group === '' ? 'nodes in no group' : `nodes of ${group}`;
    if (known !== undefined) known.names.push(name);
    else
      byText.set(JSON.stringify(diff), {
        lines: wireLines({ group, ...diff }, style),
        names: [name],
      });
  }
  return [...byText.values()].flatMap(({ lines, names }) => [
    '',
    style.strong(printable(names.join(', '))),
    ...lines,
  ]);
}

function wireLines({ types, drains }: GroupDiff, style: Style): readonly string[] {
  if (types.length === 0) return ['  get nothing new'];
  const rows = types.flatMap(typeRows);
  const [first = [], ...others] = rows.map((row) => row.map(printable));
  const drained = drains.map(({ listener, chain, why }) => {
    const what = chain === null ? `the listener ${listener}` : `the chain ${chain} of ${listener}`;
    return printable(`  ${what} drains: ${why}`);
  });
  return [
    ...formatTable(first, others),
    ...(drained.length === 0 ? [style.good('  no listener drains')] : drained.map(style.bad)),
  ];
}

const NAMES_MAX = 8;

function typeRows({ type, added, removed, changed }: TypeDiff): readonly (readonly string[])[] {
  const names = [
    ...added.map((name) => `+${name}`),
    ...changed.map(
      ({ name, rules }) => `~${name}${rules === null ? '' : ` (${rulesText(rules)})`}`,
    ),
    ...removed.map((name) => `-${name}`),
  ];
  const rest = names.length - NAMES_MAX;
  const shown = names.slice(0, NAMES_MAX).join('  ');
  const note = type === 'Cluster' && changed.length > 0 ? '; changed ones connect anew' : '';
  return [[`  ${shortType(type)}`, `${shown}${rest > 0 ? `  and ${rest} more` : ''}${note}`]];
}

type Rules = NonNullable<TypeDiff['changed'][number]['rules']>;

function rulesText({ added, changed, removed }: Rules): string {
  const parts = Object.entries({ added, changed, removed })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`);
  return parts.length === 0 ? 'hosts or order' : `rules: ${parts.join(', ')}`;
}
