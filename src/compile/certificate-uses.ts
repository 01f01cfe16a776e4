import type { NativeDocument } from '../model/index.ts';
import { certificatesOf } from './lower/listener.ts';
import type { CertificateRole } from './material/leaf.ts';

export interface CertificateUse {
  readonly certificate: string;
  readonly role: CertificateRole;
}

/** The certificates that a document has shown: a listener to its clients, a cluster to servers. */
export function certificateUses(document: NativeDocument): readonly CertificateUse[] {
  if (document.kind === 'Listener') {
    const { tls } = document.value;
    const names = tls === null ? [] : certificatesOf(tls);
    return names.map((certificate) => ({ certificate, role: 'server' }));
  }
  if (document.kind !== 'Cluster') return [];
  const certificate = document.value.tls?.certificate ?? null;
  return certificate === null ? [] : [{ certificate, role: 'client' }];
}
