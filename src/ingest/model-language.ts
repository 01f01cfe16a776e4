import {
  DEFAULT_SETTINGS,
  isDocumentPath,
  locateOrigin,
  parseFile,
  parseSettings,
  type ParsedFile,
  type Settings,
} from '../model/index.ts';
import type { Language } from './language.ts';
import { SETTINGS_FILE } from './source/settings-file.ts';

/** The language of documents, with each file parsed once while its text stays. */
export function createLanguage(): Language {
  const parsed = new Map<string, readonly Memo[]>();
  let settings: { readonly text: string; readonly value: Settings } | null = null;
  return {
    isDocument: isDocumentPath,
    settings(text) {
      if (text === null) return DEFAULT_SETTINGS;
      if (settings?.text !== text) {
        settings = { text, value: parseSettings(SETTINGS_FILE, text).settings };
      }
      return settings.value;
    },
    parse(path, text) {
      const known = parsed.get(path) ?? [];
      const memo = known.find((one) => one.text === text);
      if (memo !== undefined) return memo.file;
      const file = parseFile(path, text);
      parsed.set(path, [{ text, file }, ...known].slice(0, TEXTS_PER_PATH));
      return file;
    },
    keep(paths) {
      if (parsed.size <= 2 * paths.size + SLACK) return;
      for (const path of parsed.keys()) if (!paths.has(path)) parsed.delete(path);
    },
    locate: (text, origin) => locateOrigin(text, pathOf(origin.doc), origin),
  };
}

interface Memo {
  readonly text: string;
  readonly file: ParsedFile;
}

/** What is on disk and what is accepted. */
const TEXTS_PER_PATH = 2;
const SLACK = 1_000;

const pathOf = (document: string): string => document.replace(/#\d+$/, '');
