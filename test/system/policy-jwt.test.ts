import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { startLoad, type Load } from '../support/load.mjs';
import { listenerText } from './support/documents.ts';
import { newIssuer } from './support/issuer.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { listenerMoves, refusals, type ListenerMoves } from './support/steady.ts';
import { until } from './support/until.ts';

const WIRES: readonly Wire[] = ['delta', 'sotw'];

/** Answers with the headers that it got, or with keys. */
async function startEcho(
  jwks: string,
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(({ url, headers }, response) => {
    response.end(url === '/jwks' ? jwks : JSON.stringify({ ...headers, url }));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, server };
}

const [first, second, remote] = ['first', 'second', 'remote'].map(newIssuer);
const CLAIMS = { iss: 'house', sub: 'ada', aud: 'shop' };

describe.each(WIRES)('jwt over %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let load: Load;
  let port: number;
  let echo: Awaited<ReturnType<typeof startEcho>>;
  let before: ListenerMoves;

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const status = async (path: string, token = ''): Promise<number> => {
    const answer = await ask(path, token === '' ? {} : { authorization: `Bearer ${token}` });
    await answer.arrayBuffer();
    return answer.status;
  };
  const set = async (rules: readonly string[]): Promise<void> => {
    const to = `127.0.0.1:${echo.port}`;
    const all = [...rules.map((rule) => `- {${rule}, to: "${to}"}`)];
    const head = ['kind: Route', 'name: shop', 'listeners: [web]', 'rules:'];
    const last = `- {name: all, match: {prefix: /}, to: "${to}"}`;
    await rig.change('routes.yaml', [...head, ...all, last, ''].join('\n'));
  };
  const becomes = (want: number, path: string, token: string): Promise<unknown> =>
    until(`${path} answers ${want}`, async () =>
      (await status(path, token)) === want ? true : null,
    );

  const IN = 'name: in, match: {prefix: /in}';
  const FILE = 'issuer: house, audiences: [shop], jwks: {file: keys.json}';
  const GUARDED = `${IN}, jwt: {${FILE}, claimToHeaders: {sub: x-user}}`;

  beforeAll(async () => {
    rig = await createRig();
    port = await freePort();
    echo = await startEcho(remote?.jwks ?? '');
    await rig.write('web.yaml', listenerText('web', port));
    await rig.write('keys.json', first?.jwks ?? '');
    const rule = `{match: {prefix: /}, to: "127.0.0.1:${echo.port}"}`;
    await rig.write('routes.yaml', `kind: Route\nname: shop\nlisteners: [web]\nrules: [${rule}]\n`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
    before = await listenerMoves(envoy);
    load = startLoad({ targets: [{ port }], rps: 100 });
    await until('the load has begun', () => (load.stats().succeeded > 0 ? true : null));
  });
  afterAll(async () => {
    await rig.close();
    echo.server.closeAllConnections();
    echo.server.close();
  });

  it('lets in who has a token, and tells upstreams its claims and nothing forged', async () => {
    await set([GUARDED]);
    const token = first?.token(CLAIMS) ?? '';
    expect(await status('/in')).toBe(401);
    expect(await status('/in', second?.token(CLAIMS))).toBe(401);
    expect(await status('/in', first?.token({ ...CLAIMS, iss: 'other' }))).toBe(401);
    expect(await status('/in', first?.token({ ...CLAIMS, aud: 'other' }))).toBe(403);
    const headers = { authorization: `Bearer ${token}`, 'x-user': 'root' };
    const answer = await ask('/in', headers);
    expect(answer.status).toBe(200);
    const seen: unknown = await answer.json();
    expect(seen).toMatchObject({ 'x-user': 'ada' });
    expect(seen).not.toHaveProperty('authorization');
    expect(await status('/')).toBe(200);
  });

  it('takes the token away once it is read, but for cookies, which Envoy leaves', async () => {
    const from = (source: string): string => `jwt: {${FILE}, from: [${source}]}`;
    await set([
      `name: h, match: {prefix: /h}, ${from('{header: x-token}')}`,
      `name: q, match: {prefix: /q}, ${from('{query: t}')}`,
      `name: c, match: {prefix: /c}, ${from('{cookie: t}')}`,
    ]);
    const token = first?.token(CLAIMS) ?? '';
    const seen = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
      const answer = await ask(path, headers);
      expect(answer.status).toBe(200);
      return answer.text();
    };
    expect(await seen('/h', { 'x-token': token })).not.toContain(token);
    expect(await seen(`/q?a=b&t=${token}`)).toMatch(/"url":"\/q\?a=b"/);
    expect(await seen('/c', { cookie: `a=b; t=${token}` })).toContain(`"a=b; t=${token}"`);
    await set([GUARDED]);
  });

  it('denies by the headers that it writes, whatever clients write into them', async () => {
    const told = `jwt: {${FILE}, claimToHeaders: {role: x-role}}`;
    const far = `{issuer: far, jwks: {file: far.json}, claimToHeaders: {role: x-role}}`;
    const admins = 'authorize: {allow: [{headers: {x-role: admin}}]}';
    await rig.write('far.json', remote?.jwks ?? '');
    await set([
      `name: told, match: {prefix: /told}, ${told}, authorize: {deny: [{headers: {x-role: guest}}]}`,
      `name: any, match: {prefix: /any}, jwt: {anyOf: [{${FILE}}, ${far}]}, ${admins}`,
    ]);
    const asked = async (path: string, role: string | null): Promise<number> => {
      const token = first?.token(role === null ? CLAIMS : { ...CLAIMS, role }) ?? '';
      const answer = await ask(path, { authorization: `Bearer ${token}`, 'x-role': 'admin' });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await asked('/told', 'guest')).toBe(403);
    expect(await asked('/told', 'admin')).toBe(200);
    // The issuer of this token writes no header, and that of the other must not be believed.
    expect(await asked('/any', null)).toBe(403);
    await set([GUARDED]);
  });

  it('follows its keys, and keeps the last good ones where a file is torn', async () => {
    await rig.write('keys.json', second?.jwks ?? '');
    await becomes(200, '/in', second?.token(CLAIMS) ?? '');
    await becomes(401, '/in', first?.token(CLAIMS) ?? '');
    await rig.write('keys.json', '{"keys": [');
    await until('the file is held', async () =>
      (await rig.helve.status()).input.state === 'clean' ? null : true,
    );
    expect(await status('/in', second?.token(CLAIMS))).toBe(200);
    expect(await status('/in')).toBe(401);
  });

  it('keeps them over a restart too', async () => {
    await rig.helve.stop();
    await rig.startHelve();
    await rig.helve.ready();
    await set([GUARDED, `name: more, match: {prefix: /more}, jwt: {${FILE}}`]);
    expect(await status('/more', second?.token(CLAIMS))).toBe(200);
    expect(await status('/more')).toBe(401);
  });

  it('answers 503 where there never were keys', async () => {
    const gone = 'issuer: house, jwks: {file: gone.json}';
    await set([GUARDED, `name: gone, match: {prefix: /gone}, jwt: {${gone}}`]);
    expect(await status('/gone', first?.token(CLAIMS))).toBe(503);
    expect(await status('/in', second?.token(CLAIMS))).toBe(200);
  });

  it('takes tokens of any issuer, whose keys may be fetched, and is closed without them', async () => {
    await rig.write('keys.json', second?.jwks ?? '');
    const url = `http://127.0.0.1:${echo.port}/jwks`;
    const away = `http://127.0.0.1:${await freePort()}/jwks`;
    const any = `{issuer: far, jwks: {url: "${url}"}}, {${FILE}}`;
    await set([
      `${IN}, jwt: {anyOf: [${any}]}`,
      `name: away, match: {prefix: /away}, jwt: {issuer: far, jwks: {url: "${away}"}}`,
    ]);
    expect(await status('/in', remote?.token({ iss: 'far' }))).toBe(200);
    expect(await status('/in', second?.token(CLAIMS))).toBe(200);
    expect(await status('/in', first?.token({ iss: 'far' }))).toBe(401);
    expect(await status('/away', remote?.token({ iss: 'far' }))).toBe(401);
  });

  it('changes under load, neither open nor closed for a moment', async () => {
    const rule = (rest: string): string =>
      `name: q, match: {prefix: /q}, jwt: {${FILE}, from: [{query: t}]${rest}}`;
    await set([rule('')]);
    const good = { port, path: `/q?t=${second?.token(CLAIMS) ?? ''}` };
    const changing = startLoad({
      targets: [good, { port, path: '/q', status: 401 }],
      rps: 300,
    });
    await until('it has begun', () => (changing.stats().succeeded > 0 ? true : null));
    for (const name of ['x-a', 'x-b', 'x-c', 'x-d']) {
      await set([rule(`, claimToHeaders: {sub: ${name}}`)]);
    }
    expect((await changing.stop()).failures).toEqual([]);
  });

  it('is off again', async () => {
    await set([`${IN}, jwt: none`]);
    expect(await status('/in')).toBe(200);
  });

  it('has lost nothing, refused nothing and drained nothing', async () => {
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(await refusals(envoy)).toEqual([]);
    expect(await listenerMoves(envoy)).toEqual(before);
  });
});
