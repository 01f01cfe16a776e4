import { hashFields, type Span } from '../../base/index.ts';
import { withoutSecrets, type Json } from '../../model/index.ts';
import type { DocumentsReport } from '../../server/index.ts';
import { TYPES } from '../../snapshot/index.ts';
import { fingerprintsOf, type Described, type Fingerprints } from './document-diff.ts';
import type { WireResource, WireSide } from './wire-diff.ts';

/** What a server has accepted, as one side of a comparison. */
export function servedOf(report: DocumentsReport): {
  readonly documents: Described;
  readonly material: Fingerprints;
  readonly wire: WireSide;
} {
  const groups = new Map(
    report.groups.map(({ group, resources }) => [
      group,
      new Map(resources.map((one) => [`${one.type}/${one.name}`, one])),
    ]),
  );
  return {
    documents: new Map(
      report.documents.map(({ document, meaning, value, place }) => [
        document,
        {
          document,
          meaning,
          value: jsonOf(value),
          place: () => spanOf(place),
          meaningOf: () => null,
        },
      ]),
    ),
    material: fingerprintsOf(report.material),
    wire: {
      groups: [...groups.keys()],
      resources: (group) =>
        new Map(
          [...(groups.get(group)?.values() ?? [])].flatMap((one) =>
            TYPES.filter(({ id }) => id === one.type).map(
              ({ id }): readonly [string, WireResource] => [
                `${id}/${one.name}`,
                { ...one, type: id },
              ],
            ),
          ),
        ),
      json: (group, type, name) => jsonOf(groups.get(group)?.get(`${type}/${name}`)?.json),
    },
  };
}

/** A folder's documents as a server tells of its own. */
export const maskedOf = (documents: Described): Described =>
  new Map(
    [...documents].map(([name, one]) => [
      name,
      { ...one, meaning: hashFields([one.meaning]), value: withoutSecrets(one.value) },
    ]),
  );

/** Of a server that is this helve or a newer one; of the place of a field only its document's. */
const spanOf = (place: DocumentsReport['documents'][number]['place']): Span | null =>
  place === null ? null : { file: place.file, line: place.line, col: place.column };

/** What came as JSON is JSON. */
const jsonOf = (value: unknown): Json => (isJson(value) ? value : null);

const isJson = (value: unknown): value is Json => value !== undefined;
