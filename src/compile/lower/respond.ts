import { hashBytes, type MaterialValue, type Origin } from '../../base/index.ts';
import {
  RESPOND_BYTES_MAX,
  type MaterialFile,
  type Respond,
  type RespondBody,
  type RouteRule,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { fileProblem } from '../material/file-problem.ts';
import { finding, type Finding } from './finding.ts';
import { headerOptions } from './header-options.ts';

/** An answer as the fields of Route that say it; `file` is what its file holds. */
export function lowerRespond(respond: Respond, file: Uint8Array | null): envoy.Route {
  const { status, body, headers } = respond;
  const type = contentTypeOf(body);
  const options = [
    ...headerOptions({ set: headers, add: {} }),
    ...(type === null || 'content-type' in headers ? [] : [defaultType(type)]),
  ];
  return {
    direct_response: { status, ...bodyFields(body, file) },
    ...(options.length === 0 ? {} : { response_headers_to_add: options }),
  };
}

const defaultType = (type: string): envoy.HeaderValueOption => ({
  header: { key: 'content-type', value: type },
  append_action: 'ADD_IF_ABSENT',
});

/** What a rule answers with, if that is in a file, and what is to be said of it. */
export interface AnswerFile {
  readonly bytes: Uint8Array | null;
  readonly materials: readonly MaterialValue[];
  readonly findings: readonly Finding[];
}

interface Files {
  readonly file: (path: string) => MaterialFile | null;
  readonly lastGood: (name: string) => MaterialValue | null;
}

const NO_FILE: AnswerFile = Object.freeze({ bytes: null, materials: [], findings: [] });

/** What the file says, or else what it last said when it was good. */
export function answerFile(
  { action }: RouteRule,
  doc: Origin['doc'],
  { file, lastGood }: Files,
): AnswerFile {
  if (action.kind !== 'respond' || action.respond.body.kind !== 'file') return NO_FILE;
  const { path, pointer } = action.respond.body;
  const name = `Answer/${path}`;
  const found = file(path);
  const problem = problemOf(found, path, { doc, pointer });
  if (problem === null && found?.kind === 'read') {
    const { bytes } = found;
    return { bytes, materials: [{ name, hash: hashBytes(bytes), bytes }], findings: [] };
  }
  const findings = problem === null ? [] : [problem];
  const last = lastGood(name);
  if (last === null) return { ...NO_FILE, findings };
  const held = findings.map((one) => ({ ...one, isMaterial: true }));
  return { bytes: last.bytes, materials: [last], findings: held };
}

function problemOf(found: MaterialFile | null, path: string, origin: Origin): Finding | null {
  if (found?.kind !== 'read') return fileProblem(found, path, origin);
  const { length } = found.bytes;
  if (length === 0) {
    // Who writes a file often cuts it to nothing first.
    return finding('FILE_EMPTY', origin, `${path} is empty; write it, or leave out \`file\``);
  }
  if (length <= RESPOND_BYTES_MAX) return null;
  const message = `${path} has ${length} bytes, more than ${RESPOND_BYTES_MAX}; cut it`;
  return finding('FILE_TOO_LARGE', origin, message);
}

function bodyFields(body: RespondBody, file: Uint8Array | null): envoy.DirectResponseAction {
  switch (body.kind) {
    case 'none':
      return {};
    case 'text':
      return { body: { inline_string: body.text } };
    case 'file':
      return file === null ? {} : { body: inline(file) };
    case 'json':
      return { body_format: { json_format: body.value } };
  }
}

function inline(bytes: Uint8Array): envoy.DataSource {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { inline_string: text };
  } catch {
    return { inline_bytes: Buffer.from(bytes).toString('base64') };
  }
}

/** By the ending of a file; null where Envoy's own is right: of JSON, or text/plain. */
function contentTypeOf(body: RespondBody): string | null {
  if (body.kind !== 'file') return null;
  return CONTENT_TYPES[/\.[a-z0-9]+$/.exec(body.path)?.[0] ?? ''] ?? null;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};
