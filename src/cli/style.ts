import { styleText } from 'node:util';

/** How text is marked on a terminal; the identity where colours are off. */
export interface Style {
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export function styleOf(hasColors: boolean): Style {
  const mark = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    hasColors ? styleText(format, text, { validateStream: false }) : text;
  return {
    bad: mark('red'),
    warn: mark('yellow'),
    good: mark('green'),
    strong: mark('bold'),
    faint: mark('dim'),
  };
}
