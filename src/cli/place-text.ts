import { printable } from '../base/index.ts';
import type { OriginReport } from '../server/index.ts';

/** `routes/shop.yaml:44:7`. */
export const placeText = ({ file, line, column }: OriginReport): string =>
  `${printable(file)}:${line}:${column}`;
