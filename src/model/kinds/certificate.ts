import { ownIssue } from '../fields/issue.ts';
import { filePath } from '../fields/file-path.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: Certificate`. Paths are normalised, relative to the source root or absolute. */
export interface CertificateValue {
  readonly cert: string;
  readonly key: string;
}

const schema = documentSchema(
  {
    cert: filePath
      .optional()
      .meta({ description: 'The PEM file of the chain, leaf first.', examples: ['tls.crt'] }),
    key: filePath
      .optional()
      .meta({ description: 'The PEM file of the private key.', examples: ['tls.key'] }),
    dir: filePath
      .optional()
      .meta({ description: 'A folder with tls.crt and tls.key.', examples: ['certs'] }),
  },
  ['ocsp'],
)
  .superRefine(({ cert, key, dir }, context) => {
    if (dir !== undefined) {
      for (const [name, path] of Object.entries({ cert, key })) {
        if (path === undefined) continue;
        const message = `dir and ${name} exclude each other; keep dir, or cert and key`;
        context.issues.push(
          ownIssue('SCHEMA_ONE_OF', message, path, { path: [name], isKey: true }),
        );
      }
      return;
    }
    for (const [name, path] of Object.entries({ cert, key })) {
      if (path !== undefined) continue;
      const message = `the field "${name}" is missing; add it, or dir for both files`;
      context.issues.push(ownIssue('SCHEMA_REQUIRED', message, path));
    }
  })
  .meta({ oneOf: [{ required: ['dir'] }, { required: ['cert', 'key'] }] });

/** What cert-manager and the Kubernetes type `tls` write. */
const DIR_CERT = 'tls.crt';
const DIR_KEY = 'tls.key';

export const certificate = newKind(schema, ({ cert, key, dir }, context): CertificateValue => {
  if (dir !== undefined) {
    return {
      cert: context.nameFile(`${dir}/${DIR_CERT}`, '/dir'),
      key: context.nameFile(`${dir}/${DIR_KEY}`, '/dir'),
    };
  }
  return {
    cert: context.nameFile(cert ?? '', '/cert'),
    key: context.nameFile(key ?? '', '/key'),
  };
});
