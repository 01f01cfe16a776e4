import { compareText } from '../base/index.ts';
import { formatBootstrap } from '../envoy/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { typeRow } from '../snapshot/index.ts';

/**
 * Resources as a file in the format of Envoy's filesystem xDS: types in the order on the wire,
 * names sorted. Strings are quoted, since Envoy reads some plain words as booleans.
 */
export function resourcesText(
  rendered: readonly Rendered[],
  format: 'text' | 'json' = 'text',
): string {
  const resources = [...rendered].sort(byPlace).map(typedResource);
  if (format === 'json') return JSON.stringify({ resources }, null, 2);
  return formatBootstrap({ resources }).trimEnd();
}

/** A resource as an Any: its ProtoJSON with its type. */
function typedResource({ key, json }: Rendered): Readonly<Record<string, unknown>> {
  const fields = typeof json === 'object' && json !== null ? { ...json } : { value: json };
  return { '@type': typeRow(key.type).url, ...fields };
}

function byPlace(a: Rendered, b: Rendered): number {
  const byType = typeRow(a.key.type).order - typeRow(b.key.type).order;
  return byType !== 0 ? byType : compareText(a.key.name, b.key.name);
}
