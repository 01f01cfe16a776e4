import { z } from 'zod';
import { ownIssue } from '../fields/issue.ts';
import { object } from '../fields/object.ts';

/** What the TLS of a request must be. Null: either. */
export interface CertificateCondition {
  readonly presented: boolean | null;
  readonly validated: boolean | null;
  readonly pointer: string;
}

/** The field `clientCertificate`. Who the client is, `authorize.certificate` asks. */
export const clientCertificateField = object({
  presented: z.boolean().optional().meta({ description: 'Whether the client has shown one.' }),
  validated: z.boolean().optional().meta({ description: 'Whether it was verified.' }),
})
  .superRefine((value, context) => {
    const { presented, validated } = value;
    if (presented === undefined && validated === undefined) {
      const message = 'this says nothing of the certificate; add presented or validated';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value));
    }
    if (presented === false && validated === true) {
      const message = 'what was not presented is never validated; remove one';
      const details = { path: ['validated'], isKey: true };
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value, details));
    }
  })
  .meta({ description: 'Of the client, where the listener asks for one.' });

/** Null where nothing is asked. */
export const certificateCondition = (
  input: z.output<typeof clientCertificateField> | undefined,
  pointer: string,
): CertificateCondition | null =>
  input === undefined
    ? null
    : { presented: input.presented ?? null, validated: input.validated ?? null, pointer };

/** Each as it reads in messages: `presented`, `!validated`. */
export const certificateTexts = (condition: CertificateCondition | null): readonly string[] =>
  (['presented', 'validated'] as const).flatMap((name) => {
    const wanted = condition?.[name] ?? null;
    return wanted === null ? [] : [`${wanted ? '' : '!'}${name}`];
  });
