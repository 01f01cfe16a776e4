import { hashFields, type Span } from '../base/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { describeDocuments, withoutSecrets } from '../model/index.ts';
import {
  AdminError,
  type DocumentsReport,
  reportPlace,
  type WireResourceReport,
} from '../server/index.ts';
import type { Resource, Revision, ViewKey } from '../snapshot/index.ts';
import type { Store } from '../store/index.ts';

export interface DocumentsParts {
  readonly served: () => Revision | null;
  readonly render: (view: ViewKey) => Promise<readonly Rendered[]>;
  readonly store: Pick<Store, 'restore'>;
}

/** What is accepted, by document; no value that may be secret leaves but as a fingerprint. */
export async function documentsReport(parts: DocumentsParts): Promise<DocumentsReport> {
  const revision = parts.served();
  const { head, sources, material } = await parts.store.restore();
  if (revision === null || head === null) {
    throw new AdminError(503, 'NOT_READY', 'no revision is served yet');
  }
  const documents = [...describeDocuments(sources).values()].map((one) => ({
    document: one.document,
    meaning: hashFields([one.meaning]),
    value: withoutSecrets(one.value),
    place: placeOf(one.place('')),
  }));
  const groups: DocumentsReport['groups'][number][] = [];
  for (const [group, snapshot] of revision.views) {
    const rendered = await parts.render(group).catch(() => []);
    const listeners = new Map(
      rendered.flatMap(({ key, json }) => (key.type === 'Listener' ? [[key.name, json]] : [])),
    );
    const all = [...snapshot.sets.values()].flatMap(({ byName }) => [...byName.values()]);
    groups.push({ group, resources: all.map((one) => resourceReport(one, listeners)) });
  }
  const files = material.map(({ name, hash }) => ({ name, hash: hash.slice(0, 8) }));
  return { revision: head.seq, documents, material: files, groups };
}

const placeOf = (span: Span | null): DocumentsReport['documents'][number]['place'] =>
  span === null ? null : reportPlace(span);

function resourceReport(
  { type, name, version, parts, traits }: Resource,
  listeners: ReadonlyMap<unknown, unknown>,
): WireResourceReport {
  const rules = type === 'RouteConfiguration' ? parts : [];
  return {
    ...{ type, name, version },
    parts: rules.map(({ key, hash }) => ({ key, hash })),
    drain: traits.drain,
    ...(type === 'Listener' ? { json: listeners.get(name) ?? null } : {}),
  };
}
