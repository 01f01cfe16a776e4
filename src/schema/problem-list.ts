import { CATALOGUE, type DiagnosticCode } from '../base/index.ts';
import type { Place } from './place.ts';
import type { Problem } from './types.ts';

/** Collects the findings of one walk. Errors take the place of warnings where room runs out. */
export class ProblemList {
  readonly #max: number;
  readonly #errors: Problem[] = [];
  readonly #warnings: Problem[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get hasError(): boolean {
    return this.#errors.length > 0;
  }

  add(code: DiagnosticCode, place: Place, message: string): void {
    this.#push({ code, pointer: place.pointer, message });
  }

  addAtKey(code: DiagnosticCode, place: Place, message: string): void {
    this.#push({ code, pointer: place.pointer, message, isKey: true });
  }

  /** Errors first, each in the order of the walk. */
  finish(): readonly Problem[] {
    const room = Math.max(0, this.#max - this.#errors.length);
    return [...this.#errors, ...this.#warnings.slice(0, room)];
  }

  #push(problem: Problem): void {
    const list = CATALOGUE[problem.code].severity === 'error' ? this.#errors : this.#warnings;
    // At least one error is kept whatever the limit: without one, the bytes would look good.
    if (list.length < Math.max(1, this.#max)) list.push(problem);
  }
}
