// An open-loop load generator: it sends at a rate, whatever the answers do.
import http from 'node:http';
import https from 'node:https';

const TICK_MS = 10;
const FAILURES_KEPT = 50;

/**
 * Sends `rps` requests a second, spread over `targets`, a share of them on new connections.
 * A failure is a transport error, a status other than 200, or no answer within `timeLimitMs`
 * (generous: slowness is not a failure).
 *
 * @param {import('./load.mjs').LoadOptions} options
 * @returns {import('./load.mjs').Load}
 */
export function startLoad({ targets, rps, newConnectionShare = 0.5, timeLimitMs = 60_000 }) {
  const tally = startTally();
  const pooled = new Map(targets.map((t) => [t, agentFor(t, true)]));
  const fresh = new Map(targets.map((t) => [t, agentFor(t, false)]));
  const open = new Set();
  const startedAt = performance.now();
  let isPaused = false;
  let issued = 0;
  let pausedMs = 0;
  let pausedAt = 0;

  const issue = () => {
    const target = targets[issued % targets.length];
    // A low-discrepancy sequence spreads the fresh connections evenly over the targets.
    const isFresh = (Math.floor(issued / targets.length) * 0.618034) % 1 < newConnectionShare;
    issued += 1;
    tally.totals.requests += 1;
    const agent = isFresh ? fresh.get(target) : pooled.get(target);
    const done = send(target, agent, timeLimitMs).then((result) => {
      open.delete(done);
      tally.settle(result, target, isFresh);
    });
    open.add(done);
  };

  const timer = setInterval(() => {
    if (isPaused) return;
    const elapsed = performance.now() - startedAt - pausedMs;
    const due = Math.floor((elapsed * rps) / 1000) - issued - tally.totals.skipped;
    // After a stall of this process, do not fire a burst that nobody asked for.
    const burst = Math.max(1, Math.ceil(rps / 5));
    if (due > burst) tally.totals.skipped += due - burst;
    for (let i = 0; i < Math.min(due, burst); i += 1) issue();
  }, TICK_MS);

  return {
    stats: tally.stats,
    pause: async () => {
      isPaused = true;
      pausedAt = performance.now();
      await Promise.all(open);
    },
    resume: () => {
      pausedMs += performance.now() - pausedAt;
      isPaused = false;
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      for (const agent of [...pooled.values(), ...fresh.values()]) agent.destroy();
      return tally.stats();
    },
  };
}

/** Counts outcomes; failures are kept with their time since the start. */
function startTally() {
  const totals = { requests: 0, succeeded: 0, failed: 0, skipped: 0 };
  const byUpstream = new Map();
  const failures = [];
  const startedAt = performance.now();
  return {
    totals,
    settle: ({ failure, upstream }, target, isFresh) => {
      if (upstream !== null) byUpstream.set(upstream, (byUpstream.get(upstream) ?? 0) + 1);
      if (failure === null) {
        totals.succeeded += 1;
        return;
      }
      totals.failed += 1;
      if (failures.length >= FAILURES_KEPT) return;
      const atMs = Math.round(performance.now() - startedAt);
      failures.push({ atMs, reason: failure, target: targetText(target), isFresh });
    },
    stats: () => ({
      ...totals,
      byUpstream: Object.fromEntries(byUpstream),
      failures: [...failures],
    }),
  };
}

function agentFor(target, keepAlive) {
  const Agent = target.tls ? https.Agent : http.Agent;
  return new Agent({
    keepAlive,
    maxSockets: keepAlive ? 8 : Infinity,
    ...(target.tls ? { maxCachedSessions: 0, ...target.client } : {}),
  });
}

function send(target, agent, timeLimitMs) {
  return new Promise((resolve) => {
    const client = target.tls ? https : http;
    const request = client.request(
      {
        host: target.address ?? '127.0.0.1',
        port: target.port,
        path: target.path ?? '/',
        headers: { host: target.host ?? 'localhost' },
        agent,
        ...(target.tls ? { servername: target.host, rejectUnauthorized: false } : {}),
      },
      (response) => {
        const upstream = response.headers['x-upstream'] ?? null;
        response.on('error', (error) => finish(`body: ${error.message}`, null));
        response.on('data', () => undefined);
        response.on('end', () => {
          const isOk = response.statusCode === (target.status ?? 200);
          finish(isOk ? null : `status ${response.statusCode}`, upstream);
        });
      },
    );
    const limit = setTimeout(() => {
      finish('no answer within the time limit', null);
      request.destroy();
    }, timeLimitMs);
    let isFinished = false;
    const finish = (failure, upstream) => {
      if (isFinished) return;
      isFinished = true;
      clearTimeout(limit);
      resolve({ failure, upstream });
    };
    request.on('error', (error) => finish(error.code ?? error.message, null));
    request.end();
  });
}

const targetText = (t) => `${t.tls ? 'https' : 'http'}://${t.host ?? ''}:${t.port}${t.path ?? '/'}`;
