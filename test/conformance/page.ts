import type { Judged, Proof } from './proofs.ts';
import type { Section } from './requirements.ts';

/** `docs/conformance.md`. */
export function conformancePage(sections: readonly Section[], judged: readonly Judged[]): string {
  const byId = new Map(judged.map((one) => [one.requirement.id, one]));
  const tables = sections.map(({ prefix, title, rows }) => {
    const lines = rows.flatMap(({ id }) => {
      const one = byId.get(id);
      return one === undefined ? [] : [rowOf(one)];
    });
    return [`## ${prefix}: ${title}`, '', ...HEAD, ...lines, ''].join('\n');
  });
  return [INTRODUCTION, ...tables].join('\n');
}

const INTRODUCTION = `# Conformance

What the xDS protocol, and the Envoys that speak it, ask of a control plane: what helve does of it, and
which tests show it. \`npm test\` runs those tests and fails where this page says anything else than they
do: where a row is claimed and none of its tests passes, in each variant that it must hold in, or where
a test names a row that is not here. The rows stand in [a table](../test/conformance/requirements.yaml);
a test names those that it proves in its title; \`npm run conformance\` writes the page.

*met*: it has tests, and all of them pass. *in part*, *not met*: with the reason. Variants are SotW and
delta, on ADS unless said otherwise; a test that says none is about both, or about no wire.
`;

const HEAD = ['| id | what | variants | tests | state |', '|---|---|---|---|---|'];

/** Tests of one row that are named; the others are counted. */
const TESTS_MAX = 4;

function rowOf({ requirement, proofs, state }: Judged): string {
  const { id, says, gap } = requirement;
  const isFailing = proofs.some(({ isPassed }) => !isPassed);
  const verdict = isFailing ? 'FAILED' : gap === null ? state : `${state}: ${gap}`;
  const cells = [id, says, variantsOf(proofs), testsOf(proofs), verdict];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const VARIANTS: Readonly<Record<string, string>> = {
  sotw: 'SotW',
  delta: 'delta',
  'sotw per type': 'SotW per type',
  'delta per type': 'delta per type',
  fetch: 'Fetch',
  rest: 'REST',
};

function variantsOf(proofs: readonly Proof[]): string {
  const found = new Set(proofs.map(({ variant }) => variant));
  return Object.entries(VARIANTS)
    .filter(([variant]) => found.has(variant))
    .map(([, shown]) => shown)
    .join(', ');
}

function testsOf(proofs: readonly Proof[]): string {
  const lines = proofs.map(({ file, name }) => {
    const shown = file.split('/').at(-1)?.replace('.test.ts', '') ?? file;
    return `[${shown}](../${file}): ${escaped(titleOf(name))}`;
  });
  const all = [...new Set(lines)].sort();
  const rest = all.length - TESTS_MAX;
  return [...all.slice(0, TESTS_MAX), ...(rest > 0 ? [`and ${rest} more`] : [])].join('<br>');
}

/** A title without the ids and the variant, which have columns of their own. */
const titleOf = (name: string): string =>
  name
    .replaceAll(/\b[A-Z]+-\d+\b ?/g, '')
    .replaceAll(/(,| over)? \(?'?(sotw|delta)'?(, per type)?\)?(?= >|$)/gi, '')
    .replaceAll(/ \((fetch|rest)\)/g, '')
    .replaceAll(' > ', ': ')
    .trim();

/** Code spans stay as they are. */
const escaped = (text: string): string =>
  text.replaceAll(/`[^`]*`|[*_<[\]]/g, (found) => (found.length > 1 ? found : `\\${found}`));
