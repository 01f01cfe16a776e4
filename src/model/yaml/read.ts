import { LIMITS } from '../../base/index.ts';
import { buildDocuments, type Built, type BuiltDocument } from './build.ts';
import { readEvents } from './events.ts';
import { jsonErrorOffset } from './json-error.ts';
import { newLocator, type Locator } from './locate.ts';
import type { TextProblem } from './problem.ts';
import { yamlVersion } from './syntax.ts';

/** A text, read as far as it can be. */
export interface ReadText {
  /** In the order of the text; a document's index here is the one in its `DocumentId`. */
  readonly documents: readonly BuiltDocument[];
  readonly problems: readonly TextProblem[];
  readonly locator: Locator;
}

/**
 * Reads YAML, or JSON where the path says so. It never throws, whatever the text; a text with a
 * syntax error gives no documents.
 */
export function readText(path: string, text: string): ReadText {
  const refused = checkText(text) ?? (path.endsWith('.json') ? checkJson(text) : null);
  if (refused !== null) return withoutDocuments(path, text, refused);
  const parsed = readEvents(text);
  if (!parsed.ok) return withoutDocuments(path, text, parsed.problem);
  const { events } = parsed;
  const locator = newLocator(path, text, events);
  const built = buildDocuments(text, events);
  const limited = limitDocuments(built, text);
  const problems = [...built.problems, ...limited.problems];
  const version = yamlVersionProblem(text, events);
  if (version !== null) problems.push(version);
  return { documents: limited.documents, problems, locator };
}

function withoutDocuments(path: string, text: string, problem: TextProblem): ReadText {
  return { documents: [], problems: [problem], locator: newLocator(path, text, []) };
}

// The characters that YAML 1.2 forbids in a stream (section 5.1), with the lone surrogates.
const CONTROL = String.raw`[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F]`;
const LONE = String.raw`[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]`;
const FORBIDDEN = new RegExp(`${CONTROL}|${LONE}`);
const CONFLICT_MARKER = /^(?:<{7}|>{7}|\|{7})(?:[ \t]|\r?$)/m;

function checkText(text: string): TextProblem | null {
  if (text.length > LIMITS.fileBytesMax) {
    const message = `the file is larger than ${LIMITS.fileBytesMax} bytes; split it`;
    return { code: 'FILE_TOO_LARGE', message, offset: 0 };
  }
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden !== null) return forbiddenCharacter(text, forbidden.index);
  const marker = CONFLICT_MARKER.exec(text);
  if (marker === null) return null;
  const message = 'the file has merge-conflict markers; finish the merge';
  return { code: 'FILE_CONFLICT_MARKER', message, offset: marker.index };
}

function forbiddenCharacter(text: string, offset: number): TextProblem {
  const unit = text.charCodeAt(offset);
  if (unit >= 0xd800) {
    const message = 'the file has half of a surrogate pair; save it as UTF-8';
    return { code: 'FILE_ENCODING', message, offset };
  }
  if (unit === 0 && offset < 4) {
    const message = 'the file is not UTF-8 (UTF-16 or binary?); save it as UTF-8';
    return { code: 'FILE_ENCODING', message, offset };
  }
  const name = `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
  const message = `the file has the control character ${name}; remove it`;
  return { code: 'STRING_CONTROL_CHAR', message, offset };
}

/** JSON is YAML, but a file that says `.json` is held to JSON's stricter syntax first. */
function checkJson(text: string): TextProblem | null {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (json.trim() === '') return null;
  try {
    JSON.parse(json);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) {
      return { code: 'YAML_TOO_DEEP', message: 'nesting is too deep; flatten it', offset: 0 };
    }
    return jsonProblem(text);
  }
}

function jsonProblem(text: string): TextProblem {
  const offset = jsonErrorOffset(text, text.startsWith('\uFEFF') ? 1 : 0);
  const found = text.charAt(offset);
  const message =
    found === ''
      ? 'the text ends too early; close what is open'
      : `${JSON.stringify(found)} is not expected here; ` +
        'JSON has double quotes, no comments and no trailing commas';
  return { code: 'JSON_SYNTAX', message, offset };
}

function limitDocuments(built: Built, text: string): Built {
  const { documents } = built;
  if (documents.length <= LIMITS.documentsPerFileMax) return { documents, problems: [] };
  const message = `the file has more than ${LIMITS.documentsPerFileMax} documents; split it`;
  const problem: TextProblem = { code: 'FILE_TOO_LARGE', message, offset: text.length };
  return { documents: documents.slice(0, LIMITS.documentsPerFileMax), problems: [problem] };
}

function yamlVersionProblem(
  text: string,
  events: Parameters<typeof buildDocuments>[1],
): TextProblem | null {
  const isOther = events.some(
    (event) =>
      'directives' in event &&
      event.directives.some((found) => found.kind === 'yaml' && found.version !== '1.2'),
  );
  return isOther ? yamlVersion(text, 0) : null;
}
