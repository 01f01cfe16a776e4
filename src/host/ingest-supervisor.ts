import type { Located, Origin, Outcome, RequestId } from '../base/index.ts';
import type { Ingest, Rendered } from '../ingest/index.ts';
import type { CompileRequest, ResourceKey, RevisionDelta, ViewKey } from '../snapshot/index.ts';
import { createIngestLives, type Life, type LivesOptions } from './ingest-lives.ts';

/** The ingest as the host uses it: it may die at any moment without harm. */
export interface IngestSupervisor {
  start(): void;
  /** Null where the ingest died over it, or a newer request took its place. */
  compile(request: CompileRequest): Promise<Outcome<RevisionDelta> | null>;
  /** Rejects while no ingest is alive. */
  locate(origins: readonly Origin[]): Promise<readonly Located[]>;
  /** Rejects while no ingest is alive. */
  render(view: ViewKey, keys: readonly ResourceKey[] | null): Promise<readonly Rendered[]>;
  /** The number of the look: scans say which they follow. */
  look(): number;
  /** Gives up on the one that runs, as if it had died. */
  restart(why: string): void;
  close(): Promise<void>;
}

export function superviseIngest(options: Omit<LivesOptions, 'onReady'>): IngestSupervisor {
  let lastLook = 0;
  // A look that died with its process, or was asked for while there was none, is asked for again.
  const onReady = ({ ingest }: Life): void => {
    if (lastLook > 0) ingest.look(lastLook);
  };
  const lives = createIngestLives({ ...options, onReady });
  let lastRequest: RequestId | null = null;
  const current = (): Ingest => {
    const life = lives.ready();
    if (life === null) throw new Error('the compile process is being restarted; try again');
    return life.ingest;
  };
  return {
    start: () => lives.begin(),
    compile: async (request) => {
      lastRequest = request.id;
      const { ingest, number } = await lives.alive();
      if (lastRequest !== request.id) return null;
      try {
        return await ingest.compile(request);
      } catch (cause) {
        lives.died(number, cause instanceof Error ? cause.message : String(cause));
        return null;
      }
    },
    locate: async (origins) => current().locate(origins),
    render: async (view, keys) => current().render(view, keys),
    look: () => {
      lastLook += 1;
      lives.ready()?.ingest.look(lastLook);
      return lastLook;
    },
    restart: (why) => {
      const life = lives.ready();
      if (life !== null) lives.died(life.number, why);
    },
    close: () => lives.close(),
  };
}
