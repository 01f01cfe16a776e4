// Certificates for tests and the demo: self-signed leaves.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
let issued = 0x1000;

/**
 * A self-signed leaf for `names`, with a serial of its own, valid from yesterday for 90 days unless
 * `form` says otherwise.
 *
 * @param {readonly string[]} names
 * @param {import('./certificate.mjs').Form} form
 * @returns {Promise<import('./certificate.mjs').Pair>}
 */
export async function issue(names, form = {}) {
  issued += 1;
  const serial = issued.toString(16);
  const algorithm = algorithmOf(form);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { isAuthority = false, usages = [] } = form;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name: `CN=${names[0] ?? 'test'}`,
    notBefore: form.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: form.notAfter ?? new Date(Date.now() + 90 * DAY_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map(dnsName))]),
      ...(usages.length === 0
        ? []
        : [new ExtendedKeyUsageExtension(usages.map((usage) => ExtendedKeyUsage[usage]))]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    serial,
  };
}

const dnsName = (value) => ({ type: 'dns', value });

const algorithmOf = ({ rsaBits }) =>
  rsaBits === undefined
    ? ALGORITHM
    : {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: rsaBits,
        publicExponent: new Uint8Array([1, 0, 1]),
      };

/**
 * An empty revocation list of whoever is called so, with a key of its own, from yesterday for 90
 * days unless it says otherwise.
 *
 * @param {string} name
 * @param {Date} nextUpdate
 * @returns {Promise<string>}
 */
export async function revocationList(name, nextUpdate = new Date(Date.now() + 90 * DAY_MS)) {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const list = await X509CrlGenerator.create({
    issuer: `CN=${name}`,
    thisUpdate: new Date(nextUpdate.getTime() - 100 * DAY_MS),
    nextUpdate,
    entries: [],
    signingAlgorithm: ALGORITHM,
    signingKey: keys.privateKey,
  });
  return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}
