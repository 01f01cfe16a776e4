// The import table as rules. `npm run check` runs it through scripts/check-imports.mjs.
import { CORE_FOLDERS, IMPORT_TABLE, PURE_CORE_MODULES } from './scripts/import-table.mjs';

const TEST = '\\.test\\.ts$';

const tableRules = IMPORT_TABLE.map(({ folder, may }) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import: ${may.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: { path: '^src/', pathNot: [folder, ...may].map((name) => `^src/${name}/`) },
}));

const doorRules = IMPORT_TABLE.map(({ folder }) => ({
  name: `only-through-index-of-${folder}`,
  comment: `Outside src/${folder}, only its index.ts may be imported.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}/` },
  to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
}));

export default {
  forbidden: [
    ...tableRules,
    ...doorRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'pure-core',
      comment: `Pure folders use no Node module but ${PURE_CORE_MODULES.join(', ')}.`,
      severity: 'error',
      from: { path: `^src/(${CORE_FOLDERS.join('|')})/`, pathNot: TEST },
      to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${PURE_CORE_MODULES.join('|')})$` },
    },
    {
      name: 'no-tests-in-program',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: [TEST, '^test/', '^scripts/'] },
    },
    {
      name: 'no-dev-packages-in-program',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: { extensions: ['.ts', '.mts', '.mjs', '.js', '.json'] },
  },
};
