import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { issue, revocationList } from '../../test/support/certificate.mjs';
import { formatDiagnostic } from '../base/index.ts';
import { packageRoot } from '../envoy/index.ts';
import { compileFolder } from './compile-folder.ts';

// Pages that are made of cases and samples, which are compiled where they are.
const GENERATED: ReadonlySet<string> = new Set(['kinds.md', 'policies.md', 'diagnostics.md']);

interface Block {
  /** `routes.md, block 2`. */
  readonly title: string;
  readonly text: string;
}

const root = packageRoot();
const pages = ['docs', 'examples', 'bench', '.']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((path) =>
      join(folder, path),
    ),
  )
  .filter((path) => path.endsWith('.md') && !GENERATED.has(path.slice(path.lastIndexOf('/') + 1)));
const blocks = pages.flatMap((page): readonly Block[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ya?ml\n([^]*?)^```$/gm)].map(
    ([, text = ''], at) => ({ title: `${page}, block ${at + 1}`, text }),
  ),
);

const cluster = (name: string): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["10.0.0.1:80"]\n`;

/** What blocks speak of and leave to the reader, by name; each is added where it is not there. */
const AROUND: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['cart', 'cart-next', 'cart-v1', 'cart-v2', 'gold', 'orders'].map((name) => [
      name,
      cluster(name),
    ]),
  ),
  b2b:
    'kind: Listener\nname: b2b\nport: 9443\n' +
    'tls: {certificates: [api], clients: {trust: partners, mode: request}}\n',
  public:
    'kind: Listener\nname: public\nport: 8443\nprotocol: tls\n' +
    'tls: {certificates: [api]}\nto: 10.0.0.1:80\n',
  api: 'kind: Certificate\nname: api\ncert: certs/api.crt\nkey: certs/api.key\n',
  partners: 'kind: Trust\nname: partners\nca: certs/partners/ca.pem\n',
  web: 'kind: Listener\nname: web\nport: 8080\ndefault: true\n',
};

function completed(text: string): string {
  if (text.startsWith('resources:')) return text;
  let all = text;
  // What is added may speak of what stands behind it in the table.
  for (const [name, document] of Object.entries(AROUND)) {
    const kind = /^kind: (\w+)/.exec(document)?.[1] ?? '';
    const isThere = new RegExp(
      `^\\{?kind: ${kind}(?:\\n|, )name: ${name}\\s*(?:[,}#]|$)`,
      'm',
    ).test(all);
    const isNamed = new RegExp(`[\\s:[{]${name}[:\\s,\\]}]`).test(all);
    const isEntry = name === 'web' && !/^kind: Listener$/m.test(all);
    if ((isNamed || isEntry) && !isThere) all = `${all.trimEnd()}\n---\n${document}`;
  }
  return all;
}

async function writeAll(home: string): Promise<void> {
  const [pair, ca] = [await issue(['api.test']), await issue(['partners'], { isAuthority: true })];
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'config/certs/api.crt': pair.cert,
    'config/certs/api.key': pair.key,
    'config/certs/shop/tls.crt': pair.cert,
    'config/certs/shop/tls.key': pair.key,
    'config/certs/partners/ca.pem': ca.cert,
    'config/certs/partners/ca.crl': await revocationList('partners'),
    'config/robots.txt': 'User-agent: *\n',
    'config/down.html': '<p>down</p>\n',
    'config/keys.json': KEYS,
    'config/secrets/tickets.key': randomBytes(80),
    'config/secrets/tickets-before.key': randomBytes(80),
    'secrets/alpha': 'A1\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text, { mode: 0o600 });
  }
}

const KEYS = `{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a",
  "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`;

test.each([
  ['README.md', 4],
  ['CHANGELOG.md', 1],
  ['docs', 16],
])('%s has blocks of YAML', (start, least) => {
  const own = blocks.filter(({ title }) => title.startsWith(start));
  expect(own.length).toBeGreaterThanOrEqual(least);
});

test.each(blocks.map(({ title, text }) => [title, text] as const))(
  '%s compiles',
  async (_, text) => {
    const home = await mkdtemp(join(tmpdir(), 'helve-docs-'));
    const source = join(home, 'config');
    await writeAll(home);
    const isSettings = /^language:/.test(text);
    await writeFile(join(source, 'helve.yaml'), isSettings ? text : 'envoy: "1.40"\n');
    await writeFile(join(source, 'block.yaml'), completed(isSettings ? '' : text));
    const allowPaths = [join(home, 'secrets')];
    const { ingest, outcome, diagnostics } = await compileFolder({ source, allowPaths });
    await ingest.close();
    await rm(home, { recursive: true });
    // A piece that stands alone may be unused; nothing else may be found.
    const found = diagnostics.map(formatDiagnostic).filter((line) => !line.includes('  UNUSED  '));
    expect([outcome.ok, found]).toEqual([true, []]);
  },
);
