import type { Origin } from '../../base/index.ts';
import type { ValueCondition, ValueTest } from '../../model/index.ts';
import { regexProblem, regexReach } from '../../schema/index.ts';
import { finding, type Finding } from './finding.ts';
import { escapeRegex } from './path-rewrite.ts';
import { conditionFindings, sentFinding, textPointer } from './route-match.ts';
import { withoutAnchors } from './without-anchors.ts';

/**
 * Envoys before 1.39 see the lines of a header as one, with commas between: who is kept out by a
 * value would pass with another line beside it. A list of values means what its lines would.
 */
export const inAnyLine = (condition: ValueCondition): ValueCondition =>
  condition.test.kind === 'present' ? condition : { ...condition, test: lineTest(condition.test) };

type Written = Exclude<ValueTest, { readonly kind: 'present' }>;

function lineTest(test: Written): ValueTest {
  const text = escapeRegex(test.text);
  switch (test.kind) {
    case 'contains':
      return test;
    case 'regex':
      return { kind: 'regex', text: lineExpression(test.text) };
    case 'exact':
      return fitting(lineOf(text), test.text);
    case 'prefix':
      return fitting(`(?:.*,)?\\s*${text}.*`, test.text);
    case 'suffix':
      return fitting(`.*${text}\\s*(?:,.*)?`, test.text);
  }
}

/** Where the expression is too much for an Envoy, who has the text anywhere is kept out. */
const fitting = (expression: string, text: string): ValueTest =>
  regexProblem(expression) === null
    ? { kind: 'regex', text: expression }
    : { kind: 'contains', text };

const lineOf = (text: string): string => `(?:.*,)?\\s*${text}\\s*(?:,.*)?`;

const lineExpression = (written: string): string => lineOf(`(?:${withoutAnchors(written)})`);

/** Of a condition on a header that is asked of any line where `isOfLines`. */
export function lineFindings(
  condition: ValueCondition,
  isOfLines: boolean,
  { doc, subject }: { readonly doc: Origin['doc']; readonly subject: string },
): readonly Finding[] {
  const found = conditionFindings(condition, doc, subject);
  const { name, test } = condition;
  if (found.length > 0 || !isOfLines || test.kind !== 'regex') return found;
  const origin = { doc, pointer: textPointer(condition) };
  if (regexReach(withoutAnchors(test.text))?.isAnchored === true) {
    const message =
      `${subject}: the expression ${JSON.stringify(test.text)} has an anchor inside, and so is ` +
      `not found in a header "${name}" of several lines; write it without`;
    return [finding('REGEX_UNSUPPORTED', origin, message)];
  }
  const what = `${subject}: the condition on the header "${name}"`;
  return sentFinding(lineExpression(test.text), origin, what);
}
