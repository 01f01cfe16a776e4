import type { Visit } from '../../schema/index.ts';
import { decideWhoPasses } from './filters.ts';
import { subjectAt, type GrpcNote, type GrpcSide, type Notes } from './notes.ts';

/** gRPC refuses the resource for it, or what has it can never be taken. */
export const refused = (
  notes: Notes,
  pointer: string,
  words: string,
  side: GrpcSide | null = null,
): void => push(notes, { effect: 'refused', pointer, words, side });

/** gRPC goes on as if it were not there. */
export const ignored = (notes: Notes, pointer: string, words: string): void =>
  push(notes, { effect: 'ignored', pointer, words, side: null });

/** gRPC goes on without it, and lets in, or trusts, whom it was to keep out. */
export const open = (notes: Notes, pointer: string, words: string): void =>
  push(notes, { effect: 'open', pointer, words, side: null });

function push(notes: Notes, note: Omit<GrpcNote, 'subject'>): void {
  notes.grpc.push({ ...note, subject: subjectAt(notes, note.pointer) });
}

/** Fields that Envoy has a meaning for, and gRPC none. */
export function ignoredFields(visit: Visit, notes: Notes, fields: readonly string[]): void {
  for (const field of fields) {
    if (!isSet(visit, field)) continue;
    ignored(notes, visit.at(field), `gRPC ignores ${field}; remove it`);
  }
}

/** Fields for which gRPC refuses the resource. */
export function refusedFields(visit: Visit, notes: Notes, fields: readonly string[]): void {
  for (const field of fields) {
    if (!isSet(visit, field)) continue;
    refused(notes, visit.at(field), `gRPC refuses ${field}; remove it`);
  }
}

/** Given, and not as the default that an absent field has. */
export function isSet(visit: Visit, field: string): boolean {
  const value = visit.get(field);
  const isEmpty = Array.isArray(value) && value.length === 0;
  return value !== undefined && value !== false && value !== '' && value !== 0 && !isEmpty;
}

/** A config that gRPC passes over: of a filter that decides who may pass it is no small matter. */
export const passedOver = (type: string): typeof open => (decideWhoPasses([type]) ? open : ignored);
