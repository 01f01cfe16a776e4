import { genericSecretName, lowerGenericSecret } from '../lower/secret.ts';
import { fileProblem } from '../material/file-problem.ts';
import { readSecret, secretMaterial, storedSecret } from '../material/secret.ts';
import { isError, type Found } from '../found.ts';
import { emitLowered, refuse, tell, wholeOf, type KindCompiler } from './kind.ts';

/** A value that cannot be read falls back to the last good one, and holds only its own name. */
export const secret: KindCompiler<'Secret'> = (context, document) => {
  const { graph, read, emit } = context;
  const { id, name, value } = document;
  const origin = { doc: id, pointer: `/${value.field}` };
  const file = read(graph.materialFiles, value.path);
  const result = file?.kind === 'read' ? readSecret(file.bytes) : null;
  const found: readonly Found[] =
    result === null
      ? [fileProblem(file, value.path, origin)]
      : result.problems.map(({ code, message }) => {
          const words = `secret "${name}": ${message}`;
          return { code, message: words, origin, related: [] };
        });
  const own = result?.secret ?? null;
  const last = own === null ? read(graph.lastGood, `Secret/${name}`) : null;
  const kept = last === null ? null : storedSecret(last);
  const isHeld = own === null && kept !== null;
  tell(
    context,
    found.map((one) => (isHeld && isError(one) ? { ...one, isMaterial: true } : one)),
  );
  const current = own ?? kept;
  if (current === null) {
    refuse(context, { type: 'Secret', name: genericSecretName(name) });
    return;
  }
  const material = secretMaterial(name, current);
  emit(graph.materials, material.name, material);
  emitLowered(context, lowerGenericSecret(name, current, wholeOf(document)));
};
