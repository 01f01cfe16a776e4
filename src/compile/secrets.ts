import type { MaterialValue, Secret } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { Table } from './cell.ts';
import { isError, type Found } from './found.ts';
import type { Graph } from './graph.ts';
import { fileProblem } from './material/file-problem.ts';
import { readSecret, secretMaterial, storedSecret } from './material/secret.ts';
import { readTicketKey } from './material/ticket-key.ts';

/** What a Secret document stands for now: its own value, or the last good one. */
export interface SecretState {
  readonly secret: Secret<Uint8Array> | null;
  readonly value: MaterialValue | null;
  readonly found: readonly Found[];
}

/** Secrets by name. A value that cannot be read falls back to the last good one of its name. */
export function newSecrets(graph: Graph): Table<SecretState> {
  return graph.cells.rule(
    (name, read) => {
      const document = read(graph.documents, `Secret/${name}`)[0];
      if (document?.kind !== 'Secret') return NONE;
      const { id, value } = document;
      const reader = read(graph.ticketUses, name).length > 0 ? readTicketKey : readSecret;
      const origin = { doc: id, pointer: `/${value.field}` };
      const file = read(graph.materialFiles, value.path);
      const result = file?.kind === 'read' ? reader(file.bytes) : null;
      const found: readonly Found[] =
        result === null
          ? [fileProblem(file, value.path, origin)]
          : result.problems.map(({ code, message }) => {
              const words = `secret "${name}": ${message}`;
              return { code, message: words, origin, related: [] };
            });
      if (result !== null && result.secret !== null) return stateOf(name, result.secret, found);
      const last = read(graph.lastGood, `Secret/${name}`);
      const kept = last === null ? null : (storedSecret(last)?.reveal() ?? null);
      const secret = kept === null ? null : reader(kept).secret;
      if (secret === null) return { secret, value: null, found };
      const held = found.map((one) => (isError(one) ? { ...one, isMaterial: true } : one));
      return stateOf(name, secret, held);
    },
    (a, b) =>
      a.value?.hash === b.value?.hash && JSON.stringify(a.found) === JSON.stringify(b.found),
  );
}

const stateOf = (
  name: string,
  secret: Secret<Uint8Array>,
  found: readonly Found[],
): SecretState => ({ secret, value: secretMaterial(name, secret), found });

const NONE: SecretState = Object.freeze({ secret: null, value: null, found: [] });

/** Secrets that a document has as keys of session tickets. */
export function ticketUses(document: NativeDocument): readonly string[] {
  return document.kind === 'Listener' ? (document.value.tls?.tickets ?? []) : [];
}
