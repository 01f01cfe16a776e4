import type { Requirement, Section } from './requirements.ts';

/** One test, as it was listed or as it ended. */
export interface TestResult {
  /** Relative to the root of the project. */
  readonly file: string;
  /** Titles from the outermost suite to the test, joined by ` > `. */
  readonly name: string;
  readonly isPassed: boolean;
}

/** A test that names a requirement. */
export interface Proof extends TestResult {
  /** `sotw`, `delta`, `sotw per type`, …; '' where the title names none. */
  readonly variant: string;
}

export interface Judged {
  readonly requirement: Requirement;
  readonly proofs: readonly Proof[];
  readonly state: 'met' | 'in part' | 'not met';
  /** What the table claims and no test shows. */
  readonly problems: readonly string[];
}

/** What the tests say of each requirement, in the order of the table. */
export function judge(
  sections: readonly Section[],
  tests: readonly TestResult[],
): readonly Judged[] {
  const byId = new Map<string, Proof[]>();
  for (const test of tests) {
    const proof = { ...test, variant: variantOf(test.name) };
    for (const id of namedBy(test, sections)) byId.set(id, [...(byId.get(id) ?? []), proof]);
  }
  return sections
    .flatMap(({ rows }) => rows)
    .map((requirement) => judgeOne(requirement, byId.get(requirement.id) ?? []));
}

/** Ids in titles that the table does not have, each with a test that says it. */
export function unknownIds(
  sections: readonly Section[],
  tests: readonly TestResult[],
): readonly string[] {
  const known = new Set(sections.flatMap(({ rows }) => rows.map(({ id }) => id)));
  return tests.flatMap(({ file, name }) =>
    idsIn(name, sections)
      .filter((id) => !known.has(id))
      .map((id) => `${id} is in no row: ${file}: ${name}`),
  );
}

/** The variant of the protocol that a title says it is about. */
export function variantOf(name: string): string {
  const [, alone] = /\((fetch|rest)\)/.exec(name) ?? [];
  const [, said = ''] = /\b(sotw|delta)\b(?!-\d)/i.exec(name) ?? [];
  if (alone !== undefined) return alone;
  const wire = said.toLowerCase();
  return wire !== '' && /\bper type\b/.test(name) ? `${wire} per type` : wire;
}

function judgeOne(requirement: Requirement, all: readonly Proof[]): Judged {
  const { id, gap, over } = requirement;
  const wires = new Set(over.map(wireOf));
  const isAbout = ({ variant }: Proof): boolean => variant === '' || wires.has(wireOf(variant));
  const proofs = over.length === 0 ? all : all.filter(isAbout);
  const passed = proofs.filter(({ isPassed }) => isPassed);
  const state = gap === null ? 'met' : passed.length > 0 ? 'in part' : 'not met';
  const problems = proofs
    .filter(({ isPassed }) => !isPassed)
    .map(({ file, name }) => `${id}: did not pass: ${file}: ${name}`);
  if (gap === null && passed.length === 0) problems.push(`${id} is claimed, and no test names it`);
  const lacking = over.filter((one) => !passed.some(({ variant }) => variant === one));
  if (gap === null && passed.length > 0 && lacking.length > 0) {
    problems.push(`${id} is claimed, and no test names it over ${lacking.join(', ')}`);
  }
  return { requirement, proofs, state, problems };
}

/** `sotw per type` is of the wire `sotw`. */
const wireOf = (variant: string): string => variant.split(' ')[0] ?? '';

function namedBy(test: TestResult, sections: readonly Section[]): ReadonlySet<string> {
  const cases = sections
    .flatMap(({ rows }) => rows)
    .filter(({ by }) => by.some((path) => isCase(test, path)));
  return new Set([...idsIn(test.name, sections), ...cases.map(({ id }) => id)]);
}

const SUITES: Readonly<Record<string, string>> = {
  samples: 'test/samples/samples.test.ts',
  golden: 'test/golden/golden.test.ts',
};

function isCase({ file, name }: TestResult, path: string): boolean {
  const [suite = '', title = ''] = path.split('/');
  return SUITES[suite] === file && title === name;
}

function idsIn(name: string, sections: readonly Section[]): readonly string[] {
  const prefixes = sections.map(({ prefix }) => prefix).join('|');
  return name.match(new RegExp(`(?<![\\w-])(?:${prefixes})-\\d+(?![\\w-])`, 'g')) ?? [];
}
