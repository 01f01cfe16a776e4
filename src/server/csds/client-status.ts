import { LIMITS } from '../../base/index.ts';
import type { NodeStatus } from '../registry/node-view.ts';
import {
  type Answer,
  answered,
  conversation,
  MALFORMED,
  refused,
  type Service,
  unary,
} from '../transport/service.ts';
import { readMessage } from '../../xds/index.ts';
import { encodeClients } from './encode-clients.ts';
import { decodeNodeMatcher, type NodeMatch, UnservedMatcherError } from './node-matcher.ts';

const CSDS = '/envoy.service.status.v3.ClientStatusDiscoveryService';

/**
 * `ClientStatusDiscoveryService`: of each node that is connected, what it was sent, accepted and
 * refused (CSDS-01…03). The contents of resources are in no answer.
 */
export function createClientStatus(statuses: () => readonly NodeStatus[]): Service {
  const answer = (bytes: Uint8Array): Answer => {
    const asked = askedIn(bytes);
    if (!asked.ok) return refused('INVALID_ARGUMENT', asked.why);
    const { matchers } = asked;
    const isMeant: NodeMatch = (node) =>
      matchers.length === 0 || matchers.some((matches) => matches(node));
    const message = encodeClients(statuses().filter(({ node }) => isMeant(node)));
    if (message !== null) return answered(message);
    const size = `${LIMITS.clientStatusBytesMax / 1024 / 1024} MiB`;
    const why = `it is more than ${size}; name fewer nodes by node_matchers`;
    return refused('RESOURCE_EXHAUSTED', why);
  };
  return {
    methods: [
      conversation(`${CSDS}/StreamClientStatus`, answer),
      unary(`${CSDS}/FetchClientStatus`, answer),
    ],
    // Its streams have nothing that the end of their connection does not end.
    close: () => undefined,
  };
}

/** `ClientStatusRequest`. */
function askedIn(
  bytes: Uint8Array,
): { ok: true; matchers: readonly NodeMatch[] } | { ok: false; why: string } {
  const matchers: NodeMatch[] = [];
  try {
    readMessage(bytes, { 1: (matcher) => matchers.push(decodeNodeMatcher(matcher)) });
    return { ok: true, matchers };
  } catch (cause) {
    return { ok: false, why: cause instanceof UnservedMatcherError ? cause.message : MALFORMED };
  }
}
