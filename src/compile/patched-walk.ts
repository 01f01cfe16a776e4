import type { DiagnosticCode, Origin } from '../base/index.ts';
import type { Schema } from '../schema/index.ts';
import { walk, type DraftInput, type Walked } from './draft.ts';
import type { Found } from './found.ts';
import { applyEdits } from './inspect/json.ts';
import type { Patched } from './patches.ts';

export interface WalkedLowered extends Walked {
  readonly input: DraftInput;
}

/** The walk over a message that helve spelled, with what patches say of it. */
export function walkLowered(
  schema: Schema,
  input: DraftInput,
  patched: Patched | null,
): WalkedLowered {
  if (patched === null) {
    const walked = walk(schema, input);
    // What helve itself writes is no finding about the user's text.
    const found = walked.found.filter(({ code }) => !OWN_CHOICES.has(code));
    return { ...walked, input, found };
  }
  const originAt: DraftInput['originAt'] = (pointer) =>
    patched.placeOf(pointer) ?? input.originAt(pointer);
  const whole = { ...input, value: patched.value, originAt };
  const first = walk(schema, whole);
  const found = [
    ...patched.found,
    ...judged(first.found, patched),
    ...filesIn(first.notes, patched),
  ];
  const { edits } = first.notes;
  if (edits.length === 0) return { ...first, input: whole, found };
  // Sources of configs become canonical, as those of raw resources do.
  const canonical = { ...whole, value: applyEdits(whole.value, edits) };
  return { ...walk(schema, canonical), input: canonical, found };
}

/** What helve may write, and users are told of where they do. */
const OWN_CHOICES: ReadonlySet<DiagnosticCode> = new Set(['ENVOY_UNSTABLE', 'SECRET_INLINE']);

/** Of these only those are told that a patch holds; secrets are errors there. */
export function judged(all: readonly Found[], patched: Patched): readonly Found[] {
  return all.flatMap((one): readonly Found[] => {
    if (!OWN_CHOICES.has(one.code)) return [one];
    if (!patched.isPatch(one.origin)) return [];
    if (one.code !== 'SECRET_INLINE') return [one];
    const message = one.message.replace(/; [^;]*$/, '; a patch holds no secrets: use kind: Secret');
    return [{ ...one, message, severity: 'error' }];
  });
}

/** Files on the Envoys' machines that a patch names: helve neither reads nor watches them. */
export const filesIn = (
  { files }: Pick<Walked['notes'], 'files'>,
  patched: Patched,
): readonly Found[] =>
  files.flatMap(({ filenamePointer }): readonly Found[] => {
    const origin = patched.placeOf(filenamePointer);
    return origin === null ? [] : [fileFinding(origin)];
  });

const fileFinding = (origin: Origin): Found => ({
  code: 'PATCH_CONFLICT',
  message: 'a patch names no files; use a Certificate, a Trust or a Secret, or a raw resource',
  origin,
  related: [],
});
