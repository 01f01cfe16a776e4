import { genericSecretName, lowerGenericSecret } from '../lower/secret.ts';
import { emitLowered, refuse, tell, wholeOf, type KindCompiler } from './kind.ts';

/** A value that cannot be read falls back to the last good one, and holds only its own name. */
export const secret: KindCompiler<'Secret'> = (context, document) => {
  const { graph, read, emit, secrets } = context;
  const { name } = document;
  const state = read(secrets, name);
  tell(context, state.found);
  if (state.secret === null || state.value === null) {
    refuse(context, { type: 'Secret', name: genericSecretName(name) });
    return;
  }
  emit(graph.materials, state.value.name, state.value);
  emitLowered(context, lowerGenericSecret(name, state.secret, wholeOf(document)));
};
