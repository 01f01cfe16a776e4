import { z } from 'zod';
import { reportDuplicates } from '../fields/duplicates.ts';
import { integer, WEIGHT_MAX } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import type { Report } from '../report.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { addressField, formatAddress, type Address } from './address.ts';

/** One upstream host of a cluster. */
export interface Endpoint {
  readonly address: Address;
  /** 1 … 2^32-1. Default 1. */
  readonly weight: number;
  /** Default 0, the most preferred. */
  readonly priority: number;
  /** Default '': none. */
  readonly zone: string;
  readonly region: string;
  /** Gets no new requests while another one can; those that it has may end. */
  readonly isDraining: boolean;
  /** What subsets choose by. */
  readonly labels: Readonly<Record<string, string>>;
  readonly pointer: string;
}

const PRIORITY_MAX = 127;
/** The field `zone` or `region`. */
export const place = z.string().min(1).max(200);

const endpoint = z.union([
  addressField,
  object({
    address: addressField,
    weight: integer(1, WEIGHT_MAX)
      .optional()
      .meta({ description: 'The share of this endpoint. Default 1.' }),
    priority: integer(0, PRIORITY_MAX)
      .optional()
      .meta({ description: '0, the default, is preferred; others take over when it fails.' }),
    zone: place.optional().meta({ description: 'The zone that it runs in.' }),
    region: place.optional().meta({ description: 'The region of the zone.' }),
    draining: z.boolean().optional().meta({
      description:
        'Gets no new requests while another one can; those that it has may end. Default false.',
    }),
    labels: z
      .record(z.string().min(1).max(200), z.string().max(200))
      .optional()
      .meta({ description: 'What the subsets of the cluster choose by.' }),
  }),
]);

/** The field `endpoints`. An empty list is a cluster without hosts. */
export const endpointsField = z.array(endpoint).meta({
  description: 'host:port, or {address, weight, priority, zone, region, draining, labels}.',
});

/** The endpoints with their places; reports what only the whole list can tell. */
export function placeEndpoints(
  input: z.output<typeof endpointsField>,
  report: Report,
): readonly Endpoint[] {
  const endpoints = input.map((item, index) => placeEndpoint(item, pointerTo('/endpoints', index)));
  const entries = endpoints.map(({ address, pointer }) => ({
    text: formatAddress(address),
    at: { pointer },
  }));
  const words = { code: 'SCHEMA_DUPLICATE', what: 'the address', help: 'remove one' } as const;
  reportDuplicates(report, entries, words);
  const sum = endpoints.reduce((total, { weight }) => total + weight, 0);
  if (sum > WEIGHT_MAX) {
    const message = `the weights sum to ${sum}, more than ${WEIGHT_MAX}; make them smaller`;
    report.error('WEIGHT_SUM', { pointer: '/endpoints' }, message);
  }
  reportMixture(endpoints, report);
  return endpoints;
}

const NO_LABELS: Endpoint['labels'] = Object.freeze({});

function placeEndpoint(item: z.output<typeof endpoint>, pointer: string): Endpoint {
  const {
    address,
    weight = 1,
    priority = 0,
    zone = '',
    region = '',
    draining = false,
    labels = NO_LABELS,
  } = 'kind' in item ? { address: item } : item;
  return { address, weight, priority, zone, region, isDraining: draining, labels, pointer };
}

/** Names make a DNS cluster, and Envoy resolves no socket paths in one. */
function reportMixture(endpoints: readonly Endpoint[], report: Report): void {
  const name = endpoints.find(({ address }) => address.kind === 'host');
  const socket = endpoints.find(({ address }) => address.kind === 'unix');
  if (name === undefined || socket === undefined) return;
  const message = 'host names and Unix sockets cannot be mixed; make two Clusters';
  const related = { message: 'a host name is here', at: { pointer: name.pointer } };
  report.error('PROTOCOL_CONFLICT', { pointer: socket.pointer }, message, { related });
}
