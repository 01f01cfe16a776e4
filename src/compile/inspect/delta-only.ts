import type { Visit } from '../../schema/index.ts';
import { fieldOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

/**
 * Over a SotW ADS stream an Envoy that asks for one cluster on demand names that one alone, which
 * is no more the request for all that it had; older ones end. Virtual hosts have no SotW at all.
 */
const overAds =
  (field: string): InspectionRule =>
  (visit, notes) => {
    if (fieldOf(visit.get(field), 'api_config_source') !== undefined) return;
    note(visit, notes, field);
  };

function note(visit: Visit, notes: Notes, field: string): void {
  if (visit.get(field) === undefined) return;
  notes.needsDelta ??= { type: visit.message, pointer: visit.at(field) };
}

const ON_DEMAND = 'envoy.extensions.filters.http.on_demand.v3.OnDemandCds';
const TCP_ON_DEMAND = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand';

/** What asks for more while it runs, where that goes over ADS. */
export const DELTA_ONLY: Readonly<Record<string, InspectionRule>> = {
  [ON_DEMAND]: overAds('source'),
  [TCP_ON_DEMAND]: overAds('odcds_config'),
  'envoy.config.route.v3.Vhds': overAds('config_source'),
};
