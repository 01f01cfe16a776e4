import {
  NO_CONDITIONS,
  type CertificateCondition,
  type ClaimCondition,
  type Conditions,
  type RuleMatch,
  type ValueCondition,
} from '../../model/index.ts';

/** Whether every request that has the narrow conditions has the wide ones. In doubt false. */
export function implies(narrow: Conditions, wide: Conditions): boolean {
  if (wide === NO_CONDITIONS) return true;
  const isMethod =
    wide.methods.length === 0 ||
    (narrow.methods.length > 0 && narrow.methods.every((method) => wide.methods.includes(method)));
  return (
    isMethod &&
    LISTS.every((list) => impliesAll(narrow[list], wide[list])) &&
    wide.claims.every((one) => narrow.claims.some((other) => impliesClaim(other, one))) &&
    impliesCertificate(narrow.certificate, wide.certificate)
  );
}

/** Whether no request can have both. In doubt false. */
export function excludes(a: Conditions, b: Conditions): boolean {
  if (a === NO_CONDITIONS || b === NO_CONDITIONS) return false;
  const [few, many] = [a.methods, b.methods];
  const isMethod = few.length > 0 && many.length > 0 && !few.some((one) => many.includes(one));
  return (
    isMethod ||
    LISTS.some((list) => excludesSome(a[list], b[list])) ||
    a.claims.some((one) => b.claims.some((other) => excludesClaim(one, other))) ||
    excludesCertificate(a.certificate, b.certificate)
  );
}

/** Whether no path can match both expressions, by what they begin with. In doubt false. */
export function regexesExclude(a: RuleMatch, b: RuleMatch): boolean {
  if (a.path.kind !== 'regex' || b.path.kind !== 'regex') return false;
  if (a.ignoreCase || b.ignoreCase) return false;
  const [one, other] = [literalHead(a.path.regex), literalHead(b.path.regex)];
  return !one.startsWith(other) && !other.startsWith(one);
}

/** What every text that matches the expression begins with; '' where that is not obvious. */
export function literalHead(regex: string): string {
  if (regex.includes('|')) return '';
  const head = /^[A-Za-z0-9/_~@%&=:;,-]*/.exec(regex)?.[0] ?? '';
  // What is repeated may also be absent.
  return /^[*?{]/.test(regex.slice(head.length)) ? head.slice(0, -1) : head;
}

const LISTS = ['headers', 'query', 'cookies'] as const;

const impliesClaim = (narrow: ClaimCondition, wide: ClaimCondition): boolean =>
  narrow.name === wide.name && narrow.values.every((value) => wide.values.includes(value));

/** Most claims are one value; who has a list with both is taken by the first. */
const excludesClaim = (a: ClaimCondition, b: ClaimCondition): boolean =>
  a.name === b.name && !a.values.some((value) => b.values.includes(value));

/** What is validated was presented. */
function impliesCertificate(
  narrow: CertificateCondition | null,
  wide: CertificateCondition | null,
): boolean {
  if (wide === null) return true;
  const presented = narrow?.presented ?? (narrow?.validated === true ? true : null);
  const validated = narrow?.validated ?? (narrow?.presented === false ? false : null);
  return (
    (wide.presented === null || wide.presented === presented) &&
    (wide.validated === null || wide.validated === validated)
  );
}

function excludesCertificate(
  a: CertificateCondition | null,
  b: CertificateCondition | null,
): boolean {
  if (a === null || b === null) return false;
  const differs = (name: 'presented' | 'validated'): boolean =>
    a[name] !== null && b[name] !== null && a[name] !== b[name];
  const isImpossible = (one: CertificateCondition, other: CertificateCondition): boolean =>
    one.presented === false && other.validated === true;
  return differs('presented') || differs('validated') || isImpossible(a, b) || isImpossible(b, a);
}

const impliesAll = (narrow: readonly ValueCondition[], wide: readonly ValueCondition[]): boolean =>
  wide.every((condition) =>
    narrow.some((one) => one.name === condition.name && impliesOne(one, condition)),
  );

function impliesOne(narrow: ValueCondition, wide: ValueCondition): boolean {
  if (isSame(narrow, wide)) return true;
  if (narrow.isNegated || narrow.test.kind !== 'exact') {
    return !narrow.isNegated && !wide.isNegated && wide.test.kind === 'present';
  }
  const holds = holdsFor(wide, narrow.test.text);
  return holds !== null && holds !== wide.isNegated;
}

const excludesSome = (a: readonly ValueCondition[], b: readonly ValueCondition[]): boolean =>
  a.some((one) => b.some((other) => one.name === other.name && excludesOne(one, other)));

function excludesOne(a: ValueCondition, b: ValueCondition): boolean {
  if (isSame({ ...a, isNegated: !a.isNegated }, b)) return true;
  for (const [exact, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (exact.isNegated || exact.test.kind !== 'exact') continue;
    const holds = holdsFor(other, exact.test.text);
    if (holds !== null && holds === other.isNegated) return true;
  }
  const absent = [a, b].some(({ test, isNegated }) => isNegated && test.kind === 'present');
  return absent && [a, b].some(({ isNegated }) => !isNegated);
}

/** Whether the test, not turned round, takes the value; null where only RE2 knows. */
function holdsFor({ test }: ValueCondition, value: string): boolean | null {
  switch (test.kind) {
    case 'present':
      return true;
    case 'exact':
      return value === test.text;
    case 'prefix':
      return value.startsWith(test.text);
    case 'suffix':
      return value.endsWith(test.text);
    case 'contains':
      return value.includes(test.text);
    case 'regex':
      return null;
  }
}

const isSame = (a: ValueCondition, b: ValueCondition): boolean =>
  a.isNegated === b.isNegated &&
  a.test.kind === b.test.kind &&
  (a.test.kind === 'present' || (b.test.kind !== 'present' && a.test.text === b.test.text));
