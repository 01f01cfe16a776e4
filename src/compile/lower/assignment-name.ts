import { createHash } from 'node:crypto';
import type { NativeDocument } from '../../model/index.ts';
import { clusterTls } from './upstream-tls.ts';

/**
 * The name of a cluster's endpoint set: of the cluster's own name, and of how its endpoints are
 * spoken to where that is not plain HTTP/1. While a changed cluster warms, Envoy gives endpoints of
 * one name to the old cluster as well, which would speak plaintext to those that now speak TLS
 * (T-36): so each way to speak has a set of its own, and the old cluster keeps what it had.
 */
export function assignmentName({ name, value }: NativeDocument<'Cluster'>): string {
  const { tls, protocol } = value;
  if (tls === null && protocol === 'http1') return name;
  const transport = tls === null ? null : clusterTls(tls, [], protocol);
  const text = JSON.stringify([protocol, transport]);
  return `${name}#${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** The cluster that such a name is of. Names of documents have no `#`. */
export const clusterOfAssignment = (name: string): string => name.replace(/#.*$/, '');
