import { filePath } from '../fields/file-path.ts';
import { oneOf } from '../fields/object.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: Trust`: whose certificates are believed. Paths are normalised. */
export interface TrustValue {
  readonly ca: string;
  /** Null: nothing is revoked. */
  readonly crl: string | null;
  /** `chain`, the default, wants a list of every CA of the chain. */
  readonly crlDepth: 'leaf' | 'chain';
}

const schema = documentSchema(
  {
    ca: filePath.meta({
      description: 'The PEM file of the CA certificates.',
      examples: ['ca.crt'],
    }),
    crl: filePath
      .optional()
      .meta({ description: 'The PEM file of the revocation lists.', examples: ['ca.crl'] }),
    crlDepth: oneOf(['leaf', 'chain']).optional().meta({
      description: 'Whose revocation is looked up; chain needs a list of each CA. Default chain.',
    }),
  },
  ['dir'],
);

export const trust = newKind(schema, ({ ca, crl, crlDepth }, context): TrustValue => ({
  ca: context.nameFile(ca, '/ca'),
  crl: crl === undefined ? null : context.nameFile(crl, '/crl'),
  crlDepth: crlDepth ?? 'chain',
}));
