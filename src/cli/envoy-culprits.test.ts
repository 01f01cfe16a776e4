import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatSpan } from '../base/index.ts';
import { compileFolder } from './compile-folder.ts';
import { findCulprit } from './envoy-culprits.ts';
import { staticBootstrap } from './static-bootstrap.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-culprits-'));
  await writeFile(join(cwd, 'gateway.yaml'), TEXT);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const TEXT = `kind: Listener
name: web
address: 127.0.0.1
port: 8080
default: true
---
kind: Listener
name: other
address: 127.0.0.1
port: 8081
to: two
---
kind: Cluster
name: one
endpoints: [10.0.0.1:80]
timeouts: {connect: 77s}
---
kind: Cluster
name: two
endpoints: [10.0.0.2:80]
---
kind: Route
name: shop
hosts: [a.example]
rules:
  - {name: first, match: {path: /first}, to: one}
  - {name: second, match: {path: /second}, to: one}
  - {name: third, match: {path: /third}, to: two}
---
kind: Route
name: wide
rules:
  - {name: fourth, match: {path: /fourth}, to: one}
`;

interface Told {
  readonly name: string | null;
  readonly places: readonly string[];
  readonly questions: number;
}

/** As an Envoy that refuses whatever holds a text. */
async function culpritOf(isBad: (bootstrap: string) => boolean): Promise<Told> {
  const { ingest, outcome } = await compileFolder({ source: cwd, allowPaths: [] });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  let questions = 0;
  const rendered = await ingest.render('', null);
  const found = await findCulprit(rendered, outcome.value.put, (some) => {
    questions += 1;
    return Promise.resolve(!isBad(JSON.stringify(staticBootstrap(some))));
  });
  const located = await ingest.locate(found?.origins ?? []);
  await ingest.close();
  const places = located.flatMap(({ span }) => (span === null ? [] : [formatSpan(span)]));
  const name = found === null ? null : `${found.key.type} ${found.key.name}`;
  return { name, places, questions };
}

test.each([
  ['a cluster', '77s', 'Cluster one', 'gateway.yaml:13:1'],
  ['the endpoints of a cluster', '10.0.0.2', 'ClusterLoadAssignment two', 'gateway.yaml:20:12'],
  ['a listener', '"port_value":8081', 'Listener other', 'gateway.yaml:7:1'],
  ['the first rule of a table', '/first', 'RouteConfiguration web', 'gateway.yaml:26:5'],
  ['a rule of a table', '/second', 'RouteConfiguration web', 'gateway.yaml:27:5'],
  ['the last rule of a host', '/third', 'RouteConfiguration web', 'gateway.yaml:28:5'],
  ['a rule of another host', '/fourth', 'RouteConfiguration web', 'gateway.yaml:33:5'],
])('what is wrong with %s is found there', async (_what, text, name, place) => {
  const told = await culpritOf((bootstrap) => bootstrap.includes(text));
  expect(told.name).toBe(name);
  expect(told.places[0]).toBe(place);
  expect(told.questions).toBeLessThan(16);
});

test('of what is refused only together, nothing is blamed', async () => {
  const told = await culpritOf((text) => text.includes('77s') && text.includes('10.0.0.2'));
  expect(told).toMatchObject({ name: null, places: [] });
});
