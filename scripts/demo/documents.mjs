// The demo's folder: what a small shop would keep in files.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const GROUPS = ['delta', 'sotw'];

/** @param {Record<string, { http: number, https: number }>} ports by node group */
export function firstFiles(ports, upstreams) {
  return {
    'groups.yaml': GROUPS.map(
      (group) => `kind: NodeGroup\nname: ${group}\nmatch: { cluster: ${group} }\n`,
    ).join('---\n'),
    'listeners.yaml': GROUPS.map((group) => listeners(group, ports[group])).join('---\n'),
    'certificates.yaml':
      'kind: Certificate\nname: shop\ncert: certs/shop/tls.crt\nkey: certs/shop/tls.key\n',
    'clusters.yaml': clusters('cart-v1', upstreams),
    'routes.yaml': route({ 'cart-v1': 90, 'cart-v2': 10 }),
  };
}

const listeners = (group, { http, https }) => `kind: Listener
name: web-${group}
address: 127.0.0.1
port: ${http}
nodes: [${group}]
---
kind: Listener
name: secure-${group}
address: 127.0.0.1
port: ${https}
tls: { certificates: [shop] }
nodes: [${group}]
`;

export const clusters = (first, [v1, v2]) => `kind: Cluster
name: ${first}
endpoints: ["${v1}"]
---
kind: Cluster
name: cart-v2
endpoints: ["${v2}"]
`;

/** Weights by cluster name. */
export function route(weights) {
  const targets = Object.entries(weights).map(([name, weight]) => `${name}: ${weight}`);
  const names = GROUPS.flatMap((group) => [`web-${group}`, `secure-${group}`]);
  return `kind: Route
name: shop
listeners: [${names.join(', ')}]
hosts: ["*"]
rules:
  - name: cart
    match: { prefix: / }
    to: { ${targets.join(', ')} }
`;
}

/** Writes files as editors do: each beside its place, then renamed over it. */
export async function save(folder, files) {
  for (const [path, text] of Object.entries(files)) {
    const whole = join(folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(`${whole}~`, text, { mode: 0o600 });
    await rename(`${whole}~`, whole);
  }
}
