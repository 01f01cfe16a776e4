import type { Origin } from '../../base/index.ts';
import { localityName, type Endpoint, type NativeDocument } from '../../model/index.ts';
import type { Reference } from '../lowered.ts';
import { assignmentName } from './assignment-name.ts';
import { discoveryOf, unweighted, weightsOf } from './endpoints.ts';
import { finding, type Finding } from './finding.ts';

type Cluster = NativeDocument<'Cluster'>;

interface PlacedEndpoints {
  readonly endpoints: readonly Endpoint[];
  /** Of the list of them: in the Cluster document, or in one of its own. */
  readonly origin: Origin;
}

/** What the balancer makes of the places of these endpoints, where that is hardly meant. */
export function localityFindings(
  cluster: Cluster,
  { endpoints, origin }: PlacedEndpoints,
): readonly Finding[] {
  const { loadBalancer } = cluster.value;
  const at = (field: string): Origin => ({ doc: cluster.id, pointer: `/loadBalancer/${field}` });
  const lacking = unweighted(endpoints, weightsOf(loadBalancer)).map((one): Finding => {
    const words = `${localityName(one)} has no weight in localityWeight, and gets no request`;
    const found = finding('ZONE_NO_WEIGHT', { doc: origin.doc, pointer: one.pointer }, words, [
      { message: 'the weights', origin: at('localityWeight') },
    ]);
    // Automation that opens a zone must not hold back all other material.
    return origin.doc === cluster.id ? found : { ...found, severity: 'warning' };
  });
  const isZoneless = endpoints.length > 0 && endpoints.every(({ zone }) => zone === '');
  if (loadBalancer.locality.kind !== 'zone-aware' || !isZoneless) return lacking;
  const words = 'no endpoint of this cluster says its zone, so zoneAware does nothing; add zone';
  return [finding('ZONE_UNKNOWN', at('zoneAware'), words)];
}

/** Whoever gets a zone aware cluster gets the endpoints that are the Envoys themselves. */
export function localReferences({ id, name, value }: Cluster): readonly Reference[] {
  const { locality } = value.loadBalancer;
  if (locality.kind !== 'zone-aware') return [];
  return [
    {
      to: { type: 'Cluster', name: locality.local },
      origin: { doc: id, pointer: LOCAL },
      subject: `cluster "${name}"`,
    },
  ];
}

const LOCAL = '/loadBalancer/zoneAware/local';

/** Envoys subscribe to the endpoints of their own cluster by its name, and demand much of them. */
export function localFindings(
  { id, name }: Cluster,
  local: Cluster,
  endpoints: readonly Endpoint[],
): readonly Finding[] {
  const at = { doc: id, pointer: LOCAL };
  const words = localProblem(name, local, endpoints);
  const related = [{ message: 'that cluster', origin: { doc: local.id, pointer: '' } }];
  if (words !== null) {
    return [finding('PROTOCOL_CONFLICT', at, `cluster "${local.name}" ${words}`, related)];
  }
  if (endpoints.length === 0 || endpoints.some(({ zone }) => zone !== '')) return [];
  const unknown =
    `cluster "${local.name}" says no zone at any of its endpoints, which are these Envoys, ` +
    'so zoneAware does nothing; add zone';
  return [finding('ZONE_UNKNOWN', at, unknown, related)];
}

function localProblem(name: string, local: Cluster, endpoints: readonly Endpoint[]): string | null {
  if (local.name === name) return 'is this one; name one that has the Envoys as its endpoints';
  if (local.value.isOriginal) return 'has no endpoints of its own; name one that has';
  if (local.value.members !== null) return 'has members; name one with endpoints';
  if (discoveryOf(endpoints) === 'dns') {
    return 'has host names, which Envoys cannot follow here; write addresses';
  }
  if (assignmentName(local) !== local.name) {
    return 'says how it is spoken to, and is only counted here; remove its tls and protocol';
  }
  if (endpoints.some(({ priority }) => priority > 0)) {
    return 'has endpoints with a priority, which Envoys refuse here; remove it';
  }
  return null;
}
