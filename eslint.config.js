// Lint: typed rules for src and test, and the mechanical ones of CONTRIBUTING.md.
import tseslint from 'typescript-eslint';
import { CORE_FOLDERS } from './scripts/import-table.mjs';

/** Files that turn plain values into branded or decoded ones: the only places for `as` (rule 9). */
const EDGES = ['src/base/brand.ts'];

const NO_EXIT = { object: 'process', property: 'exit', message: 'Only src/main.ts exits.' };

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'generated/', 'coverage/', 'src/*/generated/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A third of the time of all rules, for what cannot occur: no enum is declared here, and the
      // compiler tells classes apart by their private fields.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-param-reassign': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union or a const table.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.test.ts', ...EDGES],
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    },
  },
  {
    files: ['**/*.{ts,js,mjs}'],
    ignores: ['**/*.test.ts'],
    rules: {
      complexity: ['error', 20],
      'max-lines-per-function': ['error', { max: 70 }],
      'max-params': ['error', 4],
    },
  },
  {
    files: ['**/*.{ts,js,mjs}'],
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-len': ['error', { code: 100, ignoreUrls: true }],
    },
  },
  {
    // Tests quote configuration, whose lines are as long as Envoy's names.
    files: ['test/**/*.ts'],
    rules: {
      'max-len': [
        'error',
        { code: 100, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true },
      ],
    },
  },
  {
    // Only the program itself ends the program.
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts'],
    rules: { 'no-restricted-properties': ['error', NO_EXIT] },
  },
  {
    // Core folders are pure: no clock, randomness, environment or timers (rule 14).
    files: CORE_FOLDERS.map((folder) => `src/${folder}/**/*.ts`),
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-properties': [
        'error',
        NO_EXIT,
        { object: 'Date', property: 'now', message: 'Time is a parameter.' },
        { object: 'Math', property: 'random', message: 'Pass randomness in.' },
      ],
    },
  },
);
