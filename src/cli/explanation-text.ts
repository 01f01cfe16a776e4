import { formatSpan, printable, type Span } from '../base/index.ts';
import type { Asked, Considered, Explanation, RuleName, Taken } from '../compile/index.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Rules of which the text says why they do not take a request; JSON has them all. */
const SHOWN_MAX = 10;

/** `helve explain route`, for people: where the request goes, then the rules around the one. */
export function explanationText(
  asked: Asked,
  explanation: Explanation,
  style: Style,
): readonly string[] {
  const { method, scheme, host, port, target } = asked;
  const url = `${scheme}://${host}${port === null ? '' : `:${port}`}${target}`;
  const title = style.strong(printable(`${method} ${url}`));
  if (explanation.kind === 'no-listener') return [title, style.bad(explanation.why)];
  const lines = formatRows(rowsOf(explanation), style);
  return [
    title,
    '',
    ...lines,
    ...(explanation.kind === 'routed' ? around(explanation, style) : []),
  ];
}

/** Label, what, note, place. */
type Row = readonly [label: string, what: string, note: string, place: string];

type Entered = Exclude<Explanation, { readonly kind: 'no-listener' }>;

function rowsOf(explanation: Entered): readonly Row[] {
  const { listener, why, chain } = explanation;
  const rows: Row[] = [
    ['listener', `${listener.name}  ${listener.address}`, why, placeOf(listener.place)],
  ];
  if (chain !== null) rows.push(['chain', chain.name === '' ? '-' : chain.name, chain.why, '']);
  if ('notes' in explanation)
    for (const note of explanation.notes) rows.push(['seen', note, '', '']);
  switch (explanation.kind) {
    case 'tcp':
      return [
        ...rows,
        ...explanation.clusters.map((name): Row => ['to', name, 'bytes, not requests', '']),
      ];
    case 'other':
      return [...rows, ['then', '?', explanation.why, '']];
    case 'answered':
      return [...rows, ['answer', String(explanation.status), explanation.why, '']];
    case 'no-host':
      return [...rows, ['answer', '404', 'no virtual host takes the host of the request', '']];
    case 'routed': {
      const { name, domain, rules } = explanation.host;
      const kind =
        domain === '*'
          ? 'takes what no other does'
          : domain.startsWith('*')
            ? 'the longest suffix'
            : 'the exact name';
      const count = `${kind}; ${rules} ${rules === 1 ? 'route' : 'routes'}`;
      rows.push([
        'host',
        domain,
        name === domain ? count : `${count}, as virtual host ${name}`,
        '',
      ]);
      const { taken } = explanation;
      if (taken === null) return [...rows, ['answer', '404', 'no rule takes it', '']];
      return [...rows, ...takenRows(taken)];
    }
  }
}

function takenRows(taken: Taken): readonly Row[] {
  const { outcome } = taken;
  const rule: Row = ['rule', `${ruleText(taken)}  ${taken.match}`, taken.key, placeOf(taken.place)];
  const policies = policyRows(taken.policies);
  switch (outcome.kind) {
    case 'redirect':
      return [
        rule,
        [
          'answer',
          String(outcome.status),
          outcome.location ?? 'a location that is not evaluated here',
          '',
        ],
        ...policies,
      ];
    case 'respond': {
      const body = outcome.body.length > 60 ? `${outcome.body.slice(0, 60)}…` : outcome.body;
      return [rule, ['answer', String(outcome.status), JSON.stringify(body), ''], ...policies];
    }
    case 'other':
      return [rule, ['then', '?', 'an action that is not evaluated here', ''], ...policies];
    case 'forward':
      return [
        rule,
        ...taken.targets.map((target): Row => {
          const { cluster, share, place, defined } = target;
          const host = target.host === null ? [] : [`host ${target.host}`];
          const own = target.policies.length === 0 ? [] : [`sets ${target.policies.join(', ')}`];
          const { refusing } = target;
          if (refusing.length > 0) own.push(`may refuse it by ${refusing.join(', ')}`);
          const from = defined === null ? [] : [`is ${placeOf(defined)}`];
          const note = [...host, ...own, ...from].join('; ');
          return ['to', `${cluster}  ${Number((share * 100).toFixed(1))}%`, note, placeOf(place)];
        }),
        [
          'path',
          outcome.path ?? '?',
          outcome.path === null
            ? 'a rewrite that is not evaluated here'
            : 'as the upstream gets it',
          '',
        ],
        ...(outcome.host === null ? [] : [['host to', outcome.host, '', ''] as const]),
        ...taken.settings.map(({ name, value, by, place }): Row => [
          name,
          value,
          by === 'rule' ? '' : by,
          placeOf(place),
        ]),
        ...policies,
      ];
  }
}

/** Last, those that may still keep the request from its target. */
function policyRows(policies: Taken['policies']): readonly Row[] {
  const rowOf = (policy: Taken['policies'][number]): Row => {
    const { key, isOff, by, named, isEnforced, refusals, place } = policy;
    const source = named === null ? by : `${by}, of policy "${named}"`;
    const enforced = isEnforced ? ', enforced' : '';
    if (refusals.length === 0) {
      return ['policy', isOff ? `${key}: none` : key, `${source}${enforced}`, placeOf(place)];
    }
    const answers = refusals.join(' or ');
    return ['may refuse', `${key}  with ${answers}`, `${source}${enforced}`, placeOf(place)];
  };
  const refusing = policies.filter(({ refusals }) => refusals.length > 0);
  return [...policies.filter((one) => !refusing.includes(one)), ...refusing].map(rowOf);
}

type Routed = Extract<Explanation, { readonly kind: 'routed' }>;

function around({ before, after }: Routed, style: Style): readonly string[] {
  const unsure = before.filter(({ takes }) => takes === null);
  // The sides of a rule match as it does, but for a cookie.
  const refused = before.filter(({ takes, isSide }) => takes === false && !isSide);
  // Where they are many, those that differ in more than the path are the telling ones.
  const near = refused.filter(({ why }) => !why.startsWith('the path is '));
  const shown = (refused.length > SHOWN_MAX ? near : refused).slice(-SHOWN_MAX);
  const rest = refused.length - shown.length;
  const more = `  and ${rest} more, of which -o json tells`;
  return [
    ...section(
      style.warn('may take it first, which cannot be said here'),
      unsure.slice(0, SHOWN_MAX),
      style,
    ),
    ...section('comes before, and does not take it', shown, style),
    ...(rest === 0 ? [] : [...(shown.length === 0 ? ['', 'comes before'] : []), style.faint(more)]),
    ...section('would take it too, and comes later', after.slice(0, SHOWN_MAX), style),
  ];
}

function section(title: string, rules: readonly Considered[], style: Style): readonly string[] {
  if (rules.length === 0) return [];
  const rows = rules.map((rule) => [
    `  ${ruleText(rule)}`,
    rule.match,
    rule.why,
    placeOf(rule.place),
  ]);
  return [
    '',
    title,
    ...aligned(
      rows.map((row) => row.map(printable)),
      style,
    ),
  ];
}

function ruleText({ rule, document, isSide }: RuleName): string {
  const name = document === null ? rule : `${rule} of ${document}`;
  return isSide ? `${name}, for those who come back` : name;
}

const placeOf = (place: Span | null): string => (place === null ? '' : formatSpan(place));

/** A label is said once for the rows that have it. */
function formatRows(rows: readonly Row[], style: Style): readonly string[] {
  const cells = rows.map(([label, ...others], at) => [
    label === rows[at - 1]?.[0] ? '' : label,
    ...others,
  ]);
  return aligned(
    cells.map((row) => row.map(printable)),
    style,
  );
}

/** Columns; what stands in the last one, places, is faint. */
function aligned(rows: readonly (readonly string[])[], style: Style): readonly string[] {
  const texts = rows.map((row) => row.slice(0, -1));
  const [head = [], ...others] = texts;
  return formatTable(
    [...head, '.'],
    others.map((row) => [...row, '.']),
  ).map((line, at) => {
    const place = rows[at]?.at(-1) ?? '';
    const text = line.slice(0, -1);
    return place === '' ? text.trimEnd() : `${text}${style.faint(place)}`;
  });
}
