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
import { readFields } from '../../xds/index.ts';
import { encodeClients, type KnownResources } from './encode-clients.ts';
import { decodeNodeMatcher, type NodeMatch, UnservedMatcherError } from './node-matcher.ts';

const CSDS = '/envoy.service.status.v3.ClientStatusDiscoveryService';

/**
 * `ClientStatusDiscoveryService`: of each node that is connected, what it was sent, accepted and
 * refused (CSDS-01…03).
 */
export function createClientStatus(
  statuses: () => readonly NodeStatus[],
  known: KnownResources,
): Service {
  const answer = (bytes: Uint8Array): Answer => {
    const asked = askedIn(bytes);
    if (!asked.ok) return refused('INVALID_ARGUMENT', asked.why);
    const { matchers, hasContents } = asked;
    const isMeant: NodeMatch = (node) =>
      matchers.length === 0 || matchers.some((matches) => matches(node));
    const found = statuses().filter(({ node }) => isMeant(node));
    const encoded = encodeClients(found, hasContents ? known : { ...known, contentOf: () => null });
    return encoded.ok ? answered(encoded.message) : refused('RESOURCE_EXHAUSTED', encoded.why);
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

type Asked =
  | { readonly ok: true; readonly matchers: readonly NodeMatch[]; readonly hasContents: boolean }
  | { readonly ok: false; readonly why: string };

/** `ClientStatusRequest`. */
function askedIn(bytes: Uint8Array): Asked {
  const matchers: NodeMatch[] = [];
  let hasContents = true;
  try {
    readFields(bytes, (field, wireType, reader) => {
      if (field === 1 && wireType === 2) matchers.push(decodeNodeMatcher(reader.bytes()));
      else if (field === 3 && wireType === 0) hasContents = !reader.bool();
      else return false;
      return true;
    });
    return { ok: true, matchers, hasContents };
  } catch (cause) {
    return { ok: false, why: cause instanceof UnservedMatcherError ? cause.message : MALFORMED };
  }
}
