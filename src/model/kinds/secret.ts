import { z } from 'zod';
import { filePath } from '../fields/file-path.ts';
import { exactlyOne } from '../fields/form.ts';
import { ownIssue } from '../fields/issue.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: Secret`: one value that is never written in a document. */
export interface SecretValue {
  /** Normalised: of the file, or what stands for the environment variable. */
  readonly path: string;
  /** Which of the two fields names it. */
  readonly field: 'file' | 'env';
}

const variable = z
  .string()
  .meta({ description: 'The name of an environment variable of helve.', examples: ['TOKEN'] })
  .superRefine((name, context) => {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
    // It may well be the value itself: it is not shown.
    const message = 'this is no name of an environment variable; use A-Z, 0-9 and _, without $';
    context.issues.push(ownIssue('NAME_INVALID', message, name));
  });

const schema = documentSchema({
  file: filePath.optional().meta({
    description: 'The file that holds the value; one line feed at its end is dropped.',
    examples: ['token'],
  }),
  env: variable
    .optional()
    .meta({ description: 'The variable that holds the value, where helve is started.' }),
})
  .superRefine(({ file, env }, context) => {
    if (file !== undefined && env !== undefined) {
      const message = 'file and env exclude each other; keep one';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, env, { path: ['env'], isKey: true }));
    } else if (file === undefined && env === undefined) {
      const message = 'a Secret needs file or env; add one, and write no value here';
      context.issues.push(ownIssue('SCHEMA_REQUIRED', message, file));
    }
  })
  .meta(exactlyOne(['file', 'env']));

export const secret = newKind(schema, ({ file, env }, context): SecretValue =>
  env === undefined
    ? { path: context.nameFile(file ?? '', '/file'), field: 'file' }
    : { path: context.nameVariable(env, '/env'), field: 'env' },
);
