import { createMetrics } from '../../src/server/index.ts';

const HEAD = `# Metrics

Generated from \`src/server/metrics\` by \`npm run docs\`; a test keeps it fresh. \`GET /metrics\` on the
admin port gives them in Prometheus' text format, beside the usual ones of the process (\`process_*\`,
\`nodejs_*\`). Seconds are seconds, bytes are bytes; \`group\` is a NodeGroup, empty for nodes without one.

| name | type | what |
|---|---|---|
`;

/** The text of docs/reference/metrics.md, read off a page of metrics. */
export async function metricsPage(): Promise<string> {
  const metrics = createMetrics(() => 0);
  metrics.observeNodes(() => []);
  const { text } = await metrics.text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((m) => [m[1], m[2]]));
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)]
    .filter(([, name = '']) => !/^(process|nodejs)_/.test(name))
    .map(([, name = '', help = '']) => `| \`${name}\` | ${types.get(name) ?? ''} | ${help} |\n`);
  return HEAD + rows.sort().join('');
}
