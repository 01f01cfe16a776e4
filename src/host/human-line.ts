import { styleText } from 'node:util';
import { printable } from '../base/index.ts';

const PAINT = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const;

/** One line of the JSON log as people read it: `10:04:11 warn  text`. */
export function humanLine(line: string, hasColors: boolean): string {
  const { level, time, msg } = fieldsOf(line);
  const paint = PAINT[isLevel(level) ? level : 'info'];
  const shown = level.padEnd(5);
  const mark = hasColors ? styleText(paint, shown, { validateStream: false }) : shown;
  // Its own line breaks stay; what a node or an Envoy said must not steer the terminal.
  const text = msg.split('\n').map(printable).join('\n');
  return `${time.slice(11, 19)} ${mark} ${text}\n`;
}

const isLevel = (text: string): text is keyof typeof PAINT => text in PAINT;

function fieldsOf(line: string): { level: string; time: string; msg: string } {
  const value: unknown = JSON.parse(line);
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const text = (name: string): string => String(fields.get(name) ?? '');
  return { level: text('level'), time: text('time'), msg: text('msg') };
}
