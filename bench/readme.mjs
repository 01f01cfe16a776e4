// Puts the tables of a run into a page, between two marks.
import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- figures: written by `npm run bench -- --write` -->';
const END = '<!-- end of figures -->';

export function writeFigures(path, report) {
  const text = readFileSync(path, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${path} lacks the marks of its figures`);
  const before = text.slice(0, from + BEGIN.length);
  writeFileSync(path, `${before}\n\n${report}\n${text.slice(to)}`);
}
