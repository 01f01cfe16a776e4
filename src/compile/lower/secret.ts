import type { Origin } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered } from '../lowered.ts';
import type { CertificatePair } from '../material/pair.ts';

/** The name of a certificate's Secret on the wire. */
export const certificateSecretName = (certificate: string): string => `cert/${certificate}`;

/** The Secret of a Certificate document. Its value holds the key in clear: encode it, drop it. */
export function lowerCertificate(name: string, pair: CertificatePair, origin: Origin): Lowered {
  const secretName = certificateSecretName(name);
  const value: envoy.Secret = {
    name: secretName,
    tls_certificate: {
      certificate_chain: { inline_string: pair.chain },
      private_key: { inline_string: pair.key.reveal() },
    },
  };
  return { type: 'Secret', name: secretName, value, origin, references: [] };
}
