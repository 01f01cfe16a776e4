import type { DiagnosticCode } from '../../base/index.ts';
import type { At, Report } from '../report.ts';
import { pointerTo } from '../yaml/pointer.ts';

export interface Listed {
  /** Equal texts are duplicates. */
  readonly text: string;
  readonly at: At;
}

/** Reports every entry whose text an earlier one has, with both places. True where all differ. */
export function reportDuplicates(
  report: Report,
  entries: readonly Listed[],
  words: { readonly code: DiagnosticCode; readonly what: string; readonly help: string },
): boolean {
  const first = new Map<string, At>();
  for (const { text, at } of entries) {
    const earlier = first.get(text);
    if (earlier === undefined) {
      first.set(text, at);
      continue;
    }
    const message = `${words.what} "${text}" stands here twice; ${words.help}`;
    report.error(words.code, at, message, { related: { message: 'first here', at: earlier } });
  }
  return first.size === entries.length;
}

/** Reports names that a list has twice. */
export function reportRepeated(names: readonly string[], pointer: string, report: Report): void {
  const entries = names.map((text, index) => ({
    text,
    at: { pointer: pointerTo(pointer, index) },
  }));
  const words = { code: 'SCHEMA_DUPLICATE', what: 'the name', help: 'remove one' } as const;
  reportDuplicates(report, entries, words);
}
