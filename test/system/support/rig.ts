import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Bootstrap,
  type BootstrapOptions,
  ensureEnvoy,
  launchEnvoy,
  makeBootstrap,
  type RunningEnvoy,
} from '../../../src/envoy/index.ts';
import { startUpstream, type Upstream, type UpstreamTls } from '../../support/upstream.mjs';
import { startHelve, type HelveProcess } from './helve.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

export type Wire = 'delta' | 'sotw';

/** One folder, one helve, some Envoys and upstreams; all on loopback, all ended by `close`. */
export interface Rig {
  readonly root: string;
  readonly dir: string;
  readonly state: string;
  readonly xds: string;
  readonly helve: HelveProcess;
  readonly envoys: RunningEnvoy[];
  /** Writes a file of the source whole, as most tools do: beside it, then renamed over it. */
  write(path: string, text: string | Uint8Array): Promise<void>;
  /** Writes a file in place, as `>` in a shell does. */
  overwrite(path: string, text: string | Uint8Array): Promise<void>;
  /** Writes a file, and waits until the one node runs the revision that came of it. */
  change(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  startHelve(args?: readonly string[]): Promise<HelveProcess>;
  startEnvoy(options?: EnvoyChoice): Promise<RunningEnvoy>;
  upstream(name: string, tls?: UpstreamTls): Promise<Upstream>;
  /** Waits until the input is clean and every connected node runs the accepted revision. */
  inStep(): Promise<void>;
  close(): Promise<void>;
}

export interface EnvoyChoice {
  readonly id?: string;
  readonly cluster?: string;
  readonly wire?: Wire;
  readonly drainTimeS?: number;
  readonly xds?: string;
  /** A pinned version. Default: the default pin. */
  readonly version?: string;
  /** Changes what helve would write as its bootstrap. */
  readonly bootstrap?: (made: Bootstrap) => Bootstrap;
  readonly reportsLoad?: boolean;
  /** Where it runs, and the Cluster that has it and its like. */
  readonly place?: Pick<BootstrapOptions, 'locality' | 'localCluster'>;
  /** Where it polls for clusters and listeners. */
  readonly rest?: string;
}

/** Lays out an empty rig; write files, then `startHelve`, then `startEnvoy`. */
export async function createRig(): Promise<Rig> {
  const root = await mkdtemp(join(tmpdir(), 'helve-system-'));
  const dir = join(root, 'config');
  await mkdir(dir);
  const xds = `127.0.0.1:${await freePort()}`;
  const admin = `127.0.0.1:${await freePort()}`;
  const upstreams: Upstream[] = [];
  const started: HelveProcess[] = [];
  const place = async (path: string): Promise<string> => {
    const whole = join(dir, path);
    await mkdir(dirname(whole), { recursive: true });
    return whole;
  };
  let helve: HelveProcess | null = null;
  const rig: Rig = {
    root,
    dir,
    state: join(root, 'state'),
    xds,
    envoys: [],
    get helve() {
      if (helve === null) throw new Error('helve has not been started');
      return helve;
    },
    write: async (path, text) => {
      const whole = await place(path);
      await writeFile(`${whole}~`, text);
      await rename(`${whole}~`, whole);
    },
    overwrite: async (path, text) => {
      await writeFile(await place(path), text);
    },
    remove: async (path) => {
      await rm(join(dir, path), { recursive: true });
    },
    startHelve: async (args = []) => {
      helve = startHelve({ dir, state: rig.state, xds, admin, args });
      started.push(helve);
      await until('the admin port answers', async () => {
        return (await rig.helve.get('/healthz')).status === 200 ? true : null;
      });
      return helve;
    },
    startEnvoy: (choice = {}) => startEnvoy(rig, choice),
    upstream: async (name, tls) => {
      const upstream = await startUpstream({ name, ...(tls === undefined ? {} : { tls }) });
      upstreams.push(upstream);
      return upstream;
    },
    change: (path, text) => change(rig, path, text),
    inStep: () => inStep(rig),
    close: async () => {
      for (const process of started) await process.stop();
      for (const envoy of rig.envoys) await envoy.stop();
      for (const upstream of upstreams) await upstream.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  return rig;
}

async function startEnvoy(rig: Rig, choice: EnvoyChoice): Promise<RunningEnvoy> {
  const { version } = choice;
  const { path } = await ensureEnvoy(version === undefined ? {} : { version });
  const changed = choice.bootstrap ?? ((made: Bootstrap) => made);
  const envoy = await launchEnvoy({
    binary: path,
    concurrency: 2,
    drainTimeS: choice.drainTimeS ?? 600,
    bootstrap: changed(
      makeBootstrap({
        nodeId: choice.id ?? `envoy-${rig.envoys.length}`,
        cluster: choice.cluster ?? 'edge',
        xds: choice.xds ?? rig.xds,
        wire: choice.wire ?? 'delta',
        adminPort: 0,
        reportsLoad: choice.reportsLoad ?? false,
        ...choice.place,
        ...(choice.rest === undefined ? {} : { rest: choice.rest }),
      }),
    ),
  });
  rig.envoys.push(envoy);
  await envoy.ready(120_000);
  return envoy;
}

/** Leftovers that are still to go change nothing that is used. */
async function change(rig: Rig, path: string, text: string): Promise<void> {
  const { accepted: before } = await rig.helve.status();
  await rig.write(path, text);
  await until('the edit runs', async () => {
    const { accepted, nodes } = await rig.helve.status();
    return accepted?.revision !== before?.revision && nodes.running === 1 ? true : null;
  });
}

async function inStep(rig: Rig): Promise<void> {
  await until('the input is clean and the nodes are in step', async () => {
    const status = await rig.helve.status();
    const { connected, inStep: reached } = status.nodes;
    const isDone = status.input.state === 'clean' && connected > 0 && connected === reached;
    if (!isDone) throw new Error(JSON.stringify(status));
    return true;
  });
}
