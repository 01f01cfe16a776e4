import { SETTINGS_SCHEMA } from '../../src/model/parse-settings.ts';
import { tableOf } from './kinds-page.ts';

const HEAD = `# helve.yaml

Settings of a folder, in a file \`helve.yaml\` at its root. It may be missing, and every key may be left
out; a change goes live like that of a document. The table comes from the schema (\`npm run docs\`).

`;

const TAIL = `
\`\`\`yaml
language: 1
ignore: [charts, "*.gen.yaml", vendor/**]
allowPaths: [/etc/letsencrypt]
drainTime: 600s
envoy: "1.38"
owners:
  - { paths: teams/shop/**, names: shop/*, hosts: [shop.example.com, "*.shop.example.com"] }
maxRemovals: 20%
maxGrowth: 5
\`\`\`

- **\`ignore\`**: \`*\` and \`?\` stay inside one name, \`**\` crosses folders; a pattern without \`/\` is a
  name at any depth, and a folder that matches is ignored as a whole.
- **\`allowPaths\`**: as \`--allow-path\`; relative ones are meant from the folder. The server reads them, so
  whoever may write the folder decides what it reads: allow no more than what holds certificates.
- **\`drainTime\`**: what the Envoys were started with (\`--drain-time-s\`). An Envoy whose listener is
  changed or removed serves its open connections for that long, by the old configuration, so the
  clusters that they use stay for that long: ten minutes, unless both are set lower.
- **\`envoy\`**: documents that need a newer one are errors, and an older Envoy that connects gets nothing
  new. A [NodeGroup](kinds.md#nodegroup) may say it of its own nodes.
- **\`owners\`**: what documents and raw resources of these files are called, which documents their
  patches change, and which hosts their Routes, TcpRoutes and listeners take, is theirs
  (\`OWNERSHIP_DENIED\`). All entries for a file count together; a file of no entry may use everything, so
  keep \`helve.yaml\` and what is everybody's where teams do not write. \`shop\` and \`shop/*\` are names
  below \`shop/\` too; \`*.suffix\` is every host below, not the suffix itself. What others define may be
  referred to.
- **\`maxRemovals\`**, **\`maxGrowth\`**: a change beyond them is held until
  \`helve apply --allow-removals=N\`, or a new limit, lets it pass.
`;

/** The text of docs/reference/settings.md. */
export const settingsPage = (): string => HEAD + tableOf(SETTINGS_SCHEMA) + TAIL;
