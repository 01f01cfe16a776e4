import { endpointsField, placeEndpoints, type Endpoint } from './endpoint.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: Endpoints`, of the Cluster with the same name: material, checked and held alone. */
export interface EndpointsValue {
  readonly endpoints: readonly Endpoint[];
}

const schema = documentSchema({ endpoints: endpointsField });

export const endpoints = newKind(schema, (input, { report }): EndpointsValue => ({
  endpoints: placeEndpoints(input.endpoints, report),
}));
