import { z } from 'zod';
import { ownIssue } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { integer, WEIGHT_MAX } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import { place, type Endpoint } from './endpoint.ts';

/** What the place of an endpoint means to the balancer. */
export type LocalityChoice =
  /** Addresses as targets say none. */
  | { readonly kind: 'unplaced' }
  /** Nothing, also where the Envoys know their own zone. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'weighted'; readonly weights: readonly LocalityWeight[] }
  /** Envoys prefer the endpoints of their own zone. */
  | {
      readonly kind: 'zone-aware';
      /** The Cluster that has the Envoys themselves as its endpoints. */
      readonly local: string;
      /** With fewer endpoints zones are not looked at. Default 6. */
      readonly hostsMin: number;
    };

/** The share of the endpoints that say exactly this region and zone; '' is none. */
export interface LocalityWeight {
  readonly region: string;
  readonly zone: string;
  /** 0 is no request. */
  readonly weight: number;
}

const LOCALITIES_MAX = 1000;
const HOSTS_MIN = 6;
const HOSTS_MAX = 1_000_000;

/** The field `localityWeight` of a balancer. */
export const localityWeightField = z
  .array(
    object({
      region: place.optional().meta({ description: 'The region, as its endpoints say it.' }),
      zone: place.optional().meta({ description: 'The zone, as its endpoints say it.' }),
      weight: integer(0, WEIGHT_MAX).meta({ description: 'Its share; 0 is no request.' }),
    }),
  )
  .min(1)
  .max(LOCALITIES_MAX)
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, { region = '', zone = '' }] of list.entries()) {
      const key = JSON.stringify([region, zone]);
      if (seen.has(key)) {
        const text = `${localityName({ region, zone })} has a weight already; remove one`;
        context.issues.push(ownIssue('SCHEMA_DUPLICATE', text, list, { path: [index] }));
      }
      seen.add(key);
    }
    const sum = list.reduce((total, { weight }) => total + weight, 0);
    if (sum > 0 && sum <= WEIGHT_MAX) return;
    const text =
      sum === 0
        ? 'the weights sum to 0, so no request would be answered; give one a positive weight'
        : `the weights sum to ${sum}, more than ${WEIGHT_MAX}; make them smaller`;
    context.issues.push(ownIssue('WEIGHT_SUM', text, list));
  })
  .meta({
    description:
      'Shares of localities, as a list of {region, zone, weight}; what is unhealthy passes its ' +
      'share on. Travels with the endpoints. Default: each endpoint has its own weight alone.',
  });

/** The field `zoneAware` of a balancer. */
export const zoneAwareField = object({
  local: documentName.meta({
    description: 'The Cluster with the Envoys themselves as its endpoints, with their zones.',
  }),
  minHosts: integer(1, HOSTS_MAX)
    .optional()
    .meta({ description: 'With fewer endpoints zones are not looked at. Default 6.' }),
}).meta({
  description:
    'Envoys prefer endpoints of their own zone, as far as that loads all endpoints alike. For ' +
    'round-robin, least-request and random, and Envoys that know their own place: ' +
    'helve bootstrap --zone --local-cluster. Default: zones do not count.',
});

export function localityOf({
  localityWeight,
  zoneAware,
}: {
  readonly localityWeight?: z.output<typeof localityWeightField> | undefined;
  readonly zoneAware?: z.output<typeof zoneAwareField> | undefined;
}): LocalityChoice {
  if (localityWeight !== undefined) {
    const weights = localityWeight.map(({ region = '', zone = '', weight }) => ({
      region,
      zone,
      weight,
    }));
    return { kind: 'weighted', weights };
  }
  if (zoneAware === undefined) return { kind: 'ignored' };
  const { local, minHosts = HOSTS_MIN } = zoneAware;
  return { kind: 'zone-aware', local, hostsMin: minHosts };
}

/** In messages: `the zone "eu-1a" of region "eu"`. */
export function localityName({ region, zone }: Pick<Endpoint, 'region' | 'zone'>): string {
  if (zone === '') return region === '' ? 'what says no zone' : `the region "${region}" alone`;
  return region === '' ? `the zone "${zone}"` : `the zone "${zone}" of region "${region}"`;
}
