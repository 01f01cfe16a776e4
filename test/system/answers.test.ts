import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { clusterText, listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { listenerMoves, refusals, type ListenerMoves } from './support/steady.ts';
import { until } from './support/until.ts';

const WIRES: readonly Wire[] = ['delta', 'sotw'];

/** Remembers the headers of the last request. */
async function startShadow(): Promise<{
  readonly server: Server;
  readonly port: number;
  last(): IncomingHttpHeaders | null;
}> {
  let seen: IncomingHttpHeaders | null = null;
  const server = createServer(({ headers }, response) => {
    seen = headers;
    response.end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port, last: () => seen };
}

describe.each(WIRES)('answers over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let port: number;
  let shadow: Awaited<ReturnType<typeof startShadow>>;
  let before: ListenerMoves;

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const textOf = async (path: string): Promise<string> => await (await ask(path)).text();

  const RULES = [
    '{name: down, match: {path: /down}, respond: {status: 503, file: down.html, headers: ' +
      '{retry-after: "600", x-id: "%REQ(x-id)%"}}}',
    '{name: who, match: {path: /who}, respond: {status: 200, json: ' +
      '{ip: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", of: [1, "100%%"]}}}',
    '{name: md, match: {path: /md}, respond: {status: 200, file: down.html}, ' +
      'headers: {response: {set: {content-type: text/markdown}}}}',
    '{name: copied, match: {prefix: /copied}, to: a, mirror: [{to: shadow, headers: ' +
      '{set: {x-shadow: "1"}, add: {x-tag: copy}, remove: [x-secret]}}]}',
  ];

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    shadow = await startShadow();
    const a = await rig.upstream('a');
    const documents = [
      listenerText('web', port),
      clusterText('a', [a]),
      clusterText('shadow', [{ address: `127.0.0.1:${shadow.port}` }]),
    ];
    await rig.write('helve.yaml', 'envoy: "1.40"\n');
    await rig.write('web.yaml', documents.join('---\n'));
    await rig.write('down.html', '<h1>Back soon</h1>');
    const head = 'kind: Route\nname: answers\nlisteners: [web]\nrules:\n';
    await rig.write('routes.yaml', `${head}${RULES.map((rule) => `- ${rule}\n`).join('')}`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    before = await listenerMoves(envoy);
  });
  afterAll(async () => {
    await rig.close();
    shadow.server.closeAllConnections();
    shadow.server.close();
  });

  it('with a file and headers of its own', async () => {
    const answer = await ask('/down', { 'x-id': 'seven' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('retry-after')).toBe('600');
    expect(answer.headers.get('x-id')).toBe('seven');
    expect(await answer.text()).toBe('<h1>Back soon</h1>');
    expect((await ask('/md')).headers.get('content-type')).toBe('text/markdown');
  });

  it('with JSON that tells of the request', async () => {
    const answer = await ask('/who');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ ip: '127.0.0.1', of: [1, '100%'] });
  });

  it('with what the file says now, or last said when it was good', async () => {
    await rig.write('down.html', '<h1>Soon</h1>');
    await until('the new text is live', async () =>
      (await textOf('/down')) === '<h1>Soon</h1>' ? true : null,
    );
    const held = async (): Promise<unknown> =>
      await until('the file is held', async () =>
        (await rig.helve.status()).input.state === 'clean' ? null : true,
      );
    await rig.write('down.html', '');
    await held();
    expect(await textOf('/down')).toBe('<h1>Soon</h1>');
    await rig.helve.stop();
    await rig.startHelve();
    await rig.helve.ready();
    await held();
    expect(await textOf('/down')).toBe('<h1>Soon</h1>');
    await rig.write('down.html', '<h1>Here</h1>');
    await until('it is live again', async () =>
      (await textOf('/down')) === '<h1>Here</h1>' ? true : null,
    );
  });

  it('and copies of requests carry headers of their own', async () => {
    const answer = await ask('/copied/1', { 'x-secret': 's', 'x-tag': 'own' });
    expect(await answer.text()).toBe('a /copied/1\n');
    const seen = await until('the copy has arrived', () => Promise.resolve(shadow.last()));
    expect(seen).toMatchObject({ 'x-shadow': '1', 'x-tag': 'own, copy' });
    expect(seen).not.toHaveProperty('x-secret');
  });

  it('have refused nothing and drained nothing', async () => {
    expect(await refusals(envoy)).toEqual([]);
    expect(await listenerMoves(envoy)).toEqual(before);
  });
});
