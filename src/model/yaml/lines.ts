import type { Span } from '../../base/index.ts';

/** Turns offsets (UTF-16 units from 0) of one text into lines and columns from 1. */
export interface LineTable {
  span(file: string, offset: number, endOffset?: number): Span;
}

/** A byte order mark takes no column. */
export function lineTable(text: string): LineTable {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return {
    span(file, offset, endOffset) {
      const line = lineOf(starts, offset);
      const at = { file, line: line + 1, col: columnOf(starts, line, offset) };
      if (endOffset === undefined || endOffset <= offset) return at;
      const endLine = lineOf(starts, endOffset);
      return { ...at, endLine: endLine + 1, endCol: columnOf(starts, endLine, endOffset) };
    },
  };
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function columnOf(starts: readonly number[], line: number, offset: number): number {
  return Math.max(0, offset - (starts[line] ?? 0)) + 1;
}
