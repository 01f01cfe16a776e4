import { CATALOGUE, type DiagnosticCode } from '../../src/base/index.ts';
import { documentsOf, sampleCodes, wantedOf } from '../samples/sample.ts';

const HEAD = `# Diagnostics

Generated from \`src/base/catalogue.ts\` and the samples of \`test/samples\` by \`npm run docs\`; a test
keeps it fresh.

Every finding has a code that never changes its meaning, the place (\`file:line:column\`), what is
wrong, and what to do. An error holds the input: what was accepted before stays live. A warning is
shown and changes nothing.
`;

/** A sample of more than this is no example: it shows a limit. */
const SHOWN = { lines: 45, lineChars: 160 };

/** The text of docs/diagnostics.md. */
export function diagnosticsPage(): string {
  const samples = new Set(sampleCodes());
  const entries = Object.entries(CATALOGUE).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = entries.map(([code, { severity, summary, help }]) => {
    const kind = severity === 'error' ? 'Error' : 'Warning';
    const sample = samples.has(code as DiagnosticCode) ? sampleOf(code as DiagnosticCode) : '';
    return `\n## ${code}\n\n${kind}. ${summary}\n\n${help}\n${sample}`;
  });
  return HEAD + sections.join('');
}

function sampleOf(code: DiagnosticCode): string {
  const shown = documentsOf(code).filter(([, text]) => isReadable(text));
  const files = shown.map(([path, text]) => block('yaml', `# ${path}\n${text}`));
  return `${files.join('')}${block('text', wantedOf(code))}`;
}

const block = (kind: string, text: string): string =>
  `\n\`\`\`${kind}\n${text.replace(/\n*$/, '\n')}\`\`\`\n`;

const isReadable = (text: string): boolean => {
  const lines = text.split('\n');
  const isPrintable = !/[^\n -~]/.test(text);
  return (
    text !== '' &&
    isPrintable &&
    lines.length <= SHOWN.lines &&
    lines.every(({ length }) => length <= SHOWN.lineChars)
  );
};
