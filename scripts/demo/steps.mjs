// What the demo changes, and how it sees that the change is live: by asking the Envoys.
import { clusters, route, save } from './documents.mjs';
import { certificateLive, clusterGone, routesLive, until } from './envoys.mjs';
import { pause } from './stop.mjs';

const LOOK_MS = 1_500;

const live = (ms) => `live after ${ms.toFixed(0)} ms`;

export const STEPS = [
  {
    name: 'a weight moved',
    why: 'routes.yaml: cart-v2 goes from 10% to 90% of the traffic',
    act: async ({ stage, load }) => {
      const before = await share(load);
      const startedAt = performance.now();
      const weights = { 'cart-v1': 10, 'cart-v2': 90 };
      await save(stage.folder, { 'routes.yaml': route(weights) });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      const after = await share(load);
      return { took: live(ms), seen: `v2 served ${before}% before, ${after}% after` };
    },
  },
  {
    name: 'a certificate rotated',
    why: 'certs/shop/tls.key and tls.crt are rewritten; open connections stay',
    act: async ({ stage, issue, first }) => {
      const next = await issue(['shop.example.com']);
      const startedAt = performance.now();
      await save(stage.folder, {
        'certs/shop/tls.key': next.key,
        'certs/shop/tls.crt': next.cert,
      });
      const ports = Object.values(stage.ports).map(({ https }) => https);
      const ms = await certificateLive(ports, next.serial, startedAt);
      const seen = `new connections see serial ${next.serial} instead of ${first.serial}`;
      return { took: live(ms), seen };
    },
  },
  {
    name: 'a broken edit held',
    why: 'routes.yaml: a typo, "crat-v1" is no cluster; no Envoy may hear of it',
    act: async ({ stage }) => {
      const startedAt = performance.now();
      await save(stage.folder, { 'routes.yaml': route({ 'crat-v1': 10, 'cart-v2': 90 }) });
      const { input } = await until('the edit is held', async () => inputIs(stage, 'held'));
      const ms = performance.now() - startedAt;
      const [found] = input.diagnostics;
      const place = `${found.file}:${found.line}:${found.column}`;
      const seen = `${place}  ${found.severity}  ${found.code}  ${found.message}`;
      return { took: `held after ${ms.toFixed(0)} ms`, seen };
    },
  },
  {
    name: 'the fix',
    why: 'routes.yaml: the right name again, 50:50',
    act: async ({ stage }) => {
      const startedAt = performance.now();
      const weights = { 'cart-v1': 50, 'cart-v2': 50 };
      await save(stage.folder, { 'routes.yaml': route(weights) });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      await until('the input is clean', async () => inputIs(stage, 'clean'));
      return { took: live(ms), seen: 'the folder is clean again' };
    },
  },
  {
    name: 'a cluster renamed with its route',
    why: 'clusters.yaml and routes.yaml: cart-v1 (a set of upstreams) becomes cart-stable at once',
    act: async ({ stage, say }) => {
      const startedAt = performance.now();
      const weights = { 'cart-stable': 50, 'cart-v2': 50 };
      await save(stage.folder, {
        'clusters.yaml': clusters('cart-stable', stage.upstreams),
        'routes.yaml': route(weights),
      });
      const ms = await routesLive(stage.envoys, weights, startedAt);
      say(`  ${live(ms)}: the new one was there first, then the route switched;`);
      say('  the old one leaves after a grace, for requests under way (about 15 s) …');
      const goneMs = await clusterGone(stage.envoys, 'cart-v1', startedAt);
      const seen = `cart-v1 has left both Envoys, ${(goneMs / 1000).toFixed(0)} s after the edit`;
      return { took: live(ms), seen };
    },
  },
];

/** The share of v2 in the requests of the next moment, in percent. */
async function share(load) {
  const before = load.stats().byUpstream;
  await pause(LOOK_MS);
  const after = load.stats().byUpstream;
  const served = (name) => (after[name] ?? 0) - (before[name] ?? 0);
  return Math.round((100 * served('v2')) / Math.max(1, served('v1') + served('v2')));
}

async function inputIs({ admin }, state) {
  const status = await (await fetch(`http://${admin}/v1/status`)).json();
  return status.input.state === state ? status : null;
}
