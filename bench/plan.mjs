// What is measured, by how long the run may take.

const CLIENTS = [1, 100, 1_000];
/** Its table has 100 KB. */
const ROUTES_OF_100_KB = 1_000;

const shape = (routes, more = {}) => ({
  routes,
  clusters: Math.max(2, Math.min(100, routes / 10)),
  hosts: Math.max(2, Math.ceil(routes / 100)),
  ...more,
});

const one = (routes, clients, edits) => ({
  ...{ layout: 'one table', shape: shape(routes), clients, edits, hasPeers: true },
});

/** Each host has a listener, and each listener a table, of which an edit changes one. */
function many(routes, clients, edits) {
  const { hosts } = shape(routes);
  return {
    ...{ layout: 'many tables', shape: shape(routes, { listeners: hosts }), clients, edits },
    hasPeers: false,
  };
}

/** The same hosts on one listener, spread over its shards. */
const sharded = (routes, clients, edits) => ({
  ...{ layout: 'shards', shape: shape(routes, { isSharded: true }), clients, edits },
  hasPeers: false,
});

const envoys = (edits) => [
  ...[100, 10_000].map((routes) => ({ layout: 'one table', shape: shape(routes), edits })),
  { layout: 'shards', shape: shape(10_000, { isSharded: true }), edits },
];

/** All clients but one are stuck, slow or mean harm. */
const hostile = (edits, peers) => ({ shape: shape(ROUTES_OF_100_KB), edits, peers });

const cold = (routes, clusters, perFile = 1) => shape(routes, { clusters, perFile });

export const PLANS = {
  full: {
    delivery: [
      one(100, CLIENTS, 10),
      many(100, CLIENTS, 10),
      many(10_000, CLIENTS, 10),
      sharded(100, CLIENTS, 10),
      sharded(10_000, CLIENTS, 10),
      one(ROUTES_OF_100_KB, [1_000], 10),
      one(10_000, CLIENTS, 5),
    ],
    envoy: envoys(15),
    compile: { routes: 10_000, clusters: 100, edits: 40 },
    sets: { resources: 10_000, changes: 60 },
    cold: [cold(10_000, 100), cold(100_000, 100_000, 1_000)],
    stall: shape(50_000, { perFile: 1_000 }),
    hostile: hostile(30, { readers: 200, floods: 4, garbage: 4, reconnects: 10_000 }),
  },
  quick: {
    delivery: [one(100, [1, 100], 5), sharded(10_000, [1, 100], 5), one(10_000, [1, 100], 3)],
    envoy: envoys(5),
    compile: { routes: 10_000, clusters: 100, edits: 10 },
    sets: { resources: 10_000, changes: 20 },
    cold: [cold(10_000, 100)],
    stall: null,
    hostile: hostile(10, { readers: 200, floods: 4, garbage: 4, reconnects: 1_000 }),
  },
  /** For the test that these programs still run: it judges counts. */
  tiny: {
    delivery: [one(20, [1, 3], 1), many(20, [2], 1), sharded(20, [2], 1)],
    envoy: [{ layout: 'one table', shape: shape(20), edits: 1 }],
    compile: { routes: 40, clusters: 2, edits: 2 },
    sets: { resources: 20, changes: 3 },
    cold: [cold(20, 2)],
    stall: shape(200, { perFile: 100 }),
    hostile: {
      ...{ shape: shape(20), edits: 1 },
      peers: { readers: 4, floods: 1, garbage: 1, reconnects: 20 },
    },
  },
};
