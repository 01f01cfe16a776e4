import { expect, it } from 'vitest';
import { issue, type Pair } from '../../test/support/certificate.mjs';
import { openIngestRig, valueOf, type IngestRig } from '../../test/support/ingest-rig.ts';
import { replace, takeTime } from '../../test/support/lookout-rig.ts';
import { join } from 'node:path';
import type { ManifestId } from '../base/index.ts';
import type { Resource, RevisionDelta } from '../snapshot/index.ts';

// Key pairs on their way from the disk to a revision.

const LISTENER = `kind: Listener
name: web
port: 8443
tls: {certificates: [shop]}
to: "10.0.0.1:80"
`;
const CERTIFICATE = 'kind: Certificate\nname: shop\ncert: tls.crt\nkey: tls.key\n';
const HOST = 'shop.test';

const filesOf = ({ cert, key }: Pair): Readonly<Record<string, string>> => ({
  'web.yaml': LISTENER,
  'shop.yaml': CERTIFICATE,
  'tls.crt': cert,
  'tls.key': key,
});

const secretsOf = ({ put }: RevisionDelta): readonly Resource[] =>
  put.filter(({ type }) => type === 'Secret');

const has = (secrets: readonly Resource[], { cert, key }: Pair): boolean =>
  secrets.some(({ bytes }) => {
    const text = Buffer.from(bytes);
    return text.includes(cert.trim()) && text.includes(key.trim());
  });

interface Accepted {
  readonly rig: IngestRig;
  readonly documents: ManifestId;
  readonly first: RevisionDelta;
}

/** The pair is accepted; from now on events and the clock lead to looks. */
async function openAccepted(pair: Pair): Promise<Accepted> {
  const rig = await openIngestRig(filesOf(pair), { hasEvents: true, scanIntervalMs: 200 });
  const documents = rig.scans[0]?.documents ?? null;
  if (documents === null) throw new Error('no documents');
  const first = valueOf(await rig.compile({ documents }));
  expect(has(secretsOf(first), pair)).toBe(true);
  return { rig, documents, first };
}

/** Writes with time between, longer than what settles; the delta of each step. */
async function write(
  { rig, documents }: Accepted,
  steps: Readonly<Record<string, string>>,
  base: RevisionDelta,
): Promise<readonly RevisionDelta[]> {
  const deltas: RevisionDelta[] = [];
  for (const [name, text] of Object.entries(steps)) {
    const { length } = rig.scans;
    replace(join(rig.source, name), text);
    await rig.next(length);
    await takeTime(SLOW_MS);
    deltas.push(valueOf(await rig.compile({ documents, base: (deltas.at(-1) ?? base).id })));
  }
  return deltas;
}

/** Longer than any quiet that a replaced file is waited for. */
const SLOW_MS = 120;

it.concurrent.each(['key first', 'certificate first'])(
  'never serves half a pair that is written slowly, %s',
  async (order) => {
    const accepted = await openAccepted(await issue([HOST]));
    const pair = await issue([HOST]);
    const steps = { 'tls.key': pair.key, 'tls.crt': pair.cert };
    const turned = order === 'key first' ? steps : { 'tls.crt': pair.cert, 'tls.key': pair.key };
    const [torn, whole] = await write(accepted, turned, accepted.first);
    if (torn === undefined || whole === undefined) throw new Error('two steps');
    expect(torn.put).toEqual([]);
    expect(torn.heldMaterial.map(({ code }) => code)).toEqual(['CERT_PAIR_MISMATCH']);
    expect(whole.heldMaterial).toEqual([]);
    expect(has(secretsOf(whole), pair)).toBe(true);
    expect(whole.put).toHaveLength(1);
    await accepted.rig.close();
  },
);

it.concurrent('rotates a pair that only the accepted documents name', async () => {
  const accepted = await openAccepted(await issue([HOST]));
  const { rig, documents, first } = accepted;
  replace(join(rig.source, 'shop.yaml'), 'kind: Certificat\nname: shop\n');
  const broken = await rig.next(1);
  expect(broken.documents).not.toBe(documents);
  expect((await rig.compile({ documents: broken.documents, base: first.id })).ok).toBe(false);
  const pair = await issue([HOST]);
  const deltas = await write(accepted, { 'tls.key': pair.key, 'tls.crt': pair.cert }, first);
  expect(has(deltas.flatMap(secretsOf), pair)).toBe(true);
  await rig.close();
});

const raw = (name: string, key: string): string => `resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: ${name}
  tls_certificate:
    certificate_chain: {filename: tls.crt}
    private_key: ${key}
`;

it.concurrent('renders no private key, wherever it comes from', async () => {
  const pair = await issue([HOST]);
  const inline = JSON.stringify({ inline_string: pair.key });
  const rig = await openIngestRig({
    ...filesOf(pair),
    'named.yaml': raw('named', '{filename: tls.key}'),
    'inline.yaml': raw('inline', inline),
    'ticket.yaml': `resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: generic
  generic_secret: {secret: {inline_string: ${CANARY}}}
`,
  });
  const { documents } = await rig.next(0);
  valueOf(await rig.compile({ documents }));
  const rendered = await rig.ingest.render('', null);
  const text = JSON.stringify(rendered);
  const names = rendered.flatMap(({ key }) => (key.type === 'Secret' ? [key.name] : []));
  expect(names.toSorted()).toEqual(['cert/shop', 'generic', 'inline', 'named']);
  const [, ...lines] = pair.key.trim().split('\n').slice(0, -1);
  for (const hidden of ['PRIVATE KEY', CANARY, ...lines]) {
    expect(text).not.toContain(hidden);
    expect(text).not.toContain(Buffer.from(hidden).toString('base64').slice(0, 16));
  }
  // What is public stays readable.
  expect(text).toContain('certificate_chain');
  await rig.close();
});

it('reads a secret of the environment, and says which variable is not set', async () => {
  const text = (variable: string): string => `kind: Secret\nname: alpha\nenv: ${variable}\n`;
  const listener = LISTENER.replace('tls: {certificates: [shop]}\n', '');
  process.env['HELVE_TEST_SECRET'] = CANARY;
  const rig = await openIngestRig({ 'web.yaml': listener, 'a.yaml': text('HELVE_TEST_SECRET') });
  const { documents } = await rig.next(0);
  const [secret] = secretsOf(valueOf(await rig.compile({ documents })));
  expect(secret?.name).toBe('secret/alpha');
  expect(Buffer.from(secret?.bytes ?? []).includes(CANARY)).toBe(true);
  await rig.close();
  delete process.env['HELVE_TEST_SECRET'];
  const unset = await openIngestRig({ 'web.yaml': listener, 'a.yaml': text('HELVE_TEST_SECRET') });
  const { documents: without } = await unset.next(0);
  const { diagnostics } = await unset.compile({ documents: without });
  const found = diagnostics.map(({ code, span }) => [code, span?.file, span?.line]);
  expect(found).toContainEqual(['VAR_UNDEFINED', 'a.yaml', 3]);
  await unset.close();
});

const CANARY = 'canary-7f3a90-of-a-generic-secret';
