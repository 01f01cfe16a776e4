import { diagnostic, documentId, sortDiagnostics, type Diagnostic } from '../base/index.ts';
import { isMaterialKind, readDocument } from './document.ts';
import { resolveFilePath } from './fields/file-path.ts';
import { variablePath } from './fields/variable.ts';
import type { KindContext } from './kinds/kind.ts';
import { newFileReport, type FileReport } from './report.ts';
import { reportUnexpanded } from './unexpanded-texts.ts';
import type { Document, NamedFile, ParsedFile } from './types.ts';
import { readText, type ReadText } from './yaml/read.ts';

/**
 * One document file, read as far as it can be. It never throws, whatever the text. `path` is
 * relative to the source root; where it ends in `.json`, JSON's stricter syntax holds.
 */
export function parseFile(path: string, text: string): ParsedFile {
  if (isKeySet(path, text)) return ignoredFile(path, NOTHING_FOUND);
  const ignored = whyIgnored(path, text);
  if (ignored !== null) return ignoredFile(path, [ignored]);
  const read = readText(path, text);
  const report = newFileReport(read.locator);
  for (const problem of read.problems) report.text(problem);
  const files: NamedFile[] = [];
  const documents: Document[] = [];
  const mayHaveVariables = text.includes('$');
  read.documents.forEach(({ value, isEmpty }, index) => {
    if (isEmpty) return;
    const context = contextOf({ path, index, report, files });
    const document = readDocument(value, documentId(path, index), context);
    if (document === null) return;
    documents.push(document);
    if (mayHaveVariables && context.report.errors === 0) reportUnexpanded(value, context.report);
  });
  reportEmpty(read, report);
  return {
    path,
    documents,
    diagnostics: report.found.length === 0 ? NOTHING_FOUND : sortDiagnostics(report.found),
    files,
    isMaterial: isMaterial(read, text),
  };
}

const NOTHING_FOUND: readonly Diagnostic[] = Object.freeze([]);

/** No document, though its name looks like one of a document; null where it is one. */
function whyIgnored(path: string, text: string): Diagnostic | null {
  const at = { span: { file: path, line: 1, col: 1 } };
  if (!/\.(?:yaml|yml|json)$/.test(path)) {
    return diagnostic(
      'FILE_NAME',
      'the file is not read; end its name in .yaml, .yml or .json',
      at,
    );
  }
  // In YAML and JSON such a line is never at the left edge.
  if (!/^-----BEGIN [A-Z0-9 ]+-----\s*$/m.test(text)) return null;
  const message = 'the file is PEM, and no document; name it .pem, .crt or .key';
  return diagnostic('FILE_PEM', message, at);
}

/** A JWKS, which policies name: people keep them beside their documents, as .json. */
const isKeySet = (path: string, text: string): boolean =>
  path.endsWith('.json') && /^\s*\{\s*"keys"\s*:/.test(text);

const ignoredFile = (path: string, diagnostics: readonly Diagnostic[]): ParsedFile => ({
  path,
  documents: [],
  diagnostics,
  files: [],
  isMaterial: false,
});

interface Place {
  readonly path: string;
  readonly index: number;
  readonly report: FileReport;
  readonly files: NamedFile[];
}

function contextOf({ path, index, report, files }: Place): KindContext {
  return {
    report: report.document(index),
    nameFile(named, pointer) {
      const resolved = resolveFilePath(path, named);
      files.push({ origin: { doc: documentId(path, index), pointer }, path: resolved });
      return resolved;
    },
    nameVariable(name, pointer) {
      const variable = variablePath(name);
      files.push({ origin: { doc: documentId(path, index), pointer }, path: variable });
      return variable;
    },
  };
}

/** Empty documents beside others are only stray `---`; a file of nothing else is suspicious. */
function reportEmpty(read: ReadText, report: FileReport): void {
  if (read.problems.length > 0 || read.documents.some(({ isEmpty }) => !isEmpty)) return;
  const message = 'the file has no document; delete it, or write `resources: []`';
  report.text({ code: 'DOC_EMPTY', message, offset: 0 });
}

function isMaterial(read: ReadText, text: string): boolean {
  const values = read.documents.filter(({ isEmpty }) => !isEmpty);
  if (values.length > 0) return values.every(({ value }) => isMaterialKind(value));
  // A text that does not parse still says what it was meant to be.
  const kinds = [...text.matchAll(/^[{\s]*"?kind"?[ \t]*:[ \t]*["']?(\w*)/gm)];
  return kinds.length > 0 && kinds.every(([, kind]) => kind === 'Endpoints');
}
