import type { JsonWebKey, KeyObject } from 'node:crypto';

/** Why Envoy passes over a public key that Node reads, and what to do; null where it takes it. */
export function keyRefusal(jwk: JsonWebKey, key: KeyObject): string | null {
  const words = unsafeField(jwk) ?? kindRefusal(jwk, key);
  if (words === null) return null;
  const { kid } = jwk;
  const name = typeof kid === 'string' ? `the key ${JSON.stringify(kid.slice(0, 100))}` : 'a key';
  return `${name} ${words}`;
}

/** Node also reads plain base64. */
function unsafeField(jwk: JsonWebKey): string | null {
  const field = (['n', 'e', 'x', 'y'] as const).find((one) => /[+/]/.test(jwk[one] ?? ''));
  return field === undefined ? null : `has "+" or "/" in ${field}; write it in base64url`;
}

function kindRefusal(
  { alg: named, crv = '', kty = '' }: JsonWebKey,
  key: KeyObject,
): string | null {
  const alg = typeof named === 'string' ? named : '';
  switch (kty) {
    case 'RSA':
      return rsaRefusal(alg, key);
    case 'EC':
      return curveRefusal(alg, crv);
    case 'OKP':
      if (crv !== 'Ed25519') return `is on the curve ${crv}; use Ed25519`;
      return alg === '' || alg === 'EdDSA' ? null : algRefusal(alg, 'EdDSA');
    default:
      return `is of the kind ${kty}; use EC, RSA or OKP`;
  }
}

/** What BoringSSL reads. */
const RSA_BITS_MIN = 512;
const RSA_BITS_MAX = 16_384;
const EXPONENTS: readonly bigint[] = [3n, 65_537n];

function rsaRefusal(alg: string, { asymmetricKeyDetails }: KeyObject): string | null {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  if (modulusLength < RSA_BITS_MIN || modulusLength > RSA_BITS_MAX) {
    return `is RSA of ${modulusLength} bits; use 2048`;
  }
  if (!EXPONENTS.includes(publicExponent)) {
    return `has the exponent ${publicExponent}; use 65537`;
  }
  return alg === '' || /^[RP]S/.test(alg) ? null : algRefusal(alg, 'RS256');
}

const ALG_OF_CURVE: ReadonlyMap<string, string> = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
]);

function curveRefusal(alg: string, curve: string): string | null {
  const own = ALG_OF_CURVE.get(curve);
  if (own === undefined) return `is on the curve ${curve}; use P-256`;
  return alg === '' || alg === own ? null : algRefusal(alg, own);
}

const algRefusal = (alg: string, own: string): string =>
  `has alg ${JSON.stringify(alg.slice(0, 100))}, which is not for its kind; write ${own}`;
