import type { Origin, Secret as SecretOf } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered } from '../lowered.ts';
import type { CertificatePair } from '../material/pair.ts';
import type { TrustBundle } from '../material/trust.ts';

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

/** The name of a Secret document on the wire. */
export const genericSecretName = (secret: string): string => `secret/${secret}`;

/** The Secret of a Secret document. Its value is in clear: encode it, drop it. */
export function lowerGenericSecret(
  name: string,
  secret: SecretOf<Uint8Array>,
  origin: Origin,
): Lowered {
  const secretName = genericSecretName(name);
  const inline_bytes = Buffer.from(secret.reveal()).toString('base64');
  const value: envoy.Secret = { name: secretName, generic_secret: { secret: { inline_bytes } } };
  return { type: 'Secret', name: secretName, value, origin, references: [] };
}

/** The name of a trust's Secret on the wire. */
export const trustSecretName = (trust: string): string => `trust/${trust}`;

/** The Secret of a Trust document: nothing in it is secret, but it travels the same way. */
export function lowerTrust(
  name: string,
  trust: TrustBundle & { readonly onlyLeaf: boolean },
  origin: Origin,
): Lowered {
  const secretName = trustSecretName(name);
  const revoked =
    trust.crl === ''
      ? {}
      : {
          crl: { inline_string: trust.crl },
          ...(trust.onlyLeaf ? { only_verify_leaf_cert_crl: true } : {}),
        };
  const value: envoy.Secret = {
    name: secretName,
    validation_context: { trusted_ca: { inline_string: trust.ca }, ...revoked },
  };
  return { type: 'Secret', name: secretName, value, origin, references: [] };
}

/** The name on the wire of the keys of a listener's session tickets. */
export const ticketSecretName = (listener: string): string => `tickets/${listener}`;

/** The keys of session tickets, the first one for new ones. Its value is in clear: drop it. */
export function lowerTicketKeys(
  listener: string,
  keys: readonly SecretOf<Uint8Array>[],
  { origin, references }: Pick<Lowered, 'origin' | 'references'>,
): Lowered {
  const name = ticketSecretName(listener);
  const value: envoy.Secret = {
    name,
    session_ticket_keys: {
      keys: keys.map((key) => ({ inline_bytes: Buffer.from(key.reveal()).toString('base64') })),
    },
  };
  return { type: 'Secret', name, value, origin, references };
}
