import type { Address } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** `10.0.0.1:80`, `[::1]:80`, `cart.internal:80` or `unix:/run/x.sock`: one text per address. */
export function addressText(address: Address): string {
  switch (address.kind) {
    case 'ip':
      return address.ip.includes(':')
        ? `[${address.ip}]:${address.port}`
        : `${address.ip}:${address.port}`;
    case 'host':
      return `${address.host}:${address.port}`;
    case 'unix':
      return `unix:${address.path}`;
  }
}

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
