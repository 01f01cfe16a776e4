import type { MaterialValue, Origin } from '../base/index.ts';
import type { MaterialFile } from '../model/index.ts';
import type { Read, Table } from './cell.ts';
import { clockNow, MINUTE_MS, wallClock } from './clock.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { fileProblem } from './material/file-problem.ts';
import { readCertificate, type Certificate, type ReadCertificate } from './material/certificate.ts';
import type { CertificateRole } from './material/leaf.ts';
import { certificateOf, materialValue } from './material/material-value.ts';

/** What a Certificate document stands for now: its own pair, or the last good one. */
export interface CertificateState {
  readonly certificate: Certificate | null;
  readonly value: MaterialValue | null;
  readonly found: readonly Found[];
}

/** Certificates by name. A torn pair falls back to the last good one, and holds only its name. */
export function newCertificates(graph: Graph): Table<CertificateState> {
  const judge = newJudge(graph);
  const isUsedBy = graph.cells.rule((name, read) => rolesIn(read(graph.certificateUses, name)));
  return graph.cells.rule(
    (name, read) => {
      const document = read(graph.documents, `Certificate/${name}`)[0];
      if (document?.kind !== 'Certificate') return NONE;
      const at = (file: 'cert' | 'key'): Origin => ({ doc: document.id, pointer: `/${file}` });
      const { value } = document;
      const files = {
        cert: read(graph.materialFiles, value.cert),
        key: read(graph.materialFiles, value.key),
      };
      const missing = fileProblems(files, value, at);
      const cert = bytesOf(files.cert);
      const key = bytesOf(files.key);
      if (missing.length > 0 || cert === null || key === null) {
        return fallBack(graph, read, name, missing);
      }
      const roles = ROLES[read(isUsedBy, name)];
      const result = judge({ read, roles }, cert, key);
      const found = result.problems.map(({ file, message, ...problem }): Found => ({
        ...problem,
        message: `certificate "${name}": ${message}`,
        origin: at(file),
        related: [],
      }));
      if (!result.ok) return fallBack(graph, read, name, found);
      const { certificate } = result;
      return { certificate, value: materialValue(name, certificate.pair), found };
    },
    (a, b) =>
      a.value?.hash === b.value?.hash && JSON.stringify(a.found) === JSON.stringify(b.found),
  );
}

/** One that nothing uses yet is judged as one of a server, which most are. */
const ROLES = Object.freeze({
  server: ['server'],
  client: ['client'],
  both: ['server', 'client'],
} satisfies Record<string, readonly CertificateRole[]>);

/** Of many users that say the same, one is enough: most edits change nothing here. */
function rolesIn(used: readonly CertificateRole[]): keyof typeof ROLES {
  if (!used.includes('client')) return 'server';
  return used.includes('server') ? 'both' : 'client';
}

interface Judging {
  readonly read: Read;
  /** What the certificate is for. */
  readonly roles: readonly CertificateRole[];
}

export type Judge = (judging: Judging, cert: Uint8Array, key: Uint8Array) => ReadCertificate;

/** Reads a pair by today's clock, and again when a date of it comes. */
export const newJudge =
  (graph: Graph): Judge =>
  ({ read, roles }, cert, key) => {
    const result = readCertificate(cert, key, { now: clockNow(graph), roles });
    if (!result.ok) {
      read(graph.minute, '');
      return result;
    }
    const { notBefore, notAfter } = result.certificate.facts;
    wallClock(graph, read, [notBefore - 5 * MINUTE_MS, notAfter - 24 * 60 * MINUTE_MS, notAfter]);
    return result;
  };

const NONE: CertificateState = Object.freeze({ certificate: null, value: null, found: [] });

const bytesOf = (file: MaterialFile | null): Uint8Array | null =>
  file?.kind === 'read' ? file.bytes : null;

function fileProblems(
  files: Readonly<Record<'cert' | 'key', MaterialFile | null>>,
  paths: { readonly cert: string; readonly key: string },
  at: (file: 'cert' | 'key') => Origin,
): readonly Found[] {
  return (['cert', 'key'] as const).flatMap((name): readonly Found[] => {
    const file = files[name];
    if (file?.kind === 'read') return [];
    return [fileProblem(file, paths[name], at(name))];
  });
}

function fallBack(
  graph: Graph,
  read: Read,
  name: string,
  found: readonly Found[],
): CertificateState {
  const last = read(graph.lastGood, `Certificate/${name}`);
  const certificate = last === null ? null : certificateOf(last);
  if (last === null || certificate === null) return { certificate: null, value: null, found };
  return { certificate, value: last, found: found.map((f) => ({ ...f, isMaterial: true })) };
}
