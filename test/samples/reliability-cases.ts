import type { Case } from './reliability-case.ts';
import { CONFLICTS_CASES } from './reliability-conflicts.ts';
import { FILES_CASES } from './reliability-files.ts';
import { SCHEMA_CASES } from './reliability-schema.ts';
import { SYNTAX_CASES } from './reliability-syntax.ts';

/** Each shown by a folder, in rows of their own. */
export const CASES: readonly Case[] = [
  ...SYNTAX_CASES,
  ...SCHEMA_CASES,
  ...FILES_CASES,
  ...CONFLICTS_CASES,
];

/** Shown by the sample of a code: what is in the repository already, or needs an accepted state. */
export const BY_SAMPLE: Readonly<Record<string, readonly [code: string, place: string]>> = {
  Y21: ['FILE_TOO_LARGE', 'large.yaml:1:1'],
  R2: ['REF_IN_USE', 'web.yaml:5:5'],
  R4: ['REF_NOT_GRANTED', 'teams/shop/clusters.yaml:4:14'],
  R11: ['FILE_MODE', 'tls.key:1:1'],
  R15: ['SOURCE_INCOMPLETE', ''],
  R16: ['GUARD_SHRINK', ''],
  R17: ['GUARD_GROWTH', 'apps.yaml:2:7'],
  R18: ['GROUP_EMPTY', 'config.yaml:14:7'],
  C2: ['DOMAIN_CONFLICT', 'config.yaml:6:25'],
  C3: ['FILTER_CHAIN_CONFLICT', 'config.yaml:17:5'],
  C6: ['WEIGHT_NO_ENDPOINT', 'config.yaml:9:20'],
  C18: ['OWNERSHIP_DENIED', 'teams/search/search.yaml:3:29'],
};

/** What no folder can show in this version, and why. */
export const NOT_YET: Readonly<Record<string, string>> = {
  S20: 'a file may have any name and hold documents of any kind: there is no strict layout',
  R6: 'routes do not delegate to routes, so no delegation is deep; what inherits is a Route itself',
  R14: 'no text is expanded, so no variable can become a map or a list',
  C7: 'a split over the versions of a Model comes with Models',
  C8: 'weights are shares of their sum, so there are no percentages that could fall short',
  C9: 'fallbacks come with Models',
  C10: 'aliases of models come with Models',
  C14: 'streams of models come with Models; a Route says grpc or websocket, and has no timeout then',
  C20: 'rollback comes with the commands that deploy',
  C21: 'apply with a base revision comes with the commands that deploy',
};
