import { folded, range, union } from './char-set.ts';
import type { Node } from './node.ts';
import { parsed } from './parse.ts';

/** What an expression may be in the middle of a longer text. */
export interface RegexReach {
  /** Whether it could take a character of ASCII at all. */
  takes(char: string): boolean;
  /** Whether it asks where the text begins or ends. */
  readonly isAnchored: boolean;
}

/** Null where the expression cannot be read. */
export function regexReach(expression: string): RegexReach | null {
  const whole = parsed(expression);
  if (whole === null) return null;
  return {
    takes: (char) => someNode(whole, (node) => takesChar(node, char.charCodeAt(0))),
    isAnchored: someNode(whole, isAnchor),
  };
}

const isAnchor = (node: Node): boolean =>
  node.kind === 'assert' && node.what !== 'word' && node.what !== 'noWord';

function takesChar(node: Node, code: number): boolean {
  switch (node.kind) {
    case 'any':
    case 'byte':
      return true;
    case 'set':
      return (node.set & range(code)) !== 0n;
    case 'text': {
      const set = union(...node.chars.map((char) => range(char)));
      return ((node.isFolded ? folded(set) : set) & range(code)) !== 0n;
    }
    case 'empty':
    case 'none':
    case 'assert':
    case 'capture':
    case 'concat':
    case 'either':
    case 'repeat':
      return false;
  }
}

function someNode(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true;
  switch (node.kind) {
    case 'capture':
    case 'repeat':
      return someNode(node.of, test);
    case 'concat':
    case 'either':
      return node.of.some((one) => someNode(one, test));
    default:
      return false;
  }
}
