import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { DiagnosticCode } from '../../src/base/index.ts';
import { issue, revocationList } from '../support/certificate.mjs';

type Prepare = (folder: string) => void;

const DAY_MS = 86_400_000;

const shop = await issue(['shop.example']);
const second = await issue(['shop.example']);
const other = await issue(['other.example']);
const dates = (from: number, to: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() + from * DAY_MS),
  notAfter: new Date(Date.now() + to * DAY_MS),
});
const past = await issue(['shop.example'], dates(-30, -1));
const future = await issue(['shop.example'], dates(2, 30));
const ending = await issue(['shop.example'], dates(-30, 0.5));
const forClients = await issue(['shop.example'], { usages: ['clientAuth'] });
const nameless = await issue([]);
const authority = await issue(['shop.example'], { isAuthority: true });
const root = await issue(['root.example'], { isAuthority: true });
const revoked = await revocationList('shop.example');
const ended = await revocationList('shop.example', new Date(Date.now() - DAY_MS));
const weak = await issue(['shop.example'], { rsaBits: 1024 });

const encryptedKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'test' })
    .toString();

const put = (folder: string, path: string, content: string | Uint8Array, mode = 0o600): void => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  chmodSync(whole, mode);
};

const pair =
  (cert: string | Uint8Array, key: string): Prepare =>
  (folder) => {
    put(folder, 'tls.crt', cert, 0o644);
    put(folder, 'tls.key', key);
  };

/**
 * What a repository cannot hold, or should not: links that lead away, modes, large files, keys and
 * what depends on today's date. The page of the codes says it in words instead.
 */
export const PREPARE: Partial<Record<DiagnosticCode, Prepare>> = {
  CERT_ALGORITHM: pair(weak.cert, weak.key),
  CERT_CHAIN_ORDER: pair(other.cert + shop.cert, shop.key),
  CERT_EKU: pair(forClients.cert, forClients.key),
  CERT_EMPTY: pair('', shop.key),
  CERT_EXPIRED: pair(past.cert, past.key),
  CERT_EXPIRES_SOON: pair(ending.cert, ending.key),
  CERT_FORMAT: pair(Buffer.from(shop.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64'), shop.key),
  CERT_IS_CA: pair(authority.cert, authority.key),
  CERT_NAME_CONFLICT: (folder) => {
    pair(shop.cert, shop.key)(folder);
    put(folder, 'second.crt', second.cert);
    put(folder, 'second.key', second.key);
  },
  CERT_NOT_YET_VALID: pair(future.cert, future.key),
  CERT_NO_SAN: pair(nameless.cert, nameless.key),
  CERT_PAIR_MISMATCH: pair(shop.cert, other.key),
  CERT_PEM: pair(shop.cert.slice(0, 200), shop.key),
  CERT_TOO_LARGE: pair(shop.cert.repeat(200), shop.key),
  CRL_EXPIRED: (folder) => {
    put(folder, 'ca.pem', authority.cert);
    put(folder, 'crl.pem', ended);
  },
  CRL_ISSUER: (folder) => {
    put(folder, 'ca.pem', root.cert);
    put(folder, 'crl.pem', revoked);
  },
  CRL_INCOMPLETE: (folder) => {
    put(folder, 'ca.pem', authority.cert + root.cert);
    put(folder, 'crl.pem', revoked);
  },
  FILE_MODE: (folder) => {
    pair(shop.cert, shop.key)(folder);
    chmodSync(join(folder, 'tls.key'), 0o644);
  },
  FILE_NOT_REGULAR: (folder) => {
    pair(shop.cert, shop.key)(folder);
    rmSync(join(folder, 'tls.crt'));
    mkdirSync(join(folder, 'tls.crt'));
  },
  FILE_TOO_LARGE: (folder) => {
    put(folder, 'large.yaml', '');
    truncateSync(join(folder, 'large.yaml'), 5 * 1024 * 1024);
  },
  FILE_UNREADABLE: (folder) => put(folder, 'tls.key', shop.key),
  INHERIT_LIMIT: (folder) => {
    const numbers = (count: number): readonly number[] => [...Array(count).keys()];
    const rule = (n: number): string => `- {match: {path: /${n}}, respond: {status: 200}}`;
    const host = (n: number): string =>
      `kind: Route\nname: h${n}\nhosts: [h${n}.test]\ninherit: true\nrespond: {status: 200}\n`;
    const wide = `kind: Route\nname: all\nrules:\n${numbers(1001).map(rule).join('\n')}\n`;
    put(folder, 'routes.yaml', [wide, ...numbers(100).map(host)].join('---\n'));
  },
  KEY_ENCRYPTED: pair(shop.cert, encryptedKey()),
  PATH_ESCAPE: (folder) => put(folder, 'tls.key', shop.key),
  PATH_LOOP: (folder) => symlinkSync('loop', join(folder, 'loop')),
  POLICY_BYPASSED: pair(shop.cert, shop.key),
  SECRET_TOO_LARGE: (folder) => {
    put(folder, 'secrets/alpha', 'a'.repeat(70_000));
  },
  SHARD_LIMIT: (folder) => {
    const rules = [...Array(1_600).keys()].map((n) => `- {match: {path: /${n}}, to: 10.0.0.1:80}`);
    const host = 'kind: Route\nname: some\nhosts: ["*.test", shop.example.com]\n';
    const rest = 'kind: Route\nname: rest\nto: 10.0.0.1:80\n';
    put(folder, 'routes.yaml', `${host}rules:\n${rules.join('\n')}\n---\n${rest}`);
  },
  TREE_TOO_LARGE: (folder) => mkdirSync(join(folder, 'd/'.repeat(40)), { recursive: true }),
  TICKET_KEY: (folder) => {
    pair(shop.cert, shop.key)(folder);
    put(folder, 'tickets.key', `${'0123456789abcdef'.repeat(5)}\n`);
  },
};
