import { compareText } from '../../base/index.ts';
import type { HeaderChanges } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** What is written, sorted by name: first what replaces, then what stands beside. */
export const headerOptions = ({
  set,
  add,
}: Pick<HeaderChanges, 'set' | 'add'>): readonly envoy.HeaderValueOption[] => [
  ...options(set, 'OVERWRITE_IF_EXISTS_OR_ADD'),
  ...options(add, 'APPEND_IF_EXISTS_OR_ADD'),
];

const options = (
  values: HeaderChanges['set'],
  action: envoy.HeaderValueOption_HeaderAppendAction,
): readonly envoy.HeaderValueOption[] =>
  Object.entries(values)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => ({ header: { key, value }, append_action: action }));
