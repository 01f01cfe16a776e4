import { typeRow } from '../../snapshot/index.ts';
import type { Request } from '../../xds/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Method } from '../transport/methods.ts';
import type { RefusedCall } from '../transport/transport.ts';

/** Why a request ends its stream with INVALID_ARGUMENT, or null (TRN-05, TRN-06). */
export function refusalOf(
  { node, typeUrl }: Request,
  method: Pick<Method, 'scope'>,
  isFirst: boolean,
): string | null {
  if (isFirst && node === null) {
    return 'NODE_REQUIRED: the first request of a stream must carry its node';
  }
  if (isFirst && node?.id === '') {
    return 'NODE_REQUIRED: the node has no id; set node.id in the bootstrap, or --service-node';
  }
  if (method.scope === null) {
    return typeUrl === '' ? 'TYPE_REQUIRED: requests on ADS must name their type_url' : null;
  }
  const { url } = typeRow(method.scope);
  return typeUrl === '' || typeUrl === url ? null : `TYPE_MISMATCH: this serves ${url} only`;
}

interface Told {
  readonly metrics: Metrics;
  readonly onTrouble: (peer: string, message: string, cause: unknown) => void;
}

/** Counts and tells of a call that the transport ended. */
export function noteRefused({ metrics, onTrouble }: Told, { peer, code, why }: RefusedCall): void {
  metrics.stream.ended(code);
  onTrouble(peer, `what it sent was refused: ${code} ${why}`, null);
}
