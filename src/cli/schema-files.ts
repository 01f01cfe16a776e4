import { documentsSchema, settingsSchema } from '../model/index.ts';

/** Of all documents, whatever their kind. */
export const DOCUMENTS_SCHEMA = 'documents.schema.json';
const SETTINGS_SCHEMA = 'settings.schema.json';

/** The files that editors read, by name. */
export const schemaFiles = (): readonly (readonly [name: string, text: string])[] => [
  [DOCUMENTS_SCHEMA, `${JSON.stringify(documentsSchema(), null, 2)}\n`],
  [SETTINGS_SCHEMA, `${JSON.stringify(settingsSchema(), null, 2)}\n`],
];

/** What a YAML file begins with, so that editors know it. */
const REFERENCE = /^# yaml-language-server: \$schema=.*$/m;

/** A file with its reference led to where the schema now is. */
export const withSchemaAt = (text: string, path: string): string =>
  text.replace(REFERENCE, () => schemaLine(path));

export const schemaLine = (path: string): string => `# yaml-language-server: $schema=${path}`;
