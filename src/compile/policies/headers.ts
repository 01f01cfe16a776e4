import { compareText } from '../../base/index.ts';
import type { HeaderChanges } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { PolicySpelling } from './policy.ts';

/** Fields of the route itself suffice: no filter is needed. */
export const headers: PolicySpelling<'headers'> = {
  filters: [],
  spell: ({ request, response }) => ({
    fields: {
      ...(isEmpty(request) ? {} : { request_headers_to_add: added(request) }),
      ...(request.remove.length === 0 ? {} : { request_headers_to_remove: request.remove }),
      ...(isEmpty(response) ? {} : { response_headers_to_add: added(response) }),
      ...(response.remove.length === 0 ? {} : { response_headers_to_remove: response.remove }),
    },
  }),
};

const isEmpty = ({ set, add }: HeaderChanges): boolean =>
  Object.keys(set).length === 0 && Object.keys(add).length === 0;

const added = ({ set, add }: HeaderChanges): readonly envoy.HeaderValueOption[] => [
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
