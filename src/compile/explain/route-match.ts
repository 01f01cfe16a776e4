import type { Json } from '../../schema/index.ts';
import { fieldOf, numberOf, textOf } from '../inspect/json.ts';
import type { Seen } from './asked.ts';
import { wholeExpression } from './expression.ts';
import type { LateValues } from './late-values.ts';
import { valuesHold } from './value-match.ts';
import { allOf, fails, HOLDS, unknown, type Verdict } from './verdict.ts';

/** Whether Envoy's RouteMatch takes a request. What routes are told apart by comes first. */
export function routeTakes(match: Json | undefined, request: Seen, late?: LateValues): Verdict {
  const values = valuesHold(match, request, late);
  return allOf([pathHolds(match, request), ...values, ...rest(match, request)]);
}

function pathHolds(match: Json | undefined, { path, method }: Seen): Verdict {
  const isFolded = fieldOf(match, 'case_sensitive') === false;
  const fold = (text: string): string => (isFolded ? text.toLowerCase() : text);
  const given = fold(path);
  const text = (field: string): string | null => {
    const found = fieldOf(match, field);
    return found === undefined ? null : textOf(found);
  };
  const exact = text('path');
  if (exact !== null) return takes(given === fold(exact), path, `wants ${exact}`);
  const separated = text('path_separated_prefix');
  if (separated !== null) {
    const wanted = fold(separated);
    return takes(
      given === wanted || given.startsWith(`${wanted}/`),
      path,
      `wants ${separated}, or below it`,
    );
  }
  const prefix = text('prefix');
  if (prefix !== null) {
    return takes(given.startsWith(fold(prefix)), path, `wants what begins with ${prefix}`);
  }
  const regex = fieldOf(fieldOf(match, 'safe_regex'), 'regex');
  if (regex !== undefined) {
    const expression = wholeExpression(textOf(regex));
    if (expression === null) return unknown(`~${textOf(regex)} cannot be evaluated here`);
    return takes(expression.test(path), path, `wants what matches ~${textOf(regex)}`);
  }
  if (fieldOf(match, 'connect_matcher') !== undefined) {
    return method === 'CONNECT' ? HOLDS : fails(`the method is ${method}, and it wants CONNECT`);
  }
  return unknown('a path of another kind cannot be evaluated here');
}

const takes = (holds: boolean, path: string, wanted: string): Verdict =>
  holds ? HOLDS : fails(`the path is ${path}, and it ${wanted}`);

/** What a request alone does not tell. */
const OUTSIDE = [
  ['tls_context', 'it depends on the certificate of the client'],
  ['dynamic_metadata', 'it depends on what filters found, such as the claims of a token'],
  ['filter_state', 'it depends on what filters found'],
] as const;

function rest(match: Json | undefined, request: Seen): readonly Verdict[] {
  const outside = OUTSIDE.flatMap(([field, why]) => {
    const value = fieldOf(match, field);
    return value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [unknown(why)];
  });
  return [
    ...(fieldOf(match, 'grpc') === undefined ? [] : [grpcHolds(request)]),
    ...share(fieldOf(match, 'runtime_fraction')),
    ...outside,
  ];
}

function grpcHolds({ headers }: Seen): Verdict {
  const type = headers.get('content-type')?.join() ?? '';
  return /^application\/grpc(?:\+|$)/.test(type)
    ? HOLDS
    : fails(`the content-type is ${JSON.stringify(type)}, and it wants gRPC`);
}

const DENOMINATORS: Readonly<Record<string, number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

function share(fraction: Json | undefined): readonly Verdict[] {
  const given = fieldOf(fraction, 'default_value');
  if (given === undefined) return [];
  const whole = DENOMINATORS[textOf(fieldOf(given, 'denominator')) || 'HUNDRED'] ?? 100;
  const part = numberOf(fieldOf(given, 'numerator'));
  if (part >= whole) return [];
  return [part === 0 ? fails('its share is 0') : unknown(`it takes ${part} of ${whole} requests`)];
}
