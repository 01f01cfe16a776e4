import { z } from 'zod';
import { sortDiagnostics, type Diagnostic } from '../base/index.ts';
import { durationMs } from './fields/duration.ts';
import { envoyVersion } from './fields/envoy-version.ts';
import { filePath } from './fields/file-path.ts';
import { glob } from './fields/glob.ts';
import { ownIssue } from './fields/issue.ts';
import { reportIssues } from './fields/issues.ts';
import { object } from './fields/object.ts';
import { percentShare } from './fields/percent.ts';
import { ownersField, ownersOf } from './owners.ts';
import { newFileReport } from './report.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { readText } from './yaml/read.ts';

export interface ParsedSettings {
  /** The defaults where there is an error. */
  readonly settings: Settings;
  readonly diagnostics: readonly Diagnostic[];
}

const GROWTH_MAX = 1_000_000;

/** Additions to the language never need a new number (language-review 2.8). */
const LANGUAGE = 1;

const language = z
  .int()
  .meta({ const: LANGUAGE })
  .superRefine((number, context) => {
    if (number === LANGUAGE) return;
    const message = `this version of helve reads language ${LANGUAGE} only, got ${number}`;
    context.issues.push(ownIssue('LANGUAGE_VERSION', `${message}; upgrade helve`, number));
  });

/** The shape of `helve.yaml`; its page is made from it. */
export const SETTINGS_SCHEMA = object(
  {
    language: language.optional().meta({ description: 'Of the documents. Default 1.' }),
    ignore: z.array(glob).optional().meta({ description: 'Files that are not documents.' }),
    allowPaths: z
      .array(filePath)
      .optional()
      .meta({ description: 'Folders outside the source to read certificates and keys from.' }),
    drainTime: durationMs.optional().meta({ description: 'As the Envoys drain. Default 600s.' }),
    envoy: envoyVersion.optional().meta({ description: 'The oldest Envoy. Default "1.36".' }),
    owners: ownersField.optional(),
    maxRemovals: percentShare
      .optional()
      .meta({ description: 'Removals of a kind, from ten on, taken at once. Default 50%.' }),
    maxGrowth: z
      .number()
      .min(1)
      .max(GROWTH_MAX)
      .optional()
      .meta({ description: 'Growth in documents taken at once, as a factor. Default: any.' }),
  },
  ['admin', 'environment', 'onError', 'publish', 'retention', 'rollout', 'xds'],
);

/** `helve.yaml`; `text` is null where there is none. It never throws. */
export function parseSettings(path: string, text: string | null): ParsedSettings {
  if (text === null) return { settings: DEFAULT_SETTINGS, diagnostics: [] };
  const read = readText(path, text);
  const report = newFileReport(read.locator);
  for (const problem of read.problems) report.text(problem);
  const [value, another] = read.documents.filter(({ isEmpty }) => !isEmpty);
  if (another !== undefined) {
    const at = { pointer: '' };
    const message = 'settings are one document; join them, or remove the ---';
    report.document(read.documents.indexOf(another)).error('YAML_MULTI_DOC', at, message);
  }
  // A file of comments only sets nothing.
  const source = value?.value ?? {};
  const index = value === undefined ? 0 : read.documents.indexOf(value);
  const parsed = SETTINGS_SCHEMA.safeParse(source);
  if (!parsed.success) {
    const checked = { source, schema: SETTINGS_SCHEMA, report: report.document(index) };
    reportIssues(parsed.error.issues, checked);
  }
  const diagnostics = sortDiagnostics(report.found);
  if (!parsed.success || diagnostics.length > 0) return { settings: DEFAULT_SETTINGS, diagnostics };
  return { settings: settingsOf(parsed.data), diagnostics };
}

function settingsOf(given: z.output<typeof SETTINGS_SCHEMA>): Settings {
  const defaults = DEFAULT_SETTINGS;
  return Object.freeze({
    language: given.language ?? defaults.language,
    ignore: given.ignore ?? defaults.ignore,
    allowPaths: given.allowPaths ?? defaults.allowPaths,
    drainTimeMs: given.drainTime ?? defaults.drainTimeMs,
    envoy: given.envoy ?? defaults.envoy,
    owners: given.owners === undefined ? defaults.owners : ownersOf(given.owners),
    maxRemovals: given.maxRemovals ?? defaults.maxRemovals,
    maxGrowth: given.maxGrowth ?? defaults.maxGrowth,
  });
}
