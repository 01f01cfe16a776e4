import { z } from 'zod';
import { POLICIES, type PolicyName } from '../../src/model/index.ts';
import { compiledBlock, documentsOf, type Compiled } from './compiled.ts';
import { tableOf } from './kinds-page.ts';

const HEAD = `# Policies

Generated from the schemas in \`src/model/policies\` by \`npm run docs\`; a test keeps it fresh.

A policy key is written at a Listener, a Route, a rule or a target, or in a document of kind Policy that
\`policies:\` names there. The narrowest place that sets a key gives its whole value, \`none\` switches it
off, and \`enforce: true\` on a Policy keeps narrower places from setting its keys. Only \`headers\`
accumulates: per direction and name, the narrower place wins. What is written once is one thing: all rules that
name a Policy with a limit fill its bucket together, and equal limits that are written at two places count apart.
An edit of any limit that a listener counts fills all of its buckets anew, and no other edit does. Of a limit that is
counted apart, an Envoy keeps the buckets of the 10,000 values that came last.
`;

/** What shows each key: the case of its documents, and the resource that carries it. */
const EXAMPLES: Readonly<Record<PolicyName, Compiled>> = {
  authorize: { folder: 'policy-authorize', type: 'RouteConfiguration', name: 'web' },
  headers: { folder: 'policy-headers', type: 'RouteConfiguration', name: 'web' },
  jwt: { folder: 'policy-jwt', type: 'TypedExtensionConfig', name: 'helve.jwt/web' },
  rateLimit: {
    folder: 'policy-rate-limit',
    type: 'TypedExtensionConfig',
    name: 'helve.rateLimit.node/web',
  },
};

/** The text of docs/reference/policies.md; `files` are those of the golden cases. */
export function policiesPage(files: readonly string[]): string {
  const sections = Object.entries(POLICIES).map(([key, { field, places, isSecurity }]) => {
    const where = places.map((place) => WORDS[place]).join(', ');
    const closed = isSecurity ? ' It decides who may pass, and fails closed.' : '';
    const example = EXAMPLES[key as PolicyName];
    const documents = documentsOf(files, example.folder).filter((text) => text.includes(`${key}:`));
    const shown = documents.map((text) => text.trim()).join('\n---\n');
    return (
      `\n## ${key}\n\nStands at ${where}.${closed}\n\n${tableOf(z.object({ [key]: field }))}` +
      `\n\`\`\`yaml\n${shown}\n\`\`\`\n${compiledBlock(files, example)}`
    );
  });
  return HEAD + sections.join('');
}

const WORDS = Object.freeze({
  listener: 'a Listener',
  route: 'a Route or one of its rules',
  target: 'a weighted target',
});
