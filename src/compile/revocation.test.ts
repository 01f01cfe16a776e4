import { expect, test } from 'vitest';
import type { Outcome } from '../base/index.ts';
import { issue, revocationList } from '../../test/support/certificate.mjs';
import { compileInput } from '../../test/support/compile-input.ts';
import { openGenerated } from '../../test/support/generated-schema.ts';
import { createCompiler } from './index.ts';
import type { Compilation, CompileInput } from './types.ts';

const END = Date.UTC(2026, 5, 1);
const root = (await issue(['root'], { isAuthority: true })).cert;
const list = await revocationList('root', new Date(END));
const ended = await revocationList('root', new Date(-1));
const other = await revocationList('other', new Date(END));

const TEXTS = {
  'a.yaml':
    'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 8080\nto: app\n---\n' +
    'kind: Cluster\nname: app\nendpoints: ["10.0.0.1:443"]\ntls: {sni: a, trust: roots}\n---\n' +
    'kind: Trust\nname: roots\nca: ca.pem\ncrl: crl.pem\n',
};

type Turn = Partial<CompileInput> & { readonly crl: string };

/** What one compiler says of inputs in turn: whether it takes them, what it finds and holds. */
const turns = (inputs: readonly Turn[]) =>
  outcomes(inputs).map((outcome) => {
    if (!outcome.ok) return outcome.diagnostics.map(({ code }) => code);
    const { heldMaterial, warnings } = outcome.value.delta(null);
    return { held: heldMaterial.map(({ code }) => code), warnings: warnings.length };
  });

/** The lists that are live after each of the inputs. */
const liveLists = (inputs: readonly Turn[]): readonly string[] =>
  outcomes(inputs).map((outcome) => {
    const value = outcome.ok ? outcome.value.material.get('Trust/roots') : undefined;
    return JSON.stringify(JSON.parse(new TextDecoder().decode(value?.bytes)));
  });

function outcomes(inputs: readonly Turn[]): readonly Outcome<Compilation>[] {
  const compiler = createCompiler({
    schema: openGenerated(),
    version: 'test',
    forbiddenUpstreams: [],
  });
  let lastGood: CompileInput['lastGood'] = new Map();
  return inputs.map(({ crl, ...more }) => {
    const files = { 'ca.pem': root, 'crl.pem': crl };
    const outcome = compiler.compile(compileInput(TEXTS, files, { lastGood, ...more }), null);
    if (outcome.ok) lastGood = outcome.value.material;
    return outcome;
  });
}

test('a list that ends while it is live is told, and holds only its own name', () => {
  expect(
    turns([
      { crl: list, now: END - 60_000 },
      { crl: list, now: END },
      { crl: list, now: END - 60_000 },
    ]),
  ).toEqual([
    { held: [], warnings: 0 },
    { held: ['CRL_EXPIRED'], warnings: 0 },
    { held: [], warnings: 0 },
  ]);
});

test('a list of somebody else never replaces the one that is live', () => {
  expect(turns([{ crl: list }, { crl: other }])).toEqual([
    { held: [], warnings: 0 },
    { held: ['CRL_ISSUER'], warnings: 0 },
  ]);
});

test('what a CA leaves behind that is believed no more keeps nothing', () => {
  expect(turns([{ crl: list }, { crl: list + other }])).toEqual([
    { held: [], warnings: 0 },
    { held: [], warnings: 1 },
  ]);
});

test('an ended list never replaces one that has not, and any where all have ended', () => {
  const [, kept, taken] = liveLists([
    { crl: list, now: 0 },
    { crl: ended, now: 0 },
    { crl: ended, now: END },
  ]);
  expect(kept).toContain(list.trim().split('\n')[1]);
  expect(taken).toContain(ended.trim().split('\n')[1]);
});

test('without a good one before, it is refused', () => {
  expect(turns([{ crl: other }, { crl: list, now: END }])).toEqual([
    ['CRL_ISSUER'],
    ['CRL_EXPIRED'],
  ]);
});
