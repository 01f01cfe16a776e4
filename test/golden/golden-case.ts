import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatDiagnostic, type Diagnostic } from '../../src/base/index.ts';
import { resourcesText } from '../../src/cli/resources-text.ts';
import { createCompiler, type Compilation } from '../../src/compile/index.ts';
import type { Rendered } from '../../src/ingest/index.ts';
import { parseSettings, type MaterialFile } from '../../src/model/index.ts';
import { variablePath } from '../../src/model/fields/variable.ts';
import { openSchema, parseFacts, type Schema } from '../../src/schema/index.ts';
import { typeRow, type Resource, type ViewKey } from '../../src/snapshot/index.ts';

const ROOT = new URL('./', import.meta.url);

/** The clock of all cases. The committed test certificates are good for long around it. */
const NOW = Date.UTC(2030, 0, 1);

/** Every folder beside this file is a case. */
export const goldenCases = (): readonly string[] =>
  readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

interface GoldenView {
  readonly view: ViewKey;
  /** The oldest Envoy that may get it: `1.36`. */
  readonly floor: string;
  readonly rendered: readonly Rendered[];
  readonly resources: readonly Resource[];
}

export interface GoldenOutput {
  /** Empty where the input is refused. */
  readonly views: readonly GoldenView[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles the documents of a case, each file that is none being material; those below `env` stand
 * for environment variables.
 */
export const compileCase = (name: string): GoldenOutput => compileGolden(inputOf(name));

export function compileGolden({ texts, material }: GoldenInput): GoldenOutput {
  const compiler = createCompiler({ schema, forbiddenUpstreams: ['127.0.0.1:9901'], version: '0' });
  const outcome = compiler.compile(
    { texts, material, lastGood: new Map(), filterProfile: null, now: NOW },
    null,
  );
  if (!outcome.ok) return { views: [], diagnostics: outcome.diagnostics };
  const delta = outcome.value.delta(null);
  const diagnostics = [...outcome.diagnostics, ...delta.heldMaterial];
  const { settings } = parseSettings('helve.yaml', texts.get('helve.yaml') ?? null);
  const floorOf = (view: ViewKey): string =>
    delta.groups.find(({ name }) => name === view)?.envoy ?? settings.envoy;
  const views = delta.views.map((view) => ({
    view,
    floor: floorOf(view),
    rendered: render(outcome.value, view),
    resources: outcome.value.resources(view),
  }));
  return { views, diagnostics };
}

/** The files that a case should have besides its input, by name. */
export function wantedFiles(output: GoldenOutput): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { view, rendered, resources } of output.views) {
    const name = view === '' ? 'want' : `want.${view}`;
    files.set(`${name}.yaml`, `${resourcesText(rendered)}\n`);
    const besides = resources.flatMap(besideBytes).sort();
    if (besides.length > 0) files.set(`${name}.besides`, `${besides.join('\n')}\n`);
  }
  const found = output.diagnostics.map(formatDiagnostic);
  if (found.length > 0) files.set('want.diagnostics', `${found.join('\n')}\n`);
  return files;
}

/** To whom a resource is sent, and for how long: its bytes do not say it. */
function besideBytes({ type, name, traits }: Resource): readonly string[] {
  const { isOnDemand, ttlMs, needsDelta } = traits;
  const said = [
    ...(isOnDemand === true ? ['on demand'] : []),
    ...(ttlMs === undefined ? [] : [`for ${ttlMs} ms`]),
    ...(needsDelta === undefined ? [] : ['over delta only']),
  ];
  return said.length === 0 ? [] : [`${typeRow(type).short} ${name}: ${said.join(', ')}`];
}

/** The same as it is on disk. */
export function keptFiles(name: string): ReadonlyMap<string, string> {
  const names = readdirSync(new URL(`${name}/`, ROOT)).filter(isWanted);
  return new Map(
    names.map((file) => [file, readFileSync(new URL(`${name}/${file}`, ROOT), 'utf8')]),
  );
}

export function writeWanted(name: string, files: ReadonlyMap<string, string>): void {
  for (const file of keptFiles(name).keys()) rmSync(new URL(`${name}/${file}`, ROOT));
  for (const [file, text] of files) writeFileSync(new URL(`${name}/${file}`, ROOT), text);
}

const isWanted = (file: string): boolean => file.startsWith('want.');

const schema: Schema = openSchema(
  '1.40.0',
  gunzipSync(readFileSync(new URL('../../generated/envoy-1.40.0.pb.gz', ROOT))),
  parseFacts(readFileSync(new URL('../../envoy/facts.json', ROOT), 'utf8')),
);

export interface GoldenInput {
  readonly texts: ReadonlyMap<string, string>;
  readonly material: ReadonlyMap<string, MaterialFile>;
}

export function inputOf(name: string): GoldenInput {
  const folder = new URL(`${name}/`, ROOT);
  const texts = new Map<string, string>();
  const material = new Map<string, MaterialFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || isWanted(entry.name)) continue;
    const whole = `${entry.parentPath}/${entry.name}`;
    const path = whole.slice(decodeURIComponent(folder.pathname).length).replace(/^\//, '');
    const bytes = readFileSync(whole);
    if (entry.name.endsWith('.yaml')) texts.set(path, bytes.toString());
    else if (path.startsWith('env/')) {
      const variable = variablePath(entry.name);
      material.set(variable, materialOf(variable, bytes));
    } else material.set(path, materialOf(path, bytes));
  }
  return { texts, material };
}
const materialOf = (path: string, bytes: Buffer): MaterialFile => ({
  kind: 'read',
  path,
  hash: createHash('sha256').update(bytes).digest('hex'),
  bytes: new Uint8Array(bytes),
});

/** Redacted, as everything that people read. */
const render = (compilation: Compilation, view: ViewKey): readonly Rendered[] =>
  compilation.resources(view).map(({ type, name, version, bytes, traits }) => ({
    key: { type, name },
    version,
    json: schema.decode(typeRow(type).url.replace(/^.*\//, ''), bytes),
    ...(traits.isOnDemand === true ? ({ isOnDemand: true } as const) : {}),
  }));
