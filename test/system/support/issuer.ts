import { generateKeyPairSync, sign } from 'node:crypto';

/** Signs tokens with a key of its own. */
export interface Issuer {
  /** The set of its keys, as JSON. */
  readonly jwks: string;
  token(claims: Readonly<Record<string, unknown>>): string;
}

/** Without a `kid` neither the key nor a token has one. */
export function newIssuer(kid?: string): Issuer {
  const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const named = kid === undefined ? {} : { kid };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    jwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...named }] }),
    token: (claims) => {
      const text = `${part({ alg: 'ES256', ...named })}.${part(claims)}`;
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}
