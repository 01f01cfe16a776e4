import { assertNever, mono, type Mono, type Outcome, type Seq } from '../base/index.ts';
import type { Compiled, EngineEffect } from '../engine/index.ts';
import type { Metrics, Registry } from '../server/index.ts';
import type { CompileRequest, Entry, Revision, RevisionDelta } from '../snapshot/index.ts';
import type { Proposed, Store } from '../store/index.ts';
import type { Applies } from './applies.ts';
import type { EngineLoop } from './engine-loop.ts';
import type { IngestSupervisor } from './ingest-supervisor.ts';
import { banner, createInputLog } from './input-log.ts';
import type { LastGoodSaver } from './last-good-saver.ts';
import type { Log } from './log.ts';
import type { Revisions } from './revisions.ts';
import type { SaveToAck } from './save-to-ack.ts';
import type { XdsPort } from './xds-port.ts';

/** What the effects of the engine are carried out with. */
export interface AcceptanceParts {
  readonly source: string;
  /** How the user calls helve. */
  readonly command: string;
  readonly store: Store;
  readonly ingest: IngestSupervisor;
  readonly revisions: Revisions;
  readonly registry: Registry;
  readonly xds: XdsPort;
  readonly saver: LastGoodSaver;
  readonly metrics: Metrics;
  readonly saveToAck: SaveToAck;
  readonly applies: Applies;
  readonly log: Log;
  readonly now: () => Mono;
  readonly loop: () => EngineLoop;
}

/** The way of a revision from the compiler to the clients. */
export interface Acceptance {
  perform(effect: EngineEffect): void;
  /** Serves what the compiled cache holds, before the engine knows anything. */
  serveRestored(delta: RevisionDelta, entry: Entry): void;
  /** Serves an older cache where there is nothing better: the engine has settled without. */
  fallBackTo(delta: RevisionDelta, entry: Entry): void;
  /** No proposal is under way. */
  settled(): Promise<void>;
}

export function createAcceptance(parts: AcceptanceParts): Acceptance {
  const { metrics, log } = parts;
  const logInput = createInputLog(parts, log);
  let serving: { readonly entry: Entry | null; readonly isRestored: boolean } = {
    entry: null,
    isRestored: false,
  };
  let hasCommitted = false;
  let proposing: Promise<void> = Promise.resolve();
  const serve = (revisionId: Entry['revision'], entry: Entry, isRestored: boolean): Revision => {
    const revision = parts.revisions.promote(revisionId);
    serving = { entry, isRestored };
    parts.registry.publish(revision);
    metrics.active(entry.seq);
    log.info(servingText(entry, isRestored), { event: 'serving', revision: entry.seq });
    void parts.xds.open();
    return revision;
  };
  const perform = (effect: EngineEffect): void => {
    switch (effect.kind) {
      case 'compile':
        void compile(parts, effect.request);
        return;
      case 'propose': {
        const delta = parts.revisions.staged(effect.revision);
        proposing = propose(parts, delta, effect.after).then((answer) => {
          hasCommitted ||= answer.kind === 'committed';
          parts.loop().dispatch(answer);
        });
        return;
      }
      case 'publish': {
        const { entry, rollout } = effect;
        parts.saver.save(serve(rollout.next, entry, !hasCommitted), entry);
        return;
      }
      case 'tell': {
        const { input } = effect;
        metrics.held(input.state === 'held' ? input.since : null);
        logInput(input, serving);
        return;
      }
      case 'reloaded':
        reloaded(parts, effect);
        return;
      case 'applied':
        parts.applies.answered(effect.outcome);
        return;
      default:
        assertNever(effect);
    }
  };
  return {
    perform,
    serveRestored: (delta, entry) => {
      parts.revisions.stage(delta);
      serve(delta.id, entry, true);
    },
    fallBackTo: (delta, entry) => {
      parts.revisions.stage(delta);
      serve(delta.id, entry, true);
      log.error(banner(entry, parts.source), { event: 'serving-last-good' });
    },
    settled: () => proposing,
  };
}

const servingText = ({ seq, at, revision }: Entry, isRestored: boolean): string =>
  isRestored
    ? `serving revision ${seq} of the state directory, accepted ${at}`
    : `revision ${seq} is live (${revision.slice(0, 12)})`;

async function compile(parts: AcceptanceParts, request: CompileRequest): Promise<void> {
  const outcome = await parts.ingest.compile(request);
  // Its death was told to the engine, which asks again.
  if (outcome === null) return;
  try {
    const result = compiledOf(parts.revisions, outcome);
    parts.loop().dispatch({ kind: 'compiled', id: request.id, result });
  } catch (cause) {
    parts.log.fault('an answer of the compile process does not fit', cause);
    parts.ingest.restart('its answer does not fit what is served');
  }
}

function compiledOf(revisions: Revisions, outcome: Outcome<RevisionDelta>): Outcome<Compiled> {
  if (!outcome.ok) return outcome;
  const { id, documents, material, warnings, heldMaterial } = outcome.value;
  revisions.stage(outcome.value);
  const value = { revision: id, documents, material, warnings, heldMaterial };
  return { ok: true, value, diagnostics: outcome.diagnostics };
}

const begunAnew = (folder: string): string =>
  'the state directory was damaged and nothing of it could be served: helve begins anew with ' +
  `what is in the source; what was there is kept in ${folder}. Whether documents have gone since ` +
  'could not be checked';

async function propose(
  { log, store }: AcceptanceParts,
  delta: RevisionDelta,
  after: Seq,
): Promise<Proposed> {
  try {
    const answer = await store.propose(delta, after);
    if (answer.kind === 'committed' && answer.keptIn !== undefined) {
      log.error(begunAnew(answer.keptIn), { event: 'state-set-aside', folder: answer.keptIn });
    }
    return answer;
  } catch (cause) {
    log.fault('the store failed', cause);
    const text = cause instanceof Error ? cause.message : String(cause);
    return { kind: 'refused', why: 'unavailable', text };
  }
}

function reloaded(
  { metrics, saveToAck, revisions, now }: AcceptanceParts,
  effect: Extract<EngineEffect, { kind: 'reloaded' }>,
): void {
  metrics.reloaded(effect.isSuccess, Math.max(0, mono(now() - effect.startedAt)) / 1000);
  const served = revisions.served();
  if (effect.isSuccess && served !== null) saveToAck.begin(served.id, effect.noticedAtWall);
}
