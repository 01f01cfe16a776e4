import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import type { Pair } from './certificates.ts';

cryptoProvider.set(webcrypto);

/** A CA of a test, and what it issues. */
export interface Authority {
  /** PEM. */
  readonly cert: string;
  /** A client's certificate that has these URIs. */
  issue(uris: readonly string[]): Promise<Pair>;
  /** Its revocation list, PEM. */
  revoke(pairs: readonly Pair[]): Promise<string>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
let issued = 0x2000;

const newKeys = (): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const nextSerial = (): string => {
  issued += 1;
  return issued.toString(16);
};

const validity = () => ({
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + 90 * DAY_MS),
  signingAlgorithm: ALGORITHM,
});

export async function newAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: nextSerial(),
    name: `CN=${name}`,
    keys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: `${certificate.toString('pem')}\n`,
    issue: async (uris) => {
      const own = await newKeys();
      const serial = nextSerial();
      const leaf = await X509CertificateGenerator.create({
        ...validity(),
        serialNumber: serial,
        subject: `CN=client ${serial}`,
        issuer: certificate.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new SubjectAlternativeNameExtension(
            uris.map((value) => ({ type: 'url' as const, value })),
          ),
        ],
      });
      const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
      return {
        cert: `${leaf.toString('pem')}\n`,
        key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n`,
        serial,
      };
    },
    revoke: async (pairs) => {
      const list = await X509CrlGenerator.create({
        issuer: certificate.subject,
        thisUpdate: new Date(Date.now() - DAY_MS),
        nextUpdate: new Date(Date.now() + 90 * DAY_MS),
        entries: pairs.map(({ serial }) => ({
          serialNumber: serial,
          revocationDate: new Date(),
          // Without one the library writes an empty list of extensions, which Envoy 1.40 refuses.
          reason: X509CrlReason.keyCompromise,
        })),
        signingAlgorithm: ALGORITHM,
        signingKey: keys.privateKey,
      });
      // The library writes a label that nothing else reads.
      return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
    },
  };
}
