import { certificateSecretName, lowerCertificate } from '../lower/secret.ts';
import { emitLowered, refuse, tell, wholeOf, type KindCompiler } from './kind.ts';

export const certificate: KindCompiler<'Certificate'> = (context, document) => {
  const { graph, read, emit, certificates } = context;
  const state = read(certificates, document.name);
  tell(context, state.found);
  if (state.certificate === null) {
    refuse(context, { type: 'Secret', name: certificateSecretName(document.name) });
    return;
  }
  if (state.value !== null) emit(graph.materials, state.value.name, state.value);
  emitLowered(context, lowerCertificate(document.name, state.certificate.pair, wholeOf(document)));
};
