import type { HeaderChanges } from '../../model/index.ts';
import { headerOptions } from '../lower/header-options.ts';
import type { PolicySpelling } from './policy.ts';

/** Fields of the route itself suffice: no filter is needed. */
export const headers: PolicySpelling<'headers'> = {
  isAfterClaims: true,
  filters: [],
  spell: ({ request, response }) => ({
    fields: {
      ...(isEmpty(request) ? {} : { request_headers_to_add: headerOptions(request) }),
      ...(request.remove.length === 0 ? {} : { request_headers_to_remove: request.remove }),
      ...(isEmpty(response) ? {} : { response_headers_to_add: headerOptions(response) }),
      ...(response.remove.length === 0 ? {} : { response_headers_to_remove: response.remove }),
    },
  }),
};

const isEmpty = ({ set, add }: HeaderChanges): boolean =>
  Object.keys(set).length === 0 && Object.keys(add).length === 0;
