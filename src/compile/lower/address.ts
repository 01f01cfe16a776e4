import type { Address } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** An address as Envoy spells it. */
export function lowerAddress(address: Address): envoy.Address {
  switch (address.kind) {
    case 'ip':
      return { socket_address: { address: address.ip, port_value: address.port } };
    case 'host':
      return { socket_address: { address: address.host, port_value: address.port } };
    case 'unix':
      return { pipe: { path: address.path } };
  }
}
