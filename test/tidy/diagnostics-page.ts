import { CATALOGUE } from '../../src/base/index.ts';

const HEAD = `# Diagnostics

Generated from \`src/base/catalogue.ts\` by \`npm run docs\`; a test keeps it fresh.

Every finding has a code that never changes its meaning, the place (\`file:line:column\`), what is
wrong, and what to do. An error holds the input: what was accepted before stays live. A warning is
shown and changes nothing.
`;

/** The text of docs/diagnostics.md. */
export function diagnosticsPage(): string {
  const entries = Object.entries(CATALOGUE).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = entries.map(
    ([code, { severity, summary, help }]) =>
      `\n## ${code}\n\n${severity === 'error' ? 'Error' : 'Warning'}. ${summary}\n\n${help}\n`,
  );
  return HEAD + sections.join('');
}
