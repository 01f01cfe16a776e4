import { capDiagnostics, formatDiagnostic, type Diagnostic } from '../base/index.ts';
import type { InputStatus } from '../snapshot/index.ts';
import type { EngineState } from './state.ts';
import type { EngineEffect } from './types.ts';

/**
 * Brings `state.input` up to date, and tells where it changed. It describes what was judged last:
 * while a newer scan waits or compiles, the status stays as it is.
 */
export function tellInput(
  state: EngineState,
  wall: number,
): readonly [EngineState, readonly EngineEffect[]] {
  if (!isJudged(state)) return [state, []];
  const before = state.input;
  const diagnostics = capDiagnostics(distinct(findings(state)));
  const now = isInputHeld(state, diagnostics) ? 'held' : 'clean';
  const isTransition = now !== before.state || before.since === 0;
  const isSame = now === before.state && sameText(diagnostics, before.diagnostics);
  if (isSame && !isTransition) return [state, []];
  const input: InputStatus = { state: now, since: isTransition ? wall : before.since, diagnostics };
  return [{ ...state, input }, isSame ? [] : [{ kind: 'tell', input }]];
}

/** Something can be said of the source: before that, nothing is told. */
const isJudged = (state: EngineState): boolean =>
  state.verdict !== null ||
  state.retry !== null ||
  state.scanProblem !== null ||
  (state.served === null && state.restoreProblems.length > 0);

const isInputHeld = (state: EngineState, found: readonly Diagnostic[]): boolean =>
  state.verdict?.isHeld === true || found.some((d) => d.severity === 'error');

/** Everything that is wrong, or doubtful, on disk and in what is accepted. */
function findings(state: EngineState): readonly Diagnostic[] {
  return [
    ...(state.verdict?.diagnostics ?? []),
    ...(state.materialVerdict?.diagnostics ?? []),
    ...(state.compiled?.heldMaterial ?? []),
    ...(state.disk?.documents === null ? [] : (state.disk?.problems ?? [])),
    // The warnings of held documents are part of the verdict; those of the accepted ones differ.
    ...(state.verdict?.isHeld === true ? [] : (state.compiled?.warnings ?? [])),
    ...(state.served === null ? state.restoreProblems : []),
    ...(state.retry === null ? [] : [state.retry.problem]),
    ...(state.scanProblem === null ? [] : [state.scanProblem]),
  ];
}

function distinct(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(found.map((d) => [formatDiagnostic(d), d])).values()];
}

function sameText(a: readonly Diagnostic[], b: readonly Diagnostic[]): boolean {
  return a.length === b.length && a.every((d, i) => isSameFinding(d, b[i]));
}

const isSameFinding = (a: Diagnostic, b: Diagnostic | undefined): boolean =>
  b !== undefined && formatDiagnostic(a) === formatDiagnostic(b);
