import type { DocumentHead, KindName } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** The namespace of `%METADATA(ROUTE:helve:owner)%` in access logs. */
const METADATA_NAMESPACE = 'helve';

/** Who owns a message, for access logs. File and line stay beside the bytes, never in them. */
export const ownerMetadata = (kind: KindName, { owner, name }: DocumentHead): envoy.Metadata => ({
  filter_metadata: { [METADATA_NAMESPACE]: { owner, kind, name } },
});
